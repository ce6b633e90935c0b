//! How each program of a stage is.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a program is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not started yet.
    Waiting,
    /// Runs, and is not ready yet.
    Starting,
    /// Has been ready.
    Ready,
    /// Ended by itself, or was killed.
    Dead,
    /// Ended because the stage asked it to.
    Stopped,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Waiting => "waiting",
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::Dead => "dead",
            Self::Stopped => "stopped",
        })
    }
}

/// One line of `just status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The program.
    pub name: String,
    /// Its process, while it has one.
    pub pid: Option<u32>,
    /// Where it is in its life.
    pub state: State,
    /// How it ended, if it did.
    pub ending: Option<String>,
    /// Where it is reached.
    pub url: String,
    /// How long it has been in this state, in seconds.
    pub seconds: u64,
    /// How often it was started again.
    pub restarts: u32,
}
