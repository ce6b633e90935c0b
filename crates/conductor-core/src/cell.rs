//! Cells: product x observation.

use crate::record::is_default;
use crate::{Reason, Signature, Trigger};
use domain::{CellState, JsonObject, ProductName, Revision, RunId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The unit that is waiting, running, done or failed. Stored as a row of its own; a cell that is
/// `not_expected`, has never been anything else and was touched by no operator has no row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Its product.
    pub product: ProductName,
    /// Rises with each change that is stored.
    pub rev: u64,
    /// What it is doing.
    pub state: CellState,
    /// Since when.
    pub since: Timestamp,
    /// Why it is not `done`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reason: Option<Reason>,
    /// The newest datum, whether withdrawn or not.
    #[serde(default, skip_serializing_if = "is_default")]
    pub newest: Option<Revision>,
    /// The latest run.
    #[serde(default, skip_serializing_if = "is_default")]
    pub run_id: Option<RunId>,
    /// Rises with each operator retry or force, and when wanted inputs are those of an earlier ended run.
    #[serde(default, skip_serializing_if = "is_default")]
    pub generation: u32,
    /// Until when optional inputs in progress are waited for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub grace_until: Option<Timestamp>,
    /// Until when optional inputs that nobody makes yet are waited for; kept until the product is made, so
    /// that a newer input does not begin this wait again.
    #[serde(default, skip_serializing_if = "is_default")]
    pub optional_until: Option<Timestamp>,
    /// Until when repeats of its inputs are gathered before it is made again.
    #[serde(default, skip_serializing_if = "is_default")]
    pub repeats_until: Option<Timestamp>,
    /// Whether its publisher said that it will not come, and it did not.
    #[serde(default, skip_serializing_if = "is_default")]
    pub absent: bool,
    /// Whether all of it was withdrawn before any of it came, and none has come since.
    #[serde(default, skip_serializing_if = "is_default")]
    pub withdrawn: bool,
    /// A run that is wanted once the present one is over, or once it can be made: why.
    #[serde(default, skip_serializing_if = "is_default")]
    pub wanted: Option<Trigger>,
    /// Whether the wanted run does not wait for inputs (`force`).
    #[serde(default, skip_serializing_if = "is_default")]
    pub forced: bool,
    /// Parameters of the wanted run.
    #[serde(default, skip_serializing_if = "is_default")]
    pub params: Option<JsonObject>,
    /// Who gave it up: nothing starts before it is retried or requested, or its product comes all the same.
    #[serde(default, skip_serializing_if = "is_default")]
    pub cancelled: Option<Signature>,
    /// Who holds it: nothing new starts before it is released, retried or requested.
    #[serde(default, skip_serializing_if = "is_default")]
    pub held: Option<Signature>,
    /// What an operator raised its priority to.
    #[serde(default, skip_serializing_if = "is_default")]
    pub priority: Option<i32>,
}

impl Cell {
    /// A cell of which nothing is known yet.
    pub fn new(product: ProductName, now: Timestamp) -> Self {
        Self {
            product,
            rev: 0,
            state: CellState::NotExpected,
            since: now,
            reason: None,
            newest: None,
            run_id: None,
            generation: 0,
            grace_until: None,
            optional_until: None,
            repeats_until: None,
            absent: false,
            withdrawn: false,
            wanted: None,
            forced: false,
            params: None,
            cancelled: None,
            held: None,
            priority: None,
        }
    }
}
