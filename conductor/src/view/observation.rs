//! One observation with all its cells.

use super::{Timing, cell};
use crate::ledger::ObservationRecord;
use api::conductor::{Cell as CellView, Counts, ObservationView};
use conductor_core::{Cell, Datum, Observation};
use domain::{CellState, ProductName};
use jiff::Timestamp;

/// An observation, with the row that a list shows of it.
pub fn observation(
    timing: Timing<'_>,
    record: &ObservationRecord,
    observation: &Observation,
) -> ObservationView {
    let cells = cells(timing, record.first_at, observation);
    let mut counts = Counts::new();
    for cell in &cells {
        *counts.entry(cell.state).or_default() += 1;
    }
    ObservationView {
        obs_id: record.obs_id.clone(),
        rev: record.rev,
        worst: worst(&counts),
        counts,
        burst_id: record.burst_id.clone(),
        cells,
    }
}

/// The cells: one per node of the graph in its order, inputs first, then those of products that the graph
/// does not know by name. One that has no row is `not_expected` since `first_at`, when the observation
/// began.
pub fn cells(timing: Timing<'_>, first_at: Timestamp, observation: &Observation) -> Vec<CellView> {
    let graph = timing.graph;
    let of_graph = graph.ids().map(|id| {
        let product = graph.name(id);
        match observation.cell(product) {
            Some(known) => shown(timing, observation, known),
            None => unseen(timing, first_at, observation, product),
        }
    });
    let foreign = observation
        .cells()
        .filter(|known| graph.id(&known.product).is_none());
    of_graph
        .chain(foreign.map(|known| shown(timing, observation, known)))
        .collect()
}

/// The state that most wants attention: the last in the order of [`CellState`], which is defined as that of
/// attention. From what needs nobody (`not_expected`, `done`) over what moves by itself to what needs
/// somebody (`held`, `failed`, `quarantined`).
pub fn worst(counts: &Counts) -> Option<CellState> {
    counts
        .iter()
        .rev()
        .find(|(_, cells)| **cells > 0)
        .map(|(state, _)| *state)
}

fn shown(timing: Timing<'_>, observation: &Observation, known: &Cell) -> CellView {
    let is_newest = |datum: &&Datum| Some(datum.revision) == known.newest;
    let newest = observation.data(&known.product).iter().find(is_newest);
    cell(timing, known, newest, observation.run(&known.product))
}

fn unseen(
    timing: Timing<'_>,
    first_at: Timestamp,
    observation: &Observation,
    product: &ProductName,
) -> CellView {
    let (state, reason) = observation.outlook(timing.graph, product);
    let recipe = timing.recipe(product);
    CellView {
        product: product.clone(),
        rev: 0,
        state,
        reason: reason.map(|reason| reason.to_string()),
        since: first_at,
        revision: None,
        version: None,
        run_id: None,
        attempt: None,
        attempts: None,
        retry_at: None,
        blocked_by: Vec::new(),
        trigger: None,
        provider: recipe.map(|recipe| recipe.provider.clone()),
        expected: timing.of_product(product),
        late: false,
        eta: None,
        missing: Vec::new(),
        fingerprint: None,
        acknowledged: None,
    }
}
