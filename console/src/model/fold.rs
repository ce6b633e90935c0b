//! An update, taken in.

use super::events::Said;
use super::{Dirty, Mark, Model, Part, Update, cell, observation};
use domain::ObsId;
use jiff::Timestamp;
use std::sync::Arc;

impl Model {
    /// Takes an update in, at the time at which it came.
    pub fn fold(&mut self, now: Timestamp, update: Update) -> Dirty {
        self.sequence += 1;
        match update {
            Update::Activity(activity) => self.hear(now, *activity),
            Update::Data(source, announcement) => self.announced(now, &source, &announcement),
            Update::Unreadable(subject, reason) => self.unreadable(now, &subject, &reason),
            Update::Trouble(text) => {
                self.note(now, Said::trouble(text));
                Dirty::of(Part::Events)
            }
            Update::Lost(messages, _) => {
                self.counters.lose(messages);
                Dirty::of(Part::Links)
            }
            Update::Link(peer, state) => {
                let is_news = self.links.fold(now, peer, state);
                if is_news {
                    Dirty::of(Part::Links)
                } else {
                    Dirty::default()
                }
            }
            Update::Snapshot(part) => self.join(now, part),
            Update::Outcome(outcome) => {
                self.details.ended(*outcome);
                Dirty::of(Part::Outcome)
            }
            Update::Answer(answer) => {
                self.counters.heard(now);
                self.details.answered(now, *answer);
                Dirty::of(Part::Details)
            }
        }
    }

    /// The sequence of the update that is being taken in.
    pub(super) fn this(&self) -> Mark {
        Mark(self.sequence)
    }

    /// The row of an observation, made at its first mention. What it adds to the lists is looked at anew.
    pub(super) fn row_mut(&mut self, now: Timestamp, obs_id: &ObsId) -> &mut observation::Row {
        if !self.rows.contains_key(obs_id) {
            let obs_id = Arc::new(obs_id.clone());
            let row = observation::Row::new(Arc::clone(&obs_id), now);
            self.rows.insert(obs_id, row);
        }
        let row = self
            .rows
            .get_mut(obs_id)
            .expect("it was inserted just now if it was not there");
        if !std::mem::replace(&mut row.is_stale, true) {
            self.lists.is_stale(&row.obs_id);
        }
        row
    }

    /// Writes what is said of a cell, and keeps the counts true. Says whether anything is different.
    pub(super) fn write(
        &mut self,
        now: Timestamp,
        obs_id: &ObsId,
        product: u32,
        news: &cell::News<'_>,
    ) -> bool {
        let sequence = self.sequence;
        self.row_mut(now, obs_id);
        let Self {
            rows,
            texts,
            totals,
            degraded,
            ..
        } = self;
        let Some(row) = rows.get_mut(obs_id) else {
            return false;
        };
        let cell = row.cell_mut(product);
        let before = *cell;
        let is_other = cell.write(news, texts);
        let is_other_cause = row.failed_for(product, news.fingerprint, texts);
        if !is_other && !is_other_cause {
            return false;
        }
        let cell = row.cell_mut(product);
        // Whether it is late and when it will be there may be known better without anything having happened.
        let has_changed = (cell.rev, cell.state) != (before.rev, before.state);
        if has_changed {
            cell.changed = sequence;
        }
        let after = *cell;
        if has_changed {
            row.changed = sequence;
        }
        *degraded = *degraded + usize::from(after.is_degraded) - usize::from(before.is_degraded);
        if row.is_counted_by_cell() {
            row.moved(before, after, totals);
        }
        true
    }

    /// Forgets an observation.
    pub(super) fn forget(&mut self, obs_id: &ObsId) {
        let Some(row) = self.rows.remove(obs_id) else {
            return;
        };
        self.totals.subtract(&row.counts);
        for cell in &row.cells {
            self.degraded -= usize::from(cell.is_degraded);
            cell.release(&mut self.texts);
        }
        for cause in row.causes.values() {
            self.texts.release(*cause);
        }
        self.leave(&row.obs_id, row.share);
    }
}
