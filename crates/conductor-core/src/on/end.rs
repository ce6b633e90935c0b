//! An attempt is over, or the whole run: with its product, or without.

use crate::fault::Failure;
use crate::observation::Turn;
use crate::run::retry_delay;
use crate::vigil::{ASK_AGAIN, Vigil, later};
use crate::{Command, EndedAttempt, Reason, Run};
use domain::{Attempt, CellState, ErrorClass, ProductName, RunId, RunState};
use std::time::Duration;

/// How many ended attempts a run remembers: enough to see a pattern, bounded for `attempts` in the thousands.
const REMEMBERED_ATTEMPTS: usize = 20;

impl Turn<'_> {
    /// A stored version ends the run that it names, also one given up; unnamed, it ends the cell's only
    /// run under way. A pipeline that speaks will still say how the run itself ended.
    pub(crate) fn end_run_with_product(
        &mut self,
        product: &ProductName,
        named: Option<&RunId>,
        exported: bool,
    ) {
        let now = self.now;
        let entry = self.entry(product);
        if named.is_some_and(|named| entry.note_late_product(now, named)) {
            return;
        }
        let Some(run) = entry.run() else { return };
        let ours = match named {
            Some(named) => run.answers_to(named),
            None => exported && run.state.holds_slot(),
        };
        if !ours {
            return;
        }
        if run.state.is_ended() {
            entry.edit_run(|run| run.succeed_late(now));
            return;
        }
        let speaks_on = run.state.holds_slot() && entry.vigil.heard && !entry.vigil.succeeded;
        let made_from = entry.data().last().map(|datum| datum.made_from.clone());
        entry.edit_run(|run| {
            run.product_at = Some(now);
            // What somebody else gave it is known only now.
            if run.is_foreign() {
                run.inputs = made_from.unwrap_or_default();
            }
        });
        if !speaks_on {
            self.end_run(product, RunState::Succeeded);
        }
    }

    /// The attempt is over without a product: another one later, unless nothing is left to hope for, or the graph
    /// does not make it any more.
    pub(crate) fn fail_attempt(&mut self, product: &ProductName, failure: Failure) {
        self.note_attempt(product, &failure);
        let Some(run) = self.observation.run(product) else {
            return;
        };
        let is_permanent = failure.error.class == ErrorClass::Permanent;
        let is_wanted = self.recipe(product).is_some();
        if is_permanent || !is_wanted || run.is_foreign() || run.budget(failure.fault).is_spent() {
            self.fail_run(product);
        } else {
            self.try_later(product, failure);
        }
        self.settle(product, None);
    }

    fn fail_run(&mut self, product: &ProductName) {
        self.end_run(product, RunState::Failed);
        self.show_failed(product);
    }

    /// The cell says how its run failed.
    pub(super) fn show_failed(&mut self, product: &ProductName) {
        let now = self.now;
        let reason = self.observation.run(product).and_then(Run::why_failed);
        self.entry(product).set_state(now, CellState::Failed, reason);
    }

    fn try_later(&mut self, product: &ProductName, failure: Failure) {
        let Some(run) = self.observation.run(product).cloned() else {
            return;
        };
        let now = self.now;
        let full = self.backoff(product, run.failures.of(failure.fault));
        let retry_at = later(now, retry_delay(full, &run.run_id, run.attempt));
        self.commands.push(Command::Release {
            provider: run.provider,
            run_id: run.run_id,
        });
        let entry = self.entry(product);
        entry.edit_run(|run| {
            run.state = RunState::Retrying;
            // One of which the provider cannot have heard is made again.
            if failure.is_heard_of {
                run.attempt = run.attempt.next();
            }
            run.retry_at = Some(retry_at);
            run.deadline = None;
            if let Some(ended) = run.ended_attempts.last_mut() {
                ended.retry_at = Some(retry_at);
            }
        });
        let reason = Reason::AttemptFailed {
            error: failure.error,
            retry_at,
        };
        entry.set_state(now, CellState::Retrying, Some(reason));
    }

    /// An attempt without a product is counted, and kept with the run.
    pub(super) fn note_attempt(&mut self, product: &ProductName, failure: &Failure) {
        let now = self.now;
        self.entry(product).edit_run(|run| {
            run.failures.count(failure.fault);
            if run.ended_attempts.len() >= REMEMBERED_ATTEMPTS {
                run.ended_attempts.remove(0);
            }
            let (attempt, started_at) = (run.attempt, run.requested_at);
            run.ended_attempts.push(EndedAttempt {
                attempt,
                started_at,
                ended_at: now,
                error: failure.error.clone(),
                fault: failure.fault,
                retry_at: None,
            });
        });
    }

    /// Ends the run: a slot that it held is free, a place in a queue is given up.
    pub(crate) fn end_run(&mut self, product: &ProductName, state: RunState) {
        let now = self.now;
        let entry = self.entry(product);
        entry.vigil = Vigil::default();
        let Some(run) = entry.run() else { return };
        let (provider, run_id) = (run.provider.clone(), run.run_id.clone());
        if run.state.holds_slot() {
            self.commands.push(Command::Release { provider, run_id });
        } else if run.state == RunState::Queued {
            self.commands.push(Command::Withdraw { provider, run_id });
        }
        self.entry(product).edit_run(|run| {
            run.state = state;
            run.ended_at = Some(now);
            run.deadline = None;
            run.retry_at = None;
        });
    }

    /// The wait after so many failures.
    fn backoff(&self, product: &ProductName, failures: u32) -> Duration {
        self.recipe(product)
            .map_or(ASK_AGAIN, |recipe| recipe.backoff_after(Attempt(failures)))
    }
}
