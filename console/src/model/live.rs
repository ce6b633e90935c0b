//! What is said on NATS.

use super::events::Said;
use super::services::News;
use super::{Dirty, Failure, FailureId, Model, Part, cell};
use domain::{
    Activity, Announcement, CellActivity, CellState, OperatorActivity, ProcessingActivity, ProcessingState,
    ServiceName, StatusActivity,
};
use jiff::Timestamp;

/// The audit's word for that somebody has seen something.
const ACKNOWLEDGE: &str = "acknowledge";

impl Model {
    /// `activity.*`.
    pub(super) fn hear(&mut self, now: Timestamp, activity: Activity) -> Dirty {
        if is_of_canary(&activity) {
            return Dirty::default();
        }
        self.counters.message(now);
        let said = Said::from(&activity);
        let mut dirty = match activity {
            Activity::Status(status) => return self.hear_status(now, &status),
            Activity::Cell(cell) => {
                let dirty = self.hear_cell(now, &cell);
                if dirty.is_clean() {
                    return dirty;
                }
                dirty
            }
            Activity::Processing(run) => {
                let dirty = self.hear_run(&run);
                if run.state == ProcessingState::Running {
                    return dirty;
                }
                dirty
            }
            Activity::Provider(provider) => {
                let is_said_again = self.providers.has_heard(&provider);
                let dirty = self.providers.hear(now, provider);
                if is_said_again {
                    return dirty;
                }
                dirty
            }
            Activity::Alert(alert) => self.alerts.hear(now, alert),
            Activity::Operator(act) => self.hear_act(&act),
            Activity::Rejected(_) => Dirty::default(),
        };
        self.note(now, said);
        dirty.touch(Part::Events);
        dirty
    }

    /// `data.*`.
    pub(super) fn announced(
        &mut self,
        now: Timestamp,
        source: &ServiceName,
        announcement: &Announcement,
    ) -> Dirty {
        if announcement.obs_id.is_canary() {
            return Dirty::default();
        }
        self.counters.message(now);
        self.sources.heard(now, source, announcement);
        let mut dirty = Dirty::of(Part::Events);
        if let Some(burst_id) = &announcement.burst_id
            && let Some(row) = self.rows.get_mut(&announcement.obs_id)
            && row.burst_id.is_none()
        {
            row.burst_id = Some(burst_id.clone());
            dirty.touch(Part::Observations);
        }
        self.note(now, Said::announced(source, announcement));
        dirty
    }

    pub(super) fn unreadable(&mut self, now: Timestamp, subject: &str, reason: &str) -> Dirty {
        self.counters.message(now);
        self.counters.unread();
        self.note(now, Said::unreadable(subject, reason));
        Dirty::of(Part::Events)
    }

    fn hear_status(&mut self, now: Timestamp, status: &StatusActivity) -> Dirty {
        match self.services.heard(now, status) {
            News::None => Dirty::default(),
            News::Work => Dirty::of(Part::Services),
            News::State => {
                self.note(now, Said::status(status));
                let mut dirty = Dirty::of(Part::Services);
                dirty.touch(Part::Events);
                dirty
            }
        }
    }

    fn hear_cell(&mut self, now: Timestamp, said: &CellActivity) -> Dirty {
        let mut dirty = Dirty::default();
        let Some(product) = self.products.intern(&said.product) else {
            return dirty;
        };
        let sequence = self.this().0;
        let is_cause_open = self.is_cause_open(said);
        let row = self.row_mut(now, &said.obs_id);
        row.heard = sequence;
        row.updated_at = row.updated_at.max(said.since);
        row.first_at = Some(
            row.first_at
                .map_or(said.since, |first_at| first_at.min(said.since)),
        );
        let known = row.cell_mut(product).rev;
        if (!row.is_known || said.rev > known + 1 || is_cause_open) && row.is_to_be_asked_for(now) {
            dirty.wants.push(said.obs_id.clone());
        }
        if said.rev < known || (said.rev == known && known > 0) {
            return dirty;
        }
        if self.write(now, &said.obs_id, product, &cell::News::from(said)) {
            dirty.touch(Part::Observations);
        }
        dirty
    }

    /// Whether it failed for a cause of which the conductor has told nothing yet: what it is, and who has seen it.
    fn is_cause_open(&self, said: &CellActivity) -> bool {
        let is_told = |fingerprint: &str| {
            let id = FailureId::Fingerprint(fingerprint.into());
            self.seen.by(fingerprint).is_some() || self.failure(&id).is_some()
        };
        said.state == CellState::Failed && !said.fingerprint.as_deref().is_some_and(is_told)
    }

    /// What somebody has seen is known of the cells that failed for it.
    fn hear_act(&mut self, act: &OperatorActivity) -> Dirty {
        let mut dirty = Dirty::default();
        if act.verb == ACKNOWLEDGE {
            let failure = self.failure(&FailureId::Fingerprint(act.target.as_str().into()));
            let newest = failure.and_then(Failure::newest_cell);
            dirty.wants.extend(newest.map(|cell| cell.obs_id));
        }
        dirty
    }

    fn hear_run(&mut self, said: &ProcessingActivity) -> Dirty {
        let Some(progress) = said.progress else {
            return Dirty::default();
        };
        let Some(product) = self.products.number(&said.product) else {
            return Dirty::default();
        };
        let Some(row) = self.rows.get_mut(&said.obs_id) else {
            return Dirty::default();
        };
        let cell = row.cell_mut(product);
        let is_further = cell.goes_on(said.run_id.as_str(), said.attempt, progress, &self.texts);
        if is_further && cell.state != CellState::NotExpected {
            return Dirty::of(Part::Observations);
        }
        Dirty::default()
    }
}

/// Whether it is about the conductor's own run through the loop, which no screen shows.
fn is_of_canary(activity: &Activity) -> bool {
    match activity {
        Activity::Processing(run) => run.obs_id.is_canary(),
        Activity::Cell(cell) => cell.obs_id.is_canary(),
        Activity::Status(_)
        | Activity::Provider(_)
        | Activity::Alert(_)
        | Activity::Operator(_)
        | Activity::Rejected(_) => false,
    }
}
