//! Which observations most want attention.

use super::{Model, observation};
use domain::{CellState, ObsId};
use jiff::Timestamp;
use std::cmp::Reverse;

/// More attention is less in this order, so that it stands first.
type Place<'m> = (
    Reverse<bool>,
    Reverse<bool>,
    Reverse<Option<CellState>>,
    Reverse<Timestamp>,
    &'m ObsId,
);

/// What nobody has seen yet, then what is late, then the worst, then the newest; equal ones by id, so that nothing
/// moves without a reason.
fn place(row: &observation::Row) -> Place<'_> {
    (
        Reverse(row.wants_attention()),
        Reverse(row.late > 0),
        Reverse(row.counts.worst()),
        // Not the last change: what is at work would change places all the time.
        Reverse(row.first_at.unwrap_or(row.updated_at)),
        &row.obs_id,
    )
}

impl Model {
    pub(super) fn sorted_by_attention(&self) -> Vec<ObsId> {
        let mut rows: Vec<&observation::Row> = self.rows.values().collect();
        rows.sort_by_cached_key(|row| place(row));
        rows.into_iter().map(|row| row.obs_id.clone()).collect()
    }
}
