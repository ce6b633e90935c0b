//! What follows from the rows: the lists of the screen, made once for however many updates.

use super::{CellId, Dirty, Failure, Model, Part, failures};
use domain::{CellState, ObsId};
use jiff::{SignedDuration, Timestamp};

/// What only time changes is looked at so often.
const LOOK: SignedDuration = SignedDuration::from_secs(1);

/// The lists, as they were made last.
#[derive(Debug, Clone, Default)]
pub(super) struct Lists {
    /// Whether a row has changed since.
    pub(super) are_stale: bool,
    looked_at: Option<Timestamp>,
    attention: Vec<ObsId>,
    running: Vec<CellId>,
    problems: Vec<CellId>,
    failures: Vec<Failure>,
}

impl Model {
    /// Brings the lists up to date: to be called before a frame, and once a second. Forgets what is finished and old,
    /// and finds what has become late.
    pub fn settle(&mut self, now: Timestamp) -> Dirty {
        let mut dirty = Dirty::default();
        let is_due = |looked_at: Timestamp| now.duration_since(looked_at).abs() >= LOOK;
        let is_due = self.lists.looked_at.is_none_or(is_due);
        self.lists.are_stale |= is_due && self.seen.end(now);
        if self.lists.are_stale {
            self.count_seen();
        }
        if is_due {
            self.lists.looked_at = Some(now);
            self.retain(now);
            self.find_late(now);
        }
        if std::mem::take(&mut self.lists.are_stale) {
            self.make_lists();
            dirty.touch(Part::Observations);
        }
        dirty
    }

    /// The observations, those that most want attention first.
    pub fn by_attention(&self) -> &[ObsId] {
        &self.lists.attention
    }

    /// The cells that are with their providers: what runs before what was only sent, in each the late ones first, then
    /// those that began first.
    pub fn running(&self) -> &[CellId] {
        &self.lists.running
    }

    /// The cells that failed or were put aside, in the order of [`Model::by_attention`] and of the graph.
    pub fn problems(&self) -> &[CellId] {
        &self.lists.problems
    }

    /// What failed, by cause: what nobody has seen first, then the newest.
    pub fn failures(&self) -> &[Failure] {
        &self.lists.failures
    }

    /// The problem after a cell (or before it), around the end; the first one from anywhere else.
    pub fn next_problem(&self, from: Option<&CellId>, is_forward: bool) -> Option<&CellId> {
        let problems = self.problems();
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
        problems.get(next)
    }

    fn count_seen(&mut self) {
        for row in self.rows.values_mut() {
            row.count_seen(&self.seen, &self.texts);
        }
    }

    fn find_late(&mut self, now: Timestamp) {
        let Some(graph) = &self.graph else { return };
        let expected: Vec<(u32, u64)> = self
            .places
            .numbers()
            .filter_map(|number| Some((number, graph.nodes()[self.places.place(number)?].expected?.p95_ms)))
            .collect();
        for row in self.rows.values_mut() {
            if row.counts.running() == 0 && row.late == 0 {
                continue;
            }
            let mut late = 0;
            for (number, p95_ms) in &expected {
                let Some(cell) = row.cells.get_mut(*number as usize) else {
                    continue;
                };
                let elapsed = now.duration_since(cell.since()).as_millis();
                cell.is_late = cell.is_running() && (cell.is_late || elapsed > i128::from(*p95_ms));
                late += u32::from(cell.is_late);
            }
            self.lists.are_stale |= late != row.late;
            row.late = late;
        }
    }

    fn make_lists(&mut self) {
        let attention = self.sorted_by_attention();
        let mut problems = Vec::new();
        let mut running = Vec::new();
        for obs_id in &attention {
            let Some(observation) = self.observation(obs_id) else {
                continue;
            };
            let counts = observation.counts();
            if counts.problems() > 0 {
                problems.extend(
                    observation
                        .cells()
                        .filter(|cell| cell.is_problem())
                        .map(super::CellRef::id),
                );
            }
            if counts.running() > 0 {
                let cells = observation.cells().filter(|cell| cell.row.is_running());
                running.extend(cells.map(|cell| (urgency(cell), cell.id())));
            }
        }
        running.sort();
        self.lists.failures = failures::grouped(self, &problems);
        self.lists.running = running.into_iter().map(|(_, cell)| cell).collect();
        self.lists.problems = problems;
        self.lists.attention = attention;
    }
}

/// What stands first among what is with its provider. A provider takes much more than it works at, and what only waits
/// there must not hide what runs.
fn urgency(cell: super::CellRef<'_>) -> (bool, bool, Timestamp) {
    (cell.state() != CellState::Running, !cell.is_late(), cell.since())
}
