//! The mission database: import, export, announce.
fn main() {}
