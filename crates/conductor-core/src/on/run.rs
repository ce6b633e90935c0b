//! A run is admitted, answered, reported on, and ends.

use crate::observation::{Turn, ask, stop};
use crate::run::retry_delay;
use crate::vigil::{ANNOUNCEMENT_DELAY, ASK_AGAIN, UNREACHABLE_LIMIT, Vigil, later};
use crate::{Answer, Command, EndedAttempt, Reason, Report, Run, Signature};
use domain::{Attempt, CellState, ErrorClass, ProcessingError, ProductName, RunId, RunState};
use product_graph::DEFAULT_TIMEOUT;
use std::time::Duration;

/// How many ended attempts a run remembers: enough to see a pattern, bounded for `attempts` in the thousands.
const REMEMBERED_ATTEMPTS: usize = 20;

impl Turn<'_> {
    pub(crate) fn on_admitted(&mut self, product: &ProductName, run_id: &RunId) {
        let now = self.now;
        let deadline = later(now, self.timeout(product));
        let entry = self.entry(product);
        let waits = |run: &&Run| run.run_id == *run_id && run.state == RunState::Queued;
        let Some(run) = entry.open_run().filter(waits).filter(|_| !entry.is_held()) else {
            return;
        };
        let provider = run.provider.clone();
        entry.edit_run(|run| {
            run.state = RunState::Requested;
            run.requested_at = Some(now);
            run.deadline = Some(deadline);
        });
        entry.vigil = Vigil::begin(now);
        entry.set_state(now, CellState::Requested, Some(Reason::Posted { provider }));
        if let Some(run) = self.observation.run(product) {
            let order = self.observation.order(run);
            self.commands.push(Command::Post(Box::new(order)));
        }
        self.settle(product, None);
    }

    pub(crate) fn on_answered(
        &mut self,
        product: &ProductName,
        run_id: &RunId,
        attempt: Attempt,
        answer: Answer,
    ) {
        let Some(run) = self.attempt_under_way(product, run_id, attempt) else {
            if let Answer::Accepted { alias } = answer {
                self.stop_again(product, run_id, attempt, alias);
            }
            return;
        };
        let requested = run.state == RunState::Requested;
        match answer {
            Answer::Accepted { alias } => {
                if alias.is_some() && run.alias != alias {
                    self.entry(product).edit_run(|run| run.alias = alias);
                }
            }
            Answer::Busy { retry_after } if requested => self.requeue(product, &run, retry_after),
            Answer::Refused(error) | Answer::Faulty(error) if requested => self.fail_attempt(product, error),
            Answer::Unreachable(message) if requested => {
                self.fail_attempt(product, retriable("unreachable", message));
            }
            Answer::StaleAttempt => self.commands.push(ask(&run)),
            // The pipeline said meanwhile that it is at work: a POST that was repeated and went wrong proves
            // nothing against that.
            Answer::Busy { .. } | Answer::Refused(_) | Answer::Faulty(_) | Answer::Unreachable(_) => {}
        }
    }

    pub(crate) fn on_reported(
        &mut self,
        product: &ProductName,
        run_id: &RunId,
        attempt: Attempt,
        report: Report,
    ) {
        let Some(run) = self.attempt_under_way(product, run_id, attempt) else {
            if matches!(report, Report::Alive | Report::Running) {
                self.stop_again(product, run_id, attempt, None);
            }
            return;
        };
        let now = self.now;
        match report {
            Report::Alive => self.entry(product).vigil.hear(now),
            Report::Running => self.on_running(product, &run),
            Report::Succeeded { .. } => self.on_succeeded(product, &run),
            Report::Failed(error) if run.product_at.is_some() => {
                self.note_attempt(product, error);
                self.end_run(product, RunState::Succeeded);
                self.settle(product, None);
            }
            Report::Failed(error) => self.fail_attempt(product, error),
            Report::Cancelled if run.product_at.is_some() => {
                self.end_run(product, RunState::Succeeded);
                self.settle(product, None);
            }
            Report::Cancelled => {
                self.end_run(product, RunState::Cancelled);
                let by = run.provider.to_string();
                self.give_up(
                    product,
                    Signature {
                        by,
                        note: None,
                        at: now,
                    },
                );
                self.settle(product, None);
            }
            Report::Unknown => self.judge(
                product,
                &run,
                retriable("lost", "the provider does not know the run".into()),
            ),
            Report::Unreachable => {
                let vigil = &mut self.entry(product).vigil;
                vigil.unreachable += 1;
                vigil.ask_at = Some(later(now, ASK_AGAIN));
                if vigil.unreachable >= UNREACHABLE_LIMIT {
                    let message = format!("the provider was not reached {UNREACHABLE_LIMIT} times in a row");
                    self.judge(product, &run, retriable("lost", message));
                }
            }
            // Silence is `busy` until the deadline.
            Report::NotOffered => self.entry(product).vigil.ask_at = None,
        }
    }

    /// A run that was cancelled shows life: the word of it was lost, or came before its POST.
    fn stop_again(&mut self, product: &ProductName, run_id: &RunId, attempt: Attempt, alias: Option<RunId>) {
        let of = |run: &&Run| run.answers_to(run_id) && run.attempt == attempt;
        let Some(run) = self.observation.run(product).filter(of) else {
            return;
        };
        if run.state != RunState::Cancelled || run.product_at.is_some() {
            return;
        }
        if alias.is_some() && run.alias != alias {
            self.entry(product).edit_run(|run| run.alias = alias);
        }
        self.commands.extend(self.observation.run(product).map(stop));
    }

    fn on_running(&mut self, product: &ProductName, run: &Run) {
        let now = self.now;
        let deadline = later(now, self.timeout(product));
        let entry = self.entry(product);
        entry.vigil.hear(now);
        if run.state == RunState::Requested {
            entry.edit_run(|run| {
                run.state = RunState::Running;
                run.running_at = Some(now);
                run.deadline = Some(deadline);
            });
            if entry.cell().state == CellState::Requested {
                let provider = run.provider.clone();
                entry.set_state(now, CellState::Running, Some(Reason::AtWork { provider }));
            }
        }
    }

    /// A success is only a word until the SDB has the product.
    fn on_succeeded(&mut self, product: &ProductName, run: &Run) {
        if run.product_at.is_some() {
            self.end_run(product, RunState::Succeeded);
            self.settle(product, None);
            return;
        }
        let ask_sdb_at = later(self.now, ANNOUNCEMENT_DELAY);
        let vigil = &mut self.entry(product).vigil;
        vigil.heard = true;
        vigil.succeeded = true;
        vigil.ask_at = None;
        vigil.ask_sdb_at = Some(ask_sdb_at);
        let message = "the pipeline said that it succeeded, but the SDB has no product of this run".into();
        vigil.verdict = Some(retriable("product-missing", message));
    }

    pub(crate) fn on_sdb_asked(&mut self, product: &ProductName, run_id: &RunId, reached: bool) {
        let now = self.now;
        let Some(run) = self
            .observation
            .run(product)
            .filter(|run| run.run_id == *run_id && run.state.holds_slot())
        else {
            return;
        };
        if run.product_at.is_some() {
            self.end_run(product, RunState::Succeeded);
            self.settle(product, None);
            return;
        }
        if !reached {
            self.entry(product).vigil.ask_sdb_at = Some(later(now, ASK_AGAIN));
            return;
        }
        if let Some(verdict) = self.entry(product).vigil.verdict.take() {
            self.fail_attempt(product, verdict);
        }
    }

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
        let Some(run) = entry.run() else { return };
        let ours = match named {
            Some(named) => run.answers_to(named),
            None => exported && run.state.holds_slot(),
        };
        if !ours {
            return;
        }
        let speaks_on = run.state.holds_slot() && entry.vigil.heard && !entry.vigil.succeeded;
        entry.edit_run(|run| run.product_at = Some(now));
        if !speaks_on {
            self.end_run(product, RunState::Succeeded);
        }
    }

    /// Before an attempt is judged, the SDB is asked whether its product is there after all.
    pub(crate) fn judge(&mut self, product: &ProductName, run: &Run, verdict: ProcessingError) {
        let again = later(self.now, ASK_AGAIN);
        let vigil = &mut self.entry(product).vigil;
        vigil.verdict = Some(verdict);
        vigil.ask_at = None;
        vigil.ask_sdb_at = Some(again);
        self.commands.push(Command::AskSdb {
            product: product.clone(),
            run_id: run.run_id.clone(),
        });
    }

    /// The provider asked for time: the run waits again, and the attempt is not counted. An input that came
    /// meanwhile replaces it.
    fn requeue(&mut self, product: &ProductName, run: &Run, retry_after: Duration) {
        let until = later(self.now, retry_after);
        let (provider, run_id) = (run.provider.clone(), run.run_id.clone());
        self.commands.push(Command::Busy {
            provider,
            run_id,
            until,
        });
        self.enqueue(product);
        self.settle(product, None);
    }

    /// The open run waits in its provider's queue.
    pub(crate) fn enqueue(&mut self, product: &ProductName) {
        let now = self.now;
        let entry = self.entry(product);
        entry.edit_run(|run| {
            run.state = RunState::Queued;
            run.requested_at = None;
            run.running_at = None;
            run.retry_at = None;
            run.deadline = None;
        });
        let Some(provider) = entry.run().map(|run| run.provider.clone()) else {
            return;
        };
        entry.set_state(now, CellState::Queued, Some(Reason::ProviderBusy { provider }));
        self.push_want(product);
    }

    /// Puts the run into its provider's queue, or where it belongs there.
    pub(crate) fn push_want(&mut self, product: &ProductName) {
        if let Some(run) = self.observation.run(product) {
            self.commands
                .push(Command::Enqueue(self.observation.want(self.graph, run)));
        }
    }

    /// The attempt is over without a product: another one later, or none.
    pub(crate) fn fail_attempt(&mut self, product: &ProductName, error: ProcessingError) {
        let now = self.now;
        let Some(run) = self.observation.run(product).cloned() else {
            return;
        };
        self.note_attempt(product, error.clone());
        if error.class == ErrorClass::Permanent || run.attempt.0 >= run.attempts {
            self.end_run(product, RunState::Failed);
            let reason = Reason::Failed {
                error,
                attempts: run.attempt.0,
            };
            self.entry(product)
                .set_state(now, CellState::Failed, Some(reason));
        } else {
            let retry_at = later(
                now,
                retry_delay(self.backoff(product, run.attempt), &run.run_id, run.attempt),
            );
            self.commands.push(Command::Release {
                provider: run.provider,
                run_id: run.run_id,
            });
            let entry = self.entry(product);
            entry.edit_run(|run| {
                run.state = RunState::Retrying;
                run.attempt = run.attempt.next();
                run.retry_at = Some(retry_at);
                if let Some(ended) = run.ended_attempts.last_mut() {
                    ended.retry_at = Some(retry_at);
                }
                run.deadline = None;
            });
            entry.set_state(
                now,
                CellState::Retrying,
                Some(Reason::AttemptFailed { error, retry_at }),
            );
        }
        self.settle(product, None);
    }

    fn note_attempt(&mut self, product: &ProductName, error: ProcessingError) {
        let now = self.now;
        self.entry(product).edit_run(|run| {
            if run.ended_attempts.len() >= REMEMBERED_ATTEMPTS {
                run.ended_attempts.remove(0);
            }
            let (attempt, started_at) = (run.attempt, run.requested_at);
            run.ended_attempts.push(EndedAttempt {
                attempt,
                started_at,
                ended_at: now,
                error,
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

    /// The run, if this attempt of it holds a slot; a late word of another attempt is not about it.
    fn attempt_under_way(&self, product: &ProductName, run_id: &RunId, attempt: Attempt) -> Option<Run> {
        let run = self.observation.run(product)?;
        (run.answers_to(run_id) && run.attempt == attempt && run.state.holds_slot()).then(|| run.clone())
    }

    fn timeout(&self, product: &ProductName) -> Duration {
        self.recipe(product)
            .map_or(DEFAULT_TIMEOUT, |recipe| recipe.timeout)
    }

    fn backoff(&self, product: &ProductName, attempt: Attempt) -> Duration {
        self.recipe(product)
            .map_or(ASK_AGAIN, |recipe| recipe.backoff_after(attempt))
    }
}

fn retriable(code: &str, message: String) -> ProcessingError {
    ProcessingError {
        class: ErrorClass::Retriable,
        code: code.into(),
        message,
    }
}

/// The attempt's time is over.
pub(crate) fn timed_out() -> ProcessingError {
    retriable("timeout", "the attempt's time is over".into())
}
