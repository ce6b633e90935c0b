//! What follows from the rows: the lists of the screen, made once for however many updates.

use super::{CellId, Dirty, Failure, Model, Observation, Part, failures};
use domain::{ObsId, ProductName};
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
                let is_late = cell.is_running() && (cell.is_late || elapsed > i128::from(*p95_ms));
                if std::mem::replace(&mut cell.is_late, is_late) != is_late {
                    row.share = None;
                }
                late += u32::from(is_late);
            }
            self.lists.are_stale |= row.share.is_none() || late != row.late;
            row.late = late;
        }
    }

    fn make_lists(&mut self) {
        self.make_shares();
        let attention = self.sorted_by_attention();
        let mut problems = Vec::new();
        let mut running = Vec::new();
        for obs_id in &attention {
            let Some((row, share)) = self
                .rows
                .get(obs_id)
                .and_then(|row| Some((row, row.share.as_ref()?)))
            else {
                continue;
            };
            let observation = Observation::new(self, row);
            for problem in &share.problems {
                problems.push((observation.at(problem.product), problem));
            }
            for (urgency, product) in &share.running {
                running.push((*urgency, obs_id, self.products.name(*product)));
            }
        }
        running.sort_unstable();
        let id = |obs_id: &ObsId, product: &ProductName| CellId {
            obs_id: obs_id.clone(),
            product: product.clone(),
        };
        let running = running
            .into_iter()
            .map(|(_, obs_id, product)| id(obs_id, product))
            .collect();
        let failures = failures::grouped(self, &problems);
        let problems = problems.iter().map(|(cell, _)| cell.id()).collect();
        self.lists.attention = attention;
        self.lists.running = running;
        self.lists.problems = problems;
        self.lists.failures = failures;
    }
}
