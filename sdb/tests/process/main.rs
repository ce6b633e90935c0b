//! The program as a process: killed, starved, watched by strace, and without NATS.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod crash;
mod disk;
mod kill;
mod nats;
mod program;
mod start;
mod sync;
mod transfer;
