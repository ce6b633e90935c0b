//! A run is reported on: by its pipeline, or by the SDB.

use crate::fault::{Failure, Fault};
use crate::observation::{Turn, stop};
use crate::vigil::{ANNOUNCEMENT_DELAY, ASK_AGAIN, UNREACHABLE_LIMIT, later};
use crate::{Command, Reason, Report, Run, Signature};
use domain::{Attempt, CellState, ProductName, RunId, RunState};

impl Turn<'_> {
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
                self.note_attempt(product, &Failure::new(Fault::Product, error));
                self.end_run(product, RunState::Succeeded);
                self.settle(product, None);
            }
            Report::Failed(error) => self.fail_attempt(product, Failure::new(Fault::Product, error)),
            Report::Cancelled if run.product_at.is_some() => {
                self.end_run(product, RunState::Succeeded);
                self.settle(product, None);
            }
            Report::Cancelled if run.is_foreign() => self.end_foreign(product),
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
            Report::Unknown => self.judge(product, &run, forgotten()),
            Report::Unreachable => {
                let vigil = &mut self.entry(product).vigil;
                vigil.unreachable += 1;
                vigil.ask_at = Some(later(now, ASK_AGAIN));
                if vigil.unreachable >= UNREACHABLE_LIMIT {
                    self.judge(product, &run, gone(&run));
                }
            }
            // Silence is `busy` until the deadline.
            Report::NotOffered => self.entry(product).vigil.ask_at = None,
        }
    }

    /// A run that was cancelled shows life: the word of it was lost, or came before its POST.
    pub(super) fn stop_again(
        &mut self,
        product: &ProductName,
        run_id: &RunId,
        attempt: Attempt,
        alias: Option<RunId>,
    ) {
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

    pub(super) fn on_running(&mut self, product: &ProductName, run: &Run) {
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
        vigil.verdict = Some(Failure::retriable("product-missing", Fault::Product, message));
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

    /// Before an attempt is judged, the SDB is asked whether its product is there after all.
    pub(crate) fn judge(&mut self, product: &ProductName, run: &Run, verdict: Failure) {
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
}

/// Who is there and does not know the run has lost it.
fn forgotten() -> Failure {
    Failure::retriable(
        "lost",
        Fault::Provider,
        "the provider does not know the run".into(),
    )
}

/// Who was at work and is gone may have gone with the work; who had not begun is just not there.
fn gone(run: &Run) -> Failure {
    let fault = if run.running_at.is_some() {
        Fault::Provider
    } else {
        Fault::Transport
    };
    let message = format!("the provider was not reached {UNREACHABLE_LIMIT} times in a row");
    Failure::retriable("lost", fault, message)
}

/// The attempt's time is over.
pub(super) fn timed_out() -> Failure {
    Failure::retriable("timeout", Fault::Provider, "the attempt's time is over".into())
}
