//! The states of a run, as the conductor sees it.

use serde::{Deserialize, Serialize};

/// Where a run is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RunState {
    /// Waits for a slot at its provider.
    Queued,
    /// Admitted: POSTed, or about to be.
    Requested,
    /// Its pipeline is at work.
    Running,
    /// Waits for the time of its next attempt.
    Retrying,
    /// Ended: its product is in the SDB.
    Succeeded,
    /// Ended: budget spent, or permanent.
    Failed,
    /// Ended on request.
    Cancelled,
    /// Ended before it was POSTed, since newer inputs arrived.
    Superseded,
}

impl RunState {
    /// All of them, from the first to the last that a run comes to.
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::Requested,
        Self::Running,
        Self::Retrying,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
        Self::Superseded,
    ];

    /// The word in the ledger and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Requested => "requested",
            Self::Running => "running",
            Self::Retrying => "retrying",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Superseded => "superseded",
        }
    }

    /// Whether nothing more is going to happen to it.
    pub fn is_ended(self) -> bool {
        matches!(
            self,
            Self::Succeeded | Self::Failed | Self::Cancelled | Self::Superseded
        )
    }

    /// Whether it occupies a slot at its provider.
    pub fn holds_slot(self) -> bool {
        matches!(self, Self::Requested | Self::Running)
    }
}

impl std::fmt::Display for RunState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
