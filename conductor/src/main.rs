//! The conductor: listens, decides, dispatches, traces.
fn main() {}
