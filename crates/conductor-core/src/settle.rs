//! The rule: what a cell should be doing, given what its inputs have and do.
//!
//! A change settles the cell it happened to, then its dependants in topological order, and goes on only
//! where something that dependants can see has changed. So one change runs through the graph once.

use crate::entry::Entry;
use crate::observation::Turn;
use crate::on::derive_trigger;
use crate::outlook::not_come;
use crate::run::derive_id;
use crate::vigil::later;
use crate::{Datum, Reason, Run, Trigger};
use domain::{Attempt, CellState, InputRef, ProductName, RunState};
use product_graph::{NewInputPolicy, NodeId, Recipe};
use std::collections::BTreeSet;

impl Turn<'_> {
    /// Looks at a cell again, and at those that depend on it.
    pub(crate) fn settle(&mut self, product: &ProductName, trigger: Option<&Trigger>) {
        let Some(id) = self.graph.id(product) else {
            self.settle_given(product);
            return;
        };
        let mut open = BTreeSet::from([id]);
        let mut first = true;
        while let Some(id) = open.pop_first() {
            let before = self.view().shown(id);
            self.settle_one(id, trigger);
            // The event itself may have changed the first cell before it was settled.
            if first || self.view().shown(id) != before {
                open.extend(self.graph.dependants(id).iter().copied());
            }
            first = false;
        }
    }

    fn settle_one(&mut self, id: NodeId, trigger: Option<&Trigger>) {
        let graph = self.graph;
        let product = graph.name(id);
        match graph.recipe(id) {
            None => self.settle_given(product),
            Some(recipe) => self.settle_made(product, recipe, trigger),
        }
    }

    /// An input, or a product that the graph does not know: it is what was announced of it.
    fn settle_given(&mut self, product: &ProductName) {
        let now = self.now;
        let Some(entry) = self.observation.entries.get_mut(product) else {
            return;
        };
        let (state, reason) = entry
            .newest()
            .map_or_else(|| not_come(entry.cell().absent), Datum::shown_as);
        entry.set_state(now, state, reason);
    }

    fn settle_made(&mut self, product: &ProductName, recipe: &Recipe, trigger: Option<&Trigger>) {
        let entry = self.observation.entries.get(product);
        if entry
            .and_then(Entry::run)
            .is_some_and(|run| run.state.holds_slot() && run.product_at.is_none())
        {
            return;
        }
        let forced = entry.is_some_and(|entry| is_forced(entry, recipe));
        let awaited = self.view().awaited(recipe);
        if !awaited.is_empty() && !forced {
            self.settle_without(product, recipe, &awaited);
            return;
        }
        match self.need(product, recipe) {
            Need::None => self.settle_made_already(product),
            Need::Newer(inputs) => {
                self.drop_open_run(product);
                let now = self.now;
                self.entry(product)
                    .set_state(now, CellState::Stale, Some(Reason::NewerInputs(inputs)));
            }
            Need::GivenUp => {}
            Need::Run => self.settle_wanted(product, recipe, trigger, forced),
        }
    }

    /// A mandatory input is not there.
    fn settle_without(&mut self, product: &ProductName, recipe: &Recipe, awaited: &[NodeId]) {
        self.drop_open_run(product);
        let now = self.now;
        if self
            .observation
            .entries
            .get(product)
            .is_some_and(|entry| entry.newest().is_some())
        {
            self.settle_made_already(product);
            return;
        }
        let view = self.view();
        let outside = view.names(view.outside(recipe));
        if !outside.is_empty() {
            if let Some(entry) = self.observation.entries.get_mut(product) {
                entry.set_state(now, CellState::NotExpected, Some(Reason::Missing(outside)));
            }
            return;
        }
        let blocked_by = view.blocked_by(recipe);
        let inputs = view.names(awaited.iter().copied());
        self.entry(product).set_state(
            now,
            CellState::Waiting,
            Some(Reason::Awaiting { inputs, blocked_by }),
        );
    }

    /// It has its product and nothing more is to be made.
    fn settle_made_already(&mut self, product: &ProductName) {
        self.drop_open_run(product);
        let now = self.now;
        let entry = self.entry(product);
        let Some(datum) = entry.newest() else { return };
        let (state, reason) = datum.shown_as();
        entry.set_state(now, state, reason);
    }

    /// Whether a run is wanted of a cell whose mandatory inputs are there.
    fn need(&self, product: &ProductName, recipe: &Recipe) -> Need {
        let Some(entry) = self.observation.entries.get(product) else {
            return Need::Run;
        };
        if entry.cell().wanted.as_ref().is_some_and(by_operator) || operators_run(entry).is_some() {
            return Need::Run;
        }
        if entry.cell().state == CellState::Cancelled {
            return Need::GivenUp;
        }
        if let Some(run) = entry.run().filter(|run| run.state == RunState::Failed) {
            let newer = self.newer(recipe, &run.inputs, true);
            let outdated = entry.newest().is_none_or(|datum| datum.retracted);
            if newer.is_empty() && (outdated || entry.cell().state == CellState::Failed) {
                return Need::GivenUp;
            }
        }
        let Some(datum) = entry.newest() else {
            return Need::Run;
        };
        if datum.retracted {
            return Need::None;
        }
        let mandatory = self.newer(recipe, &datum.made_from, true);
        let optional = self.newer(recipe, &datum.made_from, false);
        let policy = recipe.on_new_input;
        let reruns = |newer: &[ProductName], policy| !newer.is_empty() && policy == NewInputPolicy::Rerun;
        if reruns(&mandatory, policy.mandatory) || reruns(&optional, policy.optional) {
            return Need::Run;
        }
        let stale = |newer: Vec<ProductName>, policy| match policy {
            NewInputPolicy::MarkStale => newer,
            NewInputPolicy::Rerun | NewInputPolicy::Ignore => Vec::new(),
        };
        let mut newer = stale(mandatory, policy.mandatory);
        newer.extend(stale(optional, policy.optional));
        if newer.is_empty() {
            Need::None
        } else {
            Need::Newer(newer)
        }
    }

    /// Which available inputs of one kind are newer than what was used. An input that was used without a
    /// recorded revision is never newer: nobody knows.
    fn newer(&self, recipe: &Recipe, used: &[InputRef], mandatory: bool) -> Vec<ProductName> {
        let is_newer = |id: &NodeId| {
            let Some(newest) = self.view().available(*id) else {
                return false;
            };
            let name = self.graph.name(*id);
            match used.iter().find(|input| input.product == *name) {
                Some(input) => input.revision.is_some_and(|revision| revision < newest),
                None => !mandatory,
            }
        };
        let kind = if mandatory {
            &recipe.mandatory
        } else {
            &recipe.optional
        };
        kind.iter()
            .filter(|id| is_newer(id))
            .map(|id| self.graph.name(*id).clone())
            .collect()
    }

    /// A run is wanted: now, or once the inputs that are being made are there.
    fn settle_wanted(
        &mut self,
        product: &ProductName,
        recipe: &Recipe,
        trigger: Option<&Trigger>,
        forced: bool,
    ) {
        let now = self.now;
        if self.entry(product).cell().wanted.is_none()
            && self.entry(product).open_run().is_none()
            && let Some(trigger) = trigger
        {
            self.entry(product)
                .edit_cell(|cell| cell.wanted = Some(trigger.clone()));
        }
        // A run whose product came already still holds its slot: one more follows when it is over.
        if let Some(run) = self.entry(product).run().filter(|run| run.state.holds_slot()) {
            let used = run.inputs.clone();
            let newer = [true, false]
                .map(|mandatory| self.newer(recipe, &used, mandatory))
                .concat();
            self.entry(product)
                .set_state(now, CellState::Stale, Some(Reason::NewerInputs(newer)));
            return;
        }
        let (inputs, missing) = self.inputs_now(product);
        let same = |run: &Run| run.inputs == inputs && run.missing == missing;
        if self
            .entry(product)
            .cell()
            .wanted
            .as_ref()
            .is_none_or(|trigger| !by_operator(trigger))
            && self.entry(product).open_run().is_some_and(same)
        {
            return;
        }
        self.keep_operators_want(product);
        self.drop_open_run(product);
        let at_once = forced || matches!(self.entry(product).cell().wanted, Some(Trigger::Manual { .. }));
        if !at_once && self.wait_in_progress(product, recipe) {
            return;
        }
        self.begin_run(product, recipe, inputs, missing);
    }

    /// Whether the cell must wait for inputs that are being made or re-made.
    fn wait_in_progress(&mut self, product: &ProductName, recipe: &Recipe) -> bool {
        let now = self.now;
        let coming = |ids: &[NodeId]| -> Vec<ProductName> {
            ids.iter()
                .filter(|id| self.view().coming(**id))
                .map(|id| self.graph.name(*id).clone())
                .collect()
        };
        let mandatory = coming(&recipe.mandatory);
        let mut optional = coming(&recipe.optional);
        let known = self.observation.cell(product).and_then(|cell| cell.grace_until);
        let until = known.unwrap_or_else(|| later(now, recipe.wait_in_progress));
        if until <= now {
            optional.clear();
        }
        if mandatory.is_empty() && optional.is_empty() {
            return false;
        }
        let until = (!optional.is_empty()).then_some(until);
        let inputs = mandatory.into_iter().chain(optional).collect();
        let entry = self.entry(product);
        entry.set_state(now, CellState::Grace, Some(Reason::InProgress { inputs, until }));
        if until.is_some() && entry.cell().grace_until != until {
            entry.edit_cell(|cell| cell.grace_until = until);
        }
        true
    }

    fn begin_run(
        &mut self,
        product: &ProductName,
        recipe: &Recipe,
        inputs: Vec<InputRef>,
        missing: Vec<ProductName>,
    ) {
        let now = self.now;
        let obs_id = self.observation.obs_id().clone();
        let fallback = derive_trigger(&self.observation.entries, &inputs);
        let entry = self.entry(product);
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
            queued_at: now,
            requested_at: None,
            running_at: None,
            product_at: None,
            ended_at: None,
            deadline: None,
            retry_at: None,
            ended_attempts: Vec::new(),
        });
        self.enqueue(product);
    }

    /// What an operator asked for passes from a run that is replaced to the one that replaces it.
    fn keep_operators_want(&mut self, product: &ProductName) {
        let entry = self.entry(product);
        if entry.cell().wanted.as_ref().is_some_and(by_operator) {
            return;
        }
        let Some((trigger, params)) =
            operators_run(entry).map(|run| (run.trigger.clone(), run.params.clone()))
        else {
            return;
        };
        entry.edit_cell(|cell| {
            cell.wanted = Some(trigger);
            cell.params = params;
        });
    }

    /// A run that was not POSTed yet, or waits for its next attempt, is replaced or no longer wanted.
    fn drop_open_run(&mut self, product: &ProductName) {
        let open = self.observation.entries.get(product).and_then(Entry::open_run);
        if open.is_none_or(|run| run.state.holds_slot()) {
            return;
        }
        self.end_run(product, RunState::Superseded);
    }
}

/// What is to be done about a cell whose mandatory inputs are there.
enum Need {
    /// Nothing: it is made from the newest.
    None,
    /// Nothing, but these inputs are newer.
    Newer(Vec<ProductName>),
    /// Nothing until an operator says so or a newer mandatory input comes: it failed, or was cancelled.
    GivenUp,
    /// A run.
    Run,
}

/// Whether mandatory inputs do not count: a forced run is wanted, or is open and was given less than all.
fn is_forced(entry: &Entry, recipe: &Recipe) -> bool {
    let given_less = |run: &Run| run.inputs.len() + run.missing.len() < recipe.inputs().count();
    entry.cell().forced && entry.cell().wanted.is_some() || operators_run(entry).is_some_and(given_less)
}

/// The run that an operator asked for, while it is queued or between attempts. It is wanted whatever the
/// cell has.
fn operators_run(entry: &Entry) -> Option<&Run> {
    let run = entry.open_run().filter(|run| !run.state.holds_slot())?;
    by_operator(&run.trigger).then_some(run)
}

fn by_operator(trigger: &Trigger) -> bool {
    match trigger {
        Trigger::Manual { .. } | Trigger::Retry { .. } => true,
        Trigger::NewInput { .. } | Trigger::GraphChanged => false,
    }
}
