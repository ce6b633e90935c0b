//! The operator console, for now its headless verbs.
fn main() {}
