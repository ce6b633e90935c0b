//! A run that somebody else started: it was POSTed straight to a pipeline, and is heard of by the pipeline's word.
//!
//! It is watched like ours and is in the way of ours, but is never POSTed by us, and what we wanted before is wanted
//! still when it is over.

use crate::decide::Decision;
use crate::entry::Entry;
use crate::fault::{Failure, Fault};
use crate::observation::{Turn, stop};
use crate::run::derive_foreign_id;
use crate::vigil::{Vigil, later};
use crate::{Command, Failures, Reason, Report, Run, Trigger};
use domain::{Attempt, CellState, ProductName, RunId, RunState};
use product_graph::{Recipe, RequestForm};

impl Turn<'_> {
    /// The provider of a product says by itself that it has a run of it.
    pub(crate) fn on_overheard(
        &mut self,
        product: &ProductName,
        run_id: &RunId,
        attempt: Attempt,
        at_work: bool,
    ) {
        let Some(recipe) = self.recipe(product) else {
            return;
        };
        if self.is_anonymous(product, recipe) {
            self.entry(product)
                .edit_run(|run| run.alias = Some(run_id.clone()));
        }
        let foreign_id = derive_foreign_id(self.observation.obs_id(), &recipe.provider, product, run_id);
        let entry = self.observation.entries.get(product);
        let run = entry.and_then(Entry::run);
        let past = entry.and_then(|entry| entry.past_run(run_id).or_else(|| entry.past_run(&foreign_id)));
        match run.filter(|run| run.answers_to(run_id)) {
            Some(run) if run.is_foreign() && run.attempt < attempt => {
                self.start_again(product, attempt, at_work);
            }
            Some(run) if run.state == RunState::Cancelled || at_work => {
                let report = if at_work { Report::Running } else { Report::Alive };
                self.on_reported(product, run_id, attempt, report);
            }
            // That it is accepted says no more than the answer to its POST did.
            Some(_) => {}
            None if past.is_some() => {
                // One that was cancelled, and goes on: the word of it was lost.
                let goes_on = |run: &&Run| run.state == RunState::Cancelled && run.product_at.is_none();
                self.commands.extend(past.filter(goes_on).map(stop));
            }
            None if run.is_some_and(|run| run.state.holds_slot()) => {}
            None => {
                let run = self.foreign_run(product, recipe, (foreign_id, run_id), attempt);
                self.adopt(product, recipe, run, at_work);
            }
        }
    }

    /// Whether the cell's run is with a provider that was told no id of it and has not told its own: then what it
    /// says of this cell is about that run.
    fn is_anonymous(&self, product: &ProductName, recipe: &Recipe) -> bool {
        let provider = self.graph.provider(&recipe.provider);
        let is_told = provider.is_none_or(|provider| provider.request == RequestForm::Full);
        let run = self.observation.run(product);
        !is_told && run.is_some_and(|run| run.state.holds_slot() && run.alias.is_none())
    }

    /// What is known of the run: it has what was there when it was first heard of. Another provider's run may have
    /// the same id, so it gets one of its own.
    fn foreign_run(
        &self,
        product: &ProductName,
        recipe: &Recipe,
        (run_id, heard_as): (RunId, &RunId),
        attempt: Attempt,
    ) -> Run {
        let now = self.now;
        let (inputs, missing) = self.view().inputs_now(product);
        let is_given_up = self.view().decide(product, recipe, now) == Decision::GivenUp;
        let cell = self.observation.cell(product);
        let is_of_it = |made: &&crate::Datum| made.run_id.as_ref() == Some(heard_as);
        let made = self.observation.data(product).iter().find(is_of_it);
        Run {
            run_id,
            alias: Some(heard_as.clone()),
            product: product.clone(),
            provider: recipe.provider.clone(),
            inputs,
            missing,
            params: None,
            generation: cell.map_or(0, |cell| cell.generation),
            trigger: Trigger::Foreign {
                provider: recipe.provider.clone(),
                after_failure: is_given_up && cell.is_none_or(|cell| cell.cancelled.is_none()),
            },
            state: RunState::Requested,
            attempt,
            attempts: 1,
            failures: Failures::default(),
            held: Vec::new(),
            queued_at: now,
            requested_at: Some(now),
            running_at: None,
            product_at: made.map(|made| made.at),
            ended_at: None,
            given_up: None,
            deadline: None,
            retry_at: None,
            ended_attempts: Vec::new(),
        }
    }

    /// The run takes the cell. One of ours that waits is not wanted now; who asked for it still does.
    fn adopt(&mut self, product: &ProductName, recipe: &Recipe, run: Run, at_work: bool) {
        self.replace_run(product, recipe, None);
        self.entry(product).begin_run(run);
        self.occupy(product, at_work);
    }

    /// Whoever started it did so again.
    fn start_again(&mut self, product: &ProductName, attempt: Attempt, at_work: bool) {
        let now = self.now;
        self.entry(product).edit_run(|run| {
            run.attempt = attempt;
            run.state = RunState::Requested;
            run.requested_at = Some(now);
            run.running_at = None;
            run.ended_at = None;
        });
        self.occupy(product, at_work);
    }

    /// Whoever started it ended it, or somebody else did. That says nothing of what we want.
    pub(super) fn end_foreign(&mut self, product: &ProductName) {
        self.end_run(product, RunState::Cancelled);
        let entry = self.entry(product);
        if entry.run().is_some_and(Run::leaves_failed) {
            let failure = Failure::retriable("cancelled", Fault::Product, "it was cancelled".into());
            self.note_attempt(product, &failure);
            self.show_failed(product);
        }
        self.settle(product, None);
    }

    /// A run that we did not admit has a slot and is watched.
    fn occupy(&mut self, product: &ProductName, at_work: bool) {
        let now = self.now;
        let deadline = later(now, self.timeout(product));
        let entry = self.entry(product);
        entry.edit_run(|run| run.deadline = Some(deadline));
        entry.vigil = Vigil::begin(now);
        let Some(run) = entry.run().cloned() else { return };
        if run.product_at.is_none() {
            let provider = run.provider.clone();
            entry.set_state(now, CellState::Requested, Some(Reason::Posted { provider }));
        }
        self.commands.push(Command::Occupy {
            provider: run.provider.clone(),
            run_id: run.run_id.clone(),
        });
        if at_work {
            self.on_running(product, &run);
        }
        self.settle(product, None);
    }
}
