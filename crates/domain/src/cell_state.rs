//! The states of a cell.

use serde::{Deserialize, Serialize};

/// What a cell (product x observation) is doing; the meaning of each is in `docs/protocol.md`.
///
/// The order is that of attention: a later state is worse, and the worst of an observation's cells is
/// what a list of observations shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CellState {
    /// Outside of the closure: with what is there, it cannot be made.
    NotExpected,
    /// The SDB exports it.
    Done,
    /// An input or a foreign product, announced from elsewhere than the SDB.
    Received,
    /// Done, but a newer input exists.
    Stale,
    /// Withdrawn.
    Retracted,
    /// Given up by an operator.
    Cancelled,
    /// In the closure, but a mandatory input is not available yet.
    Waiting,
    /// Mandatory inputs there, others in progress or awaited until a time.
    Grace,
    /// Ready, but its provider is busy or at its limit.
    Queued,
    /// POSTed.
    Requested,
    /// Being made.
    Running,
    /// The next attempt is at a time.
    Retrying,
    /// Held by an operator or by a paused provider.
    Held,
    /// Budget spent, or permanent.
    Failed,
    /// Its event could not be decided and was put aside.
    Quarantined,
}

impl CellState {
    /// Every state, in the order of attention.
    pub const ALL: [Self; 15] = [
        Self::NotExpected,
        Self::Done,
        Self::Received,
        Self::Stale,
        Self::Retracted,
        Self::Cancelled,
        Self::Waiting,
        Self::Grace,
        Self::Queued,
        Self::Requested,
        Self::Running,
        Self::Retrying,
        Self::Held,
        Self::Failed,
        Self::Quarantined,
    ];

    /// The word on the wire and on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotExpected => "not_expected",
            Self::Done => "done",
            Self::Received => "received",
            Self::Stale => "stale",
            Self::Retracted => "retracted",
            Self::Cancelled => "cancelled",
            Self::Waiting => "waiting",
            Self::Grace => "grace",
            Self::Queued => "queued",
            Self::Requested => "requested",
            Self::Running => "running",
            Self::Retrying => "retrying",
            Self::Held => "held",
            Self::Failed => "failed",
            Self::Quarantined => "quarantined",
        }
    }

    /// Whether dependants can be made from it.
    pub fn is_available(self) -> bool {
        matches!(self, Self::Done | Self::Received | Self::Stale)
    }

    /// Whether it is being made or about to be: active, or in grace.
    pub fn is_in_progress(self) -> bool {
        self == Self::Grace || self.is_active()
    }

    /// Whether a run of it is on its way: queued, requested, running or between two attempts.
    pub fn is_active(self) -> bool {
        matches!(
            self,
            Self::Queued | Self::Requested | Self::Running | Self::Retrying
        )
    }
}

impl std::fmt::Display for CellState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text that is no state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no state of a cell; the states are not_expected, waiting, grace, held, queued, requested, running, retrying, done, received, stale, failed, cancelled, retracted, quarantined"
)]
pub struct CellStateError(String);

impl std::str::FromStr for CellState {
    type Err = CellStateError;

    fn from_str(text: &str) -> Result<Self, CellStateError> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| CellStateError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_the_same_in_json_and_in_text() {
        for state in CellState::ALL {
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{state}\""));
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert!(CellState::ALL.is_sorted());
    }
}
