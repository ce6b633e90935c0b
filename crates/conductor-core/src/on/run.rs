//! A run is admitted and sent, and its provider answers.

use crate::fault::{Failure, Fault};
use crate::observation::{Turn, ask};
use crate::vigil::{Vigil, later};
use crate::{Answer, Command, Reason, Run};
use domain::{Attempt, CellState, ProductName, RunId, RunState};
use product_graph::DEFAULT_TIMEOUT;
use std::time::Duration;

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
            Answer::Refused(error) | Answer::Faulty(error) if requested => {
                self.fail_attempt(product, Failure::new(Fault::Provider, error));
            }
            Answer::Unreachable(message) if requested => {
                self.fail_attempt(product, Failure::unreachable(message));
            }
            Answer::StaleAttempt => self.commands.push(ask(&run)),
            // The pipeline said meanwhile that it is at work: a POST that was repeated and went wrong proves
            // nothing against that.
            Answer::Busy { .. } | Answer::Refused(_) | Answer::Faulty(_) | Answer::Unreachable(_) => {}
        }
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

    /// The run, if this attempt of it holds a slot; a late word of another attempt is not about it.
    pub(super) fn attempt_under_way(
        &self,
        product: &ProductName,
        run_id: &RunId,
        attempt: Attempt,
    ) -> Option<Run> {
        let run = self.observation.run(product)?;
        (run.answers_to(run_id) && run.attempt == attempt && run.state.holds_slot()).then(|| run.clone())
    }

    pub(super) fn timeout(&self, product: &ProductName) -> Duration {
        self.recipe(product)
            .map_or(DEFAULT_TIMEOUT, |recipe| recipe.timeout)
    }
}
