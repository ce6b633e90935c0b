//! What an operator can do to a cell.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A command of an operator about one cell. What each does in each state is a table in `docs/verbs.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Start what failed, was cancelled or is held, with a run of its own.
    Retry,
    /// Give the cell up: nothing starts before it is retried or requested.
    Cancel,
    /// Let nothing new start until it is released; a run that is with its provider goes on.
    Hold,
    /// Go on where it was held.
    Release,
    /// Let a ready cell of an `approve` product begin, from the inputs that it has now.
    Approve,
    /// Wait no longer for optional inputs.
    EndGrace,
    /// Wait so much longer for optional inputs.
    ExtendGrace {
        /// How much.
        by: Duration,
    },
    /// Let the cell, and everything that still has to be made for it, pass others at their providers.
    Raise {
        /// Higher first; one that is higher already stays.
        priority: i32,
    },
}

impl std::fmt::Display for Verb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Retry => "retry",
            Self::Cancel => "cancel",
            Self::Hold => "hold",
            Self::Release => "release",
            Self::Approve => "approve",
            Self::EndGrace => "end grace",
            Self::ExtendGrace { .. } => "extend grace",
            Self::Raise { .. } => "raise",
        })
    }
}

/// Who did something to a cell, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Who.
    pub by: String,
    /// Why.
    pub note: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl std::fmt::Display for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&signed(&self.by, self.note.as_ref()))
    }
}

/// Who, and why: `ops (shift 2)`.
pub(crate) fn signed(by: &str, note: Option<&String>) -> String {
    match note {
        Some(note) => format!("{by} ({note})"),
        None => by.to_owned(),
    }
}
