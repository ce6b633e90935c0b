//! What may be forgotten: the conductor and the SDB have it all.

use super::{Model, observation};
use domain::ObsId;
use jiff::{SignedDuration, Timestamp};
use std::cmp::Reverse;

/// A finished observation is kept for so long after its last change.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(48);
/// More observations than this are kept only while they are not finished.
pub const MAX_OBSERVATIONS: usize = 2000;

impl Model {
    /// Forgets finished observations that are old, or that are more than can be kept: those first that changed first.
    pub(super) fn retain(&mut self, now: Timestamp) {
        let is_old = |row: &observation::Row| now.duration_since(row.updated_at) > KEPT_FOR;
        let finished = || self.rows.values().filter(|row| is_finished(row));
        let mut gone: Vec<ObsId> = finished()
            .filter(|row| is_old(row))
            .map(|row| ObsId::clone(&row.obs_id))
            .collect();
        if self.rows.len() - gone.len() > MAX_OBSERVATIONS {
            let mut kept: Vec<(Reverse<Timestamp>, &ObsId)> = finished()
                .filter(|row| !is_old(row))
                .map(|row| (Reverse(row.updated_at), &*row.obs_id))
                .collect();
            kept.sort();
            let room = MAX_OBSERVATIONS.saturating_sub(self.rows.len() - gone.len() - kept.len());
            gone.extend(kept.into_iter().skip(room).map(|(_, obs_id)| obs_id.clone()));
        }
        for obs_id in gone {
            self.forget(&obs_id);
        }
    }
}

/// Whether nothing more is to come of it, and nobody needs to look at it.
fn is_finished(row: &observation::Row) -> bool {
    row.counts.open() == 0 && row.counts.of(domain::CellState::Held) == 0 && !row.wants_attention()
}
