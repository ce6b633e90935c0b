//! What follows from the rows and from the time, once for however many updates.

use super::{CellId, Dirty, Model, Part};
use jiff::{SignedDuration, Timestamp};

/// What only time changes is looked at so often.
const LOOK: SignedDuration = SignedDuration::from_secs(1);

/// Observations that are found to be late, or not any more, before one frame: where a thousand runs began in the same
/// second, the frame a minute later does not wait until all of them are in their places.
const LATE_AT_ONCE: usize = 128;

impl Model {
    /// Brings the lists up to date: to be called before a frame, and once a second. Forgets what is finished and old,
    /// and finds what has become late.
    pub fn settle(&mut self, now: Timestamp) -> Dirty {
        let is_due = |looked_at: Timestamp| now.duration_since(looked_at).abs() >= LOOK;
        let is_due = self.looked_at.is_none_or(is_due);
        self.lists.are_seen_anew |= is_due && self.seen.end(now);
        self.count_seen();
        let before = self.editions();
        if is_due {
            self.looked_at = Some(now);
            self.retain(now);
        }
        if is_due || self.is_behind {
            self.is_behind = !self.find_late(now);
        }
        self.follow();
        if self.editions() == before {
            return Dirty::default();
        }
        Dirty::of(Part::Observations)
    }

    /// Whether more has become late than was taken in at once: the next frame shows it.
    pub fn is_behind(&self) -> bool {
        self.is_behind
    }

    /// The problem after a cell (or before it), around the end; the first one from anywhere else.
    pub fn next_problem(&self, from: Option<&CellId>, is_forward: bool) -> Option<CellId> {
        let problems: Vec<CellId> = self.problems().collect();
        let place = from.and_then(|from| problems.iter().position(|cell| cell == from));
        let next = match (place, is_forward) {
            (Some(place), true) => (place + 1) % problems.len(),
            (Some(place), false) => (place + problems.len() - 1) % problems.len(),
            (None, _) => match from {
                // Of the observation under the cursor first: that is what the eye is at.
                Some(from) => problems
                    .iter()
                    .position(|cell| cell.obs_id == from.obs_id)
                    .unwrap_or(0),
                None => 0,
            },
        };
        problems.get(next).cloned()
    }

    /// Counts which failed cells somebody has seen: of the rows that are stale, or of all if others have been seen.
    fn count_seen(&mut self) {
        if self.lists.are_seen_anew {
            for row in self.rows.values_mut() {
                if row.count_seen(&self.seen, &self.texts) && !std::mem::replace(&mut row.is_stale, true) {
                    self.lists.is_stale(&row.obs_id);
                }
            }
            return;
        }
        for obs_id in self.lists.stale() {
            if let Some(row) = self.rows.get_mut(obs_id) {
                row.count_seen(&self.seen, &self.texts);
            }
        }
    }

    /// Says whether all of them were looked at.
    fn find_late(&mut self, now: Timestamp) -> bool {
        let Some(graph) = &self.graph else { return true };
        let mut others = 0;
        let expected: Vec<(u32, u64)> = self
            .places
            .numbers()
            .filter_map(|number| Some((number, graph.nodes()[self.places.place(number)?].expected?.p95_ms)))
            .collect();
        for row in self.rows.values_mut() {
            if row.counts.running() == 0 && row.late == 0 {
                continue;
            }
            if others == LATE_AT_ONCE {
                return false;
            }
            let (mut late, mut is_other) = (0, false);
            for (number, p95_ms) in &expected {
                let Some(cell) = row.cells.get_mut(*number as usize) else {
                    continue;
                };
                let is_late = cell.has_become_late(now, *p95_ms);
                is_other |= std::mem::replace(&mut cell.is_late, is_late) != is_late;
                late += u32::from(is_late);
            }
            is_other |= std::mem::replace(&mut row.late, late) != late;
            others += usize::from(is_other);
            if is_other && !std::mem::replace(&mut row.is_stale, true) {
                self.lists.is_stale(&row.obs_id);
            }
        }
        true
    }
}
