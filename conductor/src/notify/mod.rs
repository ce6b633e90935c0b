//! Telling a human: `--notify-webhook` and `--notify-command`.
//!
//! What is to be told waits in the ledger, so a restart loses nothing of it; only what a ledger does not take, since
//! its disk is full, is told before. And each bell is a task of its own
//! that tells one notice after the other: one that nobody answers delays no other, and no cell.

mod bell;
mod command;
mod ringer;

pub(crate) use bell::Bell;
pub(crate) use ringer::{Ringer, Sink};
