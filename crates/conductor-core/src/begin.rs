//! A run begins, and the one before it is replaced.

use crate::entry::Entry;
use crate::hold::held_until;
use crate::need::{by_operator, is_forced, made_since};
use crate::observation::Turn;
use crate::on::derive_trigger;
use crate::run::derive_id;
use crate::{Failures, Run, Trigger};
use domain::{Attempt, InputRef, JsonObject, ProductName, RunState};
use product_graph::Recipe;

impl Turn<'_> {
    /// Another run than the latest is wanted: what caused it is noted, or an operator's request passes on.
    pub(crate) fn replace_run(&mut self, product: &ProductName, recipe: &Recipe, trigger: Option<&Trigger>) {
        let entry = self.observation.entries.get(product);
        let asked = entry.and_then(|entry| self.view().asked(entry, recipe));
        let asked = asked.map(|run| (run.trigger.clone(), run.params.clone()));
        let forced = entry.is_some_and(|entry| is_forced(entry, recipe));
        let entry = self.entry(product);
        let wanted = entry.cell().wanted.as_ref();
        if let Some((trigger, params)) = asked.filter(|_| !wanted.is_some_and(by_operator)) {
            entry.edit_cell(|cell| {
                cell.wanted = Some(trigger);
                cell.params = params;
                // It may not begin at once: an operator holds it.
                cell.forced = forced;
            });
        } else if let Some(trigger) = trigger
            && wanted.is_none()
            && entry.open_run().is_none()
        {
            entry.edit_cell(|cell| cell.wanted = Some(trigger.clone()));
        }
        self.drop_open_run(product);
    }

    /// A run of these inputs waits in its provider's queue.
    pub(crate) fn begin_run(
        &mut self,
        product: &ProductName,
        recipe: &Recipe,
        inputs: Vec<InputRef>,
        missing: Vec<ProductName>,
    ) {
        let now = self.now;
        let obs_id = self.observation.obs_id().clone();
        let fallback = derive_trigger(&self.observation.entries, &inputs);
        let passed_on = self.passed_on(product, &inputs);
        let entry = self.entry(product);
        let held = held_until(entry, now);
        let mut generation = entry.cell().generation;
        let mut run_id = derive_id(&obs_id, product, &inputs, generation);
        while entry.knows_run(&run_id) {
            generation += 1;
            run_id = derive_id(&obs_id, product, &inputs, generation);
        }
        let mut trigger = None;
        let mut params = None;
        entry.edit_cell(|cell| {
            cell.generation = generation;
            cell.forced = false;
            trigger = cell.wanted.take();
            params = cell.params.take();
        });
        let requested = matches!(trigger, Some(Trigger::Manual { .. }));
        if !requested {
            params = params.or(passed_on);
        }
        entry.begin_run(Run {
            run_id,
            alias: None,
            product: product.clone(),
            provider: recipe.provider.clone(),
            inputs,
            missing,
            params,
            generation,
            trigger: trigger.or(fallback).unwrap_or(Trigger::GraphChanged),
            state: RunState::Queued,
            attempt: Attempt::FIRST,
            attempts: recipe.attempts,
            failures: Failures::default(),
            held: held.into_iter().collect(),
            queued_at: now,
            requested_at: None,
            running_at: None,
            product_at: None,
            ended_at: None,
            given_up: None,
            deadline: None,
            retry_at: None,
            ended_attempts: Vec::new(),
        });
        self.enqueue(product);
    }

    /// The parameters that were asked for with the latest run hold until there is a product of what was there when
    /// that ended: it may have failed or been replaced, or an input came while it was under way.
    fn passed_on(&self, product: &ProductName, inputs: &[InputRef]) -> Option<JsonObject> {
        let entry = self.observation.entries.get(product)?;
        let run = entry.run()?;
        let came_before = |input: &InputRef| {
            let datum = self
                .observation
                .entries
                .get(&input.product)
                .and_then(Entry::available);
            !run.inputs.contains(input) && datum.map(|datum| datum.at) <= run.ended_at
        };
        let unmade = match run.state {
            RunState::Succeeded => inputs.iter().any(came_before),
            RunState::Failed | RunState::Superseded => !made_since(entry),
            // Whoever cancels it gives up what was asked for; while it is open, nothing begins after it.
            RunState::Cancelled
            | RunState::Queued
            | RunState::Requested
            | RunState::Running
            | RunState::Retrying => false,
        };
        run.params.clone().filter(|_| unmade)
    }

    /// A run that was not POSTed yet, or waits for its next attempt, is replaced or no longer wanted.
    pub(crate) fn drop_open_run(&mut self, product: &ProductName) {
        let open = self.observation.entries.get(product).and_then(Entry::open_run);
        if open.is_none_or(|run| run.state.holds_slot()) {
            return;
        }
        self.end_run(product, RunState::Superseded);
    }
}
