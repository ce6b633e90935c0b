//! What the conductor's snapshot says, joined with what was heard meanwhile.

use super::places::Places;
use super::{Cause, Dirty, Graph, Model, Part, Snapshot, cell};
use api::conductor::{GraphView, ObservationItem, ObservationView};
use domain::{CellState, ObsId};
use jiff::Timestamp;

impl Model {
    /// Takes in a part of a snapshot.
    pub(super) fn join(&mut self, now: Timestamp, part: Snapshot) -> Dirty {
        if !matches!(part, Snapshot::Begin(_) | Snapshot::Failed(_)) {
            self.counters.heard(now);
        }
        match part {
            Snapshot::Begin(cause) => self.begin(cause),
            Snapshot::Graph(view) => self.take_graph(&view),
            Snapshot::Listed(items) => {
                for item in items {
                    self.list(now, item);
                }
                Dirty::of(Part::Observations)
            }
            Snapshot::Observation(view) => self.take(now, &view, Some(self.links.sync.began)),
            Snapshot::Single(view) => self.take(now, &view, None),
            Snapshot::Unknown(obs_id) => {
                let began = self.links.sync.began;
                if self.rows.get(&obs_id).is_some_and(|row| row.heard < began) {
                    self.forget(&obs_id);
                }
                Dirty::of(Part::Observations)
            }
            Snapshot::Providers(board) => self.providers.replace(board),
            Snapshot::End => self.end(now),
            Snapshot::Failed(error) => {
                self.links.sync.running = None;
                self.links.sync.error = Some(error);
                Dirty::of(Part::Links)
            }
        }
    }

    fn begin(&mut self, cause: Cause) -> Dirty {
        let sequence = self.this().0;
        let sync = &mut self.links.sync;
        sync.running = Some(cause);
        sync.began = sequence;
        Dirty::of(Part::Links)
    }

    fn take_graph(&mut self, view: &GraphView) -> Dirty {
        let graph = Graph::new(view);
        // Expected times change without the document.
        if self.graph.as_ref() == Some(&graph) {
            return Dirty::default();
        }
        self.places = Places::new(&graph, &mut self.products);
        self.graph = Some(graph);
        // What a product blocks and who makes it may be another.
        for row in self.rows.values_mut() {
            if !std::mem::replace(&mut row.is_stale, true) {
                self.lists.is_stale(&row.obs_id);
            }
        }
        let mut dirty = Dirty::of(Part::Graph);
        dirty.touch(Part::Observations);
        dirty
    }

    fn list(&mut self, now: Timestamp, item: ObservationItem) {
        let began = self.links.sync.began;
        let row = self.row_mut(now, &item.obs_id);
        row.listed = began;
        row.burst_id = item.burst_id.map(Into::into).or_else(|| row.burst_id.take());
        row.first_at = item.first_at.or(row.first_at);
        row.updated_at = match item.updated_at {
            Some(updated_at) if row.heard > began => row.updated_at.max(updated_at),
            updated_at => updated_at.unwrap_or(row.updated_at),
        };
        if !row.is_known {
            let before = row.counts;
            row.counts = super::Counts::default();
            for (state, cells) in item.counts {
                if state != CellState::NotExpected {
                    row.counts.set(state, u32::try_from(cells).unwrap_or(u32::MAX));
                }
            }
            let after = row.counts;
            self.totals.subtract(&before);
            self.totals.add(&after);
        }
    }

    /// Takes in the cells of an observation; `began` is that of the resync that it belongs to.
    fn take(&mut self, now: Timestamp, view: &ObservationView, began: Option<u64>) -> Dirty {
        let row = self.row_mut(now, &view.obs_id);
        row.listed = row.listed.max(began.unwrap_or_default());
        if let Some(burst_id) = &view.burst_id {
            row.burst_id = Some(burst_id.into());
        }
        let mut brought = vec![false; row.cells.len()];
        for cell in &view.cells {
            let Some(product) = self.products.intern(&cell.product) else {
                continue;
            };
            if let Some(is_brought) = brought.get_mut(product as usize) {
                *is_brought = true;
            }
            let known = self.rows.get_mut(&view.obs_id).map(|row| *row.cell_mut(product));
            if known.is_some_and(|known| is_newer(&known, cell.rev, began)) {
                continue;
            }
            self.write(now, &view.obs_id, product, &cell::News::from(cell));
            if let Some(fingerprint) = &cell.fingerprint
                && self.seen.told(fingerprint, cell.acknowledged.as_ref())
            {
                self.lists.are_seen_anew = true;
            }
        }
        for (product, _) in brought.iter().enumerate().filter(|(_, is_brought)| !**is_brought) {
            self.clear(now, &view.obs_id, product, began);
        }
        self.finish(&view.obs_id);
        Dirty::of(Part::Observations)
    }

    /// A cell that the snapshot lacks is not there, unless something was said of it since the snapshot began.
    fn clear(&mut self, now: Timestamp, obs_id: &ObsId, product: usize, began: Option<u64>) {
        let Ok(product) = u32::try_from(product) else {
            return;
        };
        let known = self.rows.get_mut(obs_id).map(|row| *row.cell_mut(product));
        if began.is_none()
            || known.is_none_or(|known| known.state == CellState::NotExpected && known.rev == 0)
        {
            return;
        }
        if known.is_some_and(|known| is_newer(&known, 0, began)) {
            return;
        }
        self.write(now, obs_id, product, &cell::News::nothing());
    }

    /// The cells of an observation are known from now on.
    fn finish(&mut self, obs_id: &ObsId) {
        let Some(row) = self.rows.get_mut(obs_id) else {
            return;
        };
        if !std::mem::replace(&mut row.is_known, true) {
            self.totals.subtract(&row.counts);
            row.recount();
            self.totals.add(&row.counts);
        }
    }

    fn end(&mut self, now: Timestamp) -> Dirty {
        let gone: Vec<ObsId> = self
            .rows
            .keys()
            .filter(|obs_id| self.is_old_news(obs_id))
            .map(|obs_id| ObsId::clone(obs_id))
            .collect();
        for obs_id in gone {
            self.forget(&obs_id);
        }
        let sync = &mut self.links.sync;
        sync.running = None;
        sync.error = None;
        sync.at = Some(now);
        sync.count += 1;
        let mut dirty = Dirty::of(Part::Links);
        dirty.touch(Part::Observations);
        dirty
    }

    /// Whether the resync under way did not bring an observation and nobody has spoken of it since it began.
    fn is_old_news(&self, obs_id: &ObsId) -> bool {
        let began = self.links.sync.began;
        self.rows
            .get(obs_id)
            .is_some_and(|row| row.listed < began && row.heard < began)
    }
}

/// Whether what is known of a cell is newer than what was asked for.
///
/// Mostly its `rev` says it. But a ledger that was lost begins at 1 again: in a resync (`began`) a higher `rev` is
/// newer only if it came after the resync began, since whatever was committed before is in what it brings.
fn is_newer(known: &cell::Row, rev: u64, began: Option<u64>) -> bool {
    known.rev > rev && began.is_none_or(|began| known.changed > began)
}
