//! The rule carried out: a cell does what is decided of it, given what its inputs have and do.
//!
//! A change settles the cell it happened to, then its dependants in topological order, and goes on only
//! where something that dependants can see has changed. So one change runs through the graph once.

use crate::decide::Decision;
use crate::entry::Entry;
use crate::grace::Wait;
use crate::need::{by_operator, is_forced};
use crate::observation::Turn;
use crate::on::derive_trigger;
use crate::outlook::not_come;
use crate::run::derive_id;
use crate::{Command, Datum, HeldTime, Reason, Run, Trigger};
use domain::{Attempt, CellState, InputRef, ProductName, RunState};
use jiff::Timestamp;
use product_graph::{NodeId, Recipe};
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
        // A cell's own product causes no run of it: what does came before.
        let own =
            |trigger: &&Trigger| matches!(trigger, Trigger::NewInput { product: of, .. } if of == product);
        let trigger = trigger.filter(|trigger| !own(trigger));
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
            .map_or_else(|| not_come(Some(entry.cell())), Datum::shown_as);
        entry.set_state(now, state, reason);
    }

    fn settle_made(&mut self, product: &ProductName, recipe: &Recipe, trigger: Option<&Trigger>) {
        let decision = self.view().decide(product, recipe, self.now);
        self.carry_out(product, recipe, decision, trigger);
    }

    fn carry_out(
        &mut self,
        product: &ProductName,
        recipe: &Recipe,
        decision: Decision,
        trigger: Option<&Trigger>,
    ) {
        match decision {
            Decision::Underway => {}
            Decision::Keep => self.go_on(product),
            Decision::GivenUp => self.show_cancelled(product),
            Decision::Made => self.show_made(product),
            Decision::Stale(reason) => {
                self.drop_open_run(product);
                self.show(product, CellState::Stale, reason);
            }
            Decision::Outside { outside: inputs, .. } => {
                self.drop_open_run(product);
                // A cell that has never been anything else has no row.
                if self.observation.entries.contains_key(product) {
                    self.show(product, CellState::NotExpected, Reason::Missing(inputs));
                }
            }
            Decision::Await(inputs) => {
                self.drop_open_run(product);
                let blocked_by = self.view().blocked_by(recipe);
                self.show(
                    product,
                    CellState::Waiting,
                    Reason::Awaiting { inputs, blocked_by },
                );
            }
            Decision::Follow(inputs) => self.show(product, CellState::Stale, Reason::NewerInputs(inputs)),
            Decision::Wait(wait) => {
                self.replace_run(product, recipe, trigger);
                self.show_wait(product, wait);
            }
            Decision::Begin { inputs, missing } => {
                self.replace_run(product, recipe, trigger);
                self.begin_run(product, recipe, inputs, missing);
            }
            Decision::Approve { inputs, missing } => {
                self.replace_run(product, recipe, trigger);
                self.show(product, CellState::Held, Reason::Approval { inputs, missing });
            }
            Decision::Held(without) => self.hold_back(product, recipe, *without, trigger),
        }
    }

    /// What would be done is not, and waits in the cell: a run keeps its attempts and its place in the queue.
    fn hold_back(
        &mut self,
        product: &ProductName,
        recipe: &Recipe,
        without: Decision,
        trigger: Option<&Trigger>,
    ) {
        match without {
            // Nothing new would start.
            Decision::Underway
            | Decision::Outside { .. }
            | Decision::Follow(_)
            | Decision::Made
            | Decision::Stale(_)
            | Decision::GivenUp
            | Decision::Held(_) => return self.carry_out(product, recipe, without, trigger),
            Decision::Keep => self.withdraw(product),
            Decision::Await(_) => self.drop_open_run(product),
            Decision::Wait(_) | Decision::Begin { .. } | Decision::Approve { .. } => {
                self.replace_run(product, recipe, trigger);
            }
        }
        if let Some(held) = self.entry(product).cell().held.clone() {
            let reason = Reason::Held {
                by: held.by,
                note: held.note,
            };
            self.show(product, CellState::Held, reason);
        }
    }

    /// Takes the queued run out of its provider's queue, until it is released.
    fn withdraw(&mut self, product: &ProductName) {
        let entry = self.entry(product);
        let queued = |run: &&Run| run.state == RunState::Queued;
        if (entry.cell().state != CellState::Held || entry.is_restrained())
            && let Some(run) = entry.open_run().filter(queued)
        {
            let (provider, run_id) = (run.provider.clone(), run.run_id.clone());
            self.commands.push(Command::Withdraw { provider, run_id });
        }
    }

    /// The run that is wanted is open; one that was held goes on where it was.
    fn go_on(&mut self, product: &ProductName) {
        let now = self.now;
        let entry = self.entry(product);
        if entry.cell().state != CellState::Held || entry.is_restrained() {
            return;
        }
        if let Some(held) = held_until(entry, now) {
            entry.edit_run(|run| run.held.push(held));
        }
        let Some(run) = entry.open_run() else { return };
        let last = run.ended_attempts.last().map(|ended| ended.error.clone());
        match (run.retry_at.filter(|at| *at > now), last) {
            (Some(retry_at), Some(error)) => {
                let reason = Reason::AttemptFailed { error, retry_at };
                entry.set_state(now, CellState::Retrying, Some(reason));
            }
            (Some(_) | None, _) => self.enqueue(product),
        }
    }

    fn show_cancelled(&mut self, product: &ProductName) {
        if let Some(by) = self.entry(product).cell().cancelled.clone() {
            let reason = Reason::Cancelled {
                by: by.by,
                note: by.note,
            };
            self.show(product, CellState::Cancelled, reason);
        }
    }

    fn show(&mut self, product: &ProductName, state: CellState, reason: Reason) {
        let now = self.now;
        self.entry(product).set_state(now, state, Some(reason));
    }

    /// It has its product and nothing more is to be made.
    fn show_made(&mut self, product: &ProductName) {
        self.drop_open_run(product);
        let now = self.now;
        let entry = self.entry(product);
        let Some(datum) = entry.newest() else { return };
        let (state, reason) = datum.shown_as();
        entry.set_state(now, state, reason);
    }

    fn show_wait(&mut self, product: &ProductName, wait: Wait) {
        let Wait {
            inputs,
            until,
            awaited,
            awaited_until,
        } = wait;
        self.show(
            product,
            CellState::Grace,
            Reason::InProgress {
                inputs,
                until,
                awaited,
                awaited_until,
            },
        );
        let entry = self.entry(product);
        let known = (entry.cell().grace_until, entry.cell().optional_until);
        let kept = (until.or(known.0), awaited_until.or(known.1));
        if kept != known {
            entry.edit_cell(|cell| (cell.grace_until, cell.optional_until) = kept);
        }
    }

    /// Another run than the latest is wanted: what caused it is noted, or an operator's request passes on.
    fn replace_run(&mut self, product: &ProductName, recipe: &Recipe, trigger: Option<&Trigger>) {
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
            held: held.into_iter().collect(),
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

    /// A run that was not POSTed yet, or waits for its next attempt, is replaced or no longer wanted.
    fn drop_open_run(&mut self, product: &ProductName) {
        let open = self.observation.entries.get(product).and_then(Entry::open_run);
        if open.is_none_or(|run| run.state.holds_slot()) {
            return;
        }
        self.end_run(product, RunState::Superseded);
    }
}

/// The time during which a cell was held that is so no more.
fn held_until(entry: &Entry, now: Timestamp) -> Option<HeldTime> {
    let cell = entry.cell();
    (cell.state == CellState::Held).then_some(HeldTime {
        since: cell.since,
        until: now,
    })
}
