//! Calling a human: what stands, what is new of it, and who is told.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod book;
mod cells;
mod report;
