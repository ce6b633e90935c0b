//! What the conductor keeps of a scenario's observation.

use conductor_core::{Cell, Datum, Observation, Run};
use domain::{ProductName, RunId};
use std::collections::BTreeMap;

/// Everything that was ever stored.
#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) cells: BTreeMap<ProductName, Cell>,
    pub(crate) data: BTreeMap<(ProductName, u64), Datum>,
    pub(crate) runs: BTreeMap<RunId, Run>,
}

impl Ledger {
    pub(crate) fn store(&mut self, observation: &mut Observation) {
        let changes = observation.take_changes();
        let cells = changes.cells.into_iter();
        self.cells.extend(cells.map(|cell| (cell.product.clone(), cell)));
        let data = changes.data.into_iter();
        self.data
            .extend(data.map(|datum| ((datum.product.clone(), datum.revision.0), datum)));
        let runs = changes.runs.into_iter();
        self.runs.extend(runs.map(|run| (run.run_id.clone(), run)));
    }
}
