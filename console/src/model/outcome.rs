//! What came of an act.

use super::CellId;
use api::conductor::{TouchedCell, Why};
use domain::RunId;
use serde::{Deserialize, Serialize};

/// An act of this console; also the stem of its `Idempotency-Key`s.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ActId(pub String);

/// What came of an act. Nothing is shown as done before this, and a cell changes only by the conductor's word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Which act.
    pub act: ActId,
    /// What it was: `retry`, `pause`.
    pub verb: String,
    /// Whether it only looked what it would do.
    pub dry_run: bool,
    /// The cells that it touched, or would touch.
    pub touched: Vec<TouchedCell>,
    /// The run that was started by hand.
    pub run_id: Option<RunId>,
    /// What came of it as a whole.
    pub ending: Ending,
    /// What was answered, for a person.
    #[serde(default)]
    pub said: Option<String>,
    /// Why a product by hand was refused, where the conductor tells it.
    #[serde(default)]
    pub why: Option<Why>,
    /// What went wrong, cell by cell where it was about cells.
    pub problems: Vec<(Option<CellId>, String)>,
}

/// What came of it as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// All of it was accepted.
    Accepted,
    /// Some of it was refused, `problems` says what and why.
    Partly,
    /// None of it was accepted.
    Refused,
    /// Nobody answered in time: it may have been done or not.
    NoAnswer,
}
