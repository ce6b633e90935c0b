//! All that is known of one observation, to be looked up.

use crate::ledger::History;
use conductor_core::{Cell, Datum, Run};
use domain::{InputRef, ProductName, RunId};
use std::collections::BTreeMap;

/// The rows of an observation by what names them.
#[derive(Debug)]
pub(super) struct Records<'a> {
    history: &'a History,
    cells: BTreeMap<&'a ProductName, &'a Cell>,
    runs: BTreeMap<&'a RunId, &'a Run>,
}

impl<'a> Records<'a> {
    pub(super) fn new(history: &'a History) -> Self {
        let aliases = |run: &'a Run| run.alias.iter().map(move |alias| (alias, run));
        // Our own ids come last: an alias is a provider's word, and may be anything.
        let runs = history.runs.iter().flat_map(aliases);
        let runs = runs.chain(history.runs.iter().map(|run| (&run.run_id, run)));
        Self {
            history,
            cells: history.cells.iter().map(|cell| (&cell.product, cell)).collect(),
            runs: runs.collect(),
        }
    }

    /// The first datum of all.
    pub(super) fn first(&self) -> Option<&'a Datum> {
        self.history.data.iter().min_by_key(|datum| datum.at)
    }

    pub(super) fn cell(&self, product: &ProductName) -> Option<&'a Cell> {
        self.cells.get(product).copied()
    }

    /// The newest datum of a cell, unless it is withdrawn.
    pub(super) fn available(&self, cell: &Cell) -> Option<&'a Datum> {
        let of_cell = |datum: &&Datum| datum.product == cell.product && Some(datum.revision) == cell.newest;
        let newest = self.history.data.iter().find(of_cell);
        newest.filter(|datum| !datum.retracted)
    }

    /// The datum that a run was given.
    pub(super) fn given(&self, input: &InputRef) -> Option<&'a Datum> {
        let is_it = |datum: &&Datum| datum.product == input.product && Some(datum.revision) == input.revision;
        self.history.data.iter().find(is_it)
    }

    pub(super) fn run(&self, run_id: &RunId) -> Option<&'a Run> {
        self.runs.get(run_id).copied()
    }

    /// The run that made a datum. One that names none is of the run that it ended.
    pub(super) fn maker(&self, datum: &Datum) -> Option<&'a Run> {
        if let Some(run_id) = &datum.run_id {
            return self.run(run_id);
        }
        let ended_by_it = |run: &&Run| run.product == datum.product && run.product_at == Some(datum.at);
        self.history.runs.iter().find(ended_by_it)
    }

    /// The other runs of a run's cell that were decided before it, in order.
    pub(super) fn before(&self, run: &'a Run) -> Vec<&'a Run> {
        let earlier = |other: &&Run| {
            other.product == run.product && other.run_id != run.run_id && other.queued_at <= run.queued_at
        };
        let mut before: Vec<&Run> = self.history.runs.iter().filter(earlier).collect();
        before.sort_by_key(|other| other.queued_at);
        before
    }
}
