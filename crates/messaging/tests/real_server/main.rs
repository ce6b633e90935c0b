//! The crate against a real nats-server: what it makes there, and what happens when that dies.
#![expect(clippy::unwrap_used, reason = "this is a test, its shared functions too")]

mod connecting;
mod consuming;
mod publishing;
mod streams;
mod support;
