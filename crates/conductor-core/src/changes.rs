//! What a batch of events changed: the rows to store.

use crate::{Cell, Datum, Run};

/// The rows of one observation that changed since the last time. Only these are written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// Cells to insert or update, each at its new `rev`.
    pub cells: Vec<Cell>,
    /// Data to insert, or to update (retracted).
    pub data: Vec<Datum>,
    /// Runs to insert or update.
    pub runs: Vec<Run>,
}

impl Changes {
    /// Whether there is nothing to store.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty() && self.data.is_empty() && self.runs.is_empty()
    }
}
