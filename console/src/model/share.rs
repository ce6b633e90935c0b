//! What an observation adds to the lists of the screen: made anew only when something was heard of it.

use super::{CellRef, Model, Observation};
use domain::CellState;
use jiff::Timestamp;

/// What stands first among what is with its provider. A provider takes much more than it works at, and what only waits
/// there must not hide what runs.
pub(super) type Urgency = (bool, bool, Timestamp);

/// The cells of an observation that stand in a list, by the numbers of their products.
#[derive(Debug, Clone, Default)]
pub(super) struct Share {
    /// Those that are with their providers.
    pub(super) running: Vec<(Urgency, u32)>,
    /// Those that failed or were put aside, in the order of the graph.
    pub(super) problems: Vec<Problem>,
}

/// A cell that failed or was put aside.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    pub(super) product: u32,
    /// The products that cannot be made because of it.
    pub(super) blocks: Vec<u32>,
}

impl Share {
    fn of(observation: Observation<'_>) -> Self {
        let mut share = Self::default();
        for cell in observation.cells() {
            if cell.row.is_running() {
                share.running.push((urgency(cell), cell.product));
            }
            if cell.is_problem() {
                share.problems.push(Problem {
                    product: cell.product,
                    blocks: cell.blocked().collect(),
                });
            }
        }
        share
    }
}

impl Model {
    /// Makes the shares that are not true any more.
    pub(super) fn make_shares(&mut self) {
        let stale = self.rows.values().filter(|row| row.share.is_none());
        let made: Vec<_> = stale
            .map(|row| (row.obs_id.clone(), Share::of(Observation::new(self, row))))
            .collect();
        for (obs_id, share) in made {
            if let Some(row) = self.rows.get_mut(&obs_id) {
                row.share = Some(share);
            }
        }
    }
}

fn urgency(cell: CellRef<'_>) -> Urgency {
    (cell.state() != CellState::Running, !cell.is_late(), cell.since())
}
