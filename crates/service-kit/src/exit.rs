//! The exit codes of every program, so that scripts can tell them apart.

/// All went well, or the program was asked to stop and did.
pub const OK: u8 = 0;
/// Something failed; standard error says what.
pub const FAILURE: u8 = 1;
/// The command line is wrong (clap's own code).
pub const USAGE: u8 = 2;
/// The configuration or the graph is wrong: `EX_USAGE` of BSD's `sysexits.h`, as linkerd has it.
pub const BAD_CONFIG: u8 = 64;
