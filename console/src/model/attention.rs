//! Which observations most want attention.

use super::observation;
use domain::{CellState, ObsId};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::sync::Arc;

/// Where an observation stands. More attention is less in this order, so that it stands first: what nobody has seen
/// yet, then what is late, then the worst, then the newest; equal ones by id, so that nothing moves without a reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    wants_attention: Reverse<bool>,
    is_late: Reverse<bool>,
    worst: Reverse<Option<CellState>>,
    /// Not the last change: what is at work would change places all the time.
    first_at: Reverse<Timestamp>,
    pub(super) obs_id: Arc<ObsId>,
}

impl Place {
    pub(super) fn of(row: &observation::Row) -> Self {
        Self {
            wants_attention: Reverse(row.wants_attention()),
            is_late: Reverse(row.late > 0),
            worst: Reverse(row.counts.worst()),
            first_at: Reverse(row.first_at.unwrap_or(row.updated_at)),
            obs_id: Arc::clone(&row.obs_id),
        }
    }
}
