//! A ledger in memory, and the death of a conductor.

use crate::world::World;
use conductor_core::{Cell, Datum, Observation, Run};
use std::collections::BTreeMap;

/// Everything the ledger has, kept as the shell would.
#[derive(Default)]
pub(crate) struct Ledger {
    cells: BTreeMap<String, Cell>,
    data: BTreeMap<(String, u64), Datum>,
    pub(crate) runs: BTreeMap<String, Run>,
}

impl Ledger {
    pub(crate) fn store(&mut self, observation: &mut Observation) {
        let changes = observation.take_changes();
        let cells = changes.cells.into_iter();
        self.cells
            .extend(cells.map(|cell| (cell.product.to_string(), cell)));
        let key = |datum: &Datum| (datum.product.to_string(), datum.revision.0);
        self.data
            .extend(changes.data.into_iter().map(|datum| (key(&datum), datum)));
        self.runs
            .extend(changes.runs.into_iter().map(|run| (run.run_id.to_string(), run)));
    }

    /// The conductor dies and comes back with what is here.
    pub(crate) fn crash(&self, world: &mut World) {
        let cells = self.cells.values().cloned().collect();
        let data = self.data.values().cloned().collect();
        let runs = self.runs.values().cloned().collect();
        world.restart(Observation::restore(
            "42".parse().unwrap(),
            world.now,
            cells,
            data,
            runs,
        ));
    }
}
