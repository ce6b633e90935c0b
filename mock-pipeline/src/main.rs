//! Any product, in one to five seconds, failing with a probability; and the misbehaviours that tests need.
fn main() {}
