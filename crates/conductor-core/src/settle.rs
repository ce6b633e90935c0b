//! The rule carried out: a cell does what is decided of it, given what its inputs have and do.
//!
//! A change settles the cell it happened to, then its dependants in topological order, and goes on only
//! where something that dependants can see has changed. So one change runs through the graph once.

use crate::decide::Decision;
use crate::grace::Wait;
use crate::observation::Turn;
use crate::outlook::not_come;
use crate::{Reason, Trigger};
use domain::{CellState, ProductName};
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
            if first || self.view().shown(id) != before || self.view().passes_on(id) {
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

    /// An input, or a product that the graph does not know: it is what was announced of it. One that the graph
    /// made before may still come: its run is with its provider.
    fn settle_given(&mut self, product: &ProductName) {
        let now = self.now;
        let is_known = self.graph.id(product).is_some();
        let Some(entry) = self.observation.entries.get_mut(product) else {
            return;
        };
        let under_way = entry.open_run().is_some_and(|run| run.state.holds_slot());
        let (state, reason) = match entry.newest() {
            Some(datum) => datum.shown_as(),
            None if under_way => return,
            None if is_known || entry.run().is_none() => not_come(Some(entry.cell())),
            None => (CellState::NotExpected, Some(Reason::NotInGraph)),
        };
        entry.set_state(now, state, reason);
    }

    fn settle_made(&mut self, product: &ProductName, recipe: &Recipe, trigger: Option<&Trigger>) {
        let decision = self.view().decide(product, recipe, self.now);
        self.carry_out(product, recipe, decision, trigger);
    }

    pub(crate) fn carry_out(
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
            Decision::Outside { .. } | Decision::Await(_) if self.keeps_foreign_failure(product) => {}
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
            Decision::Follow(inputs) => self.show_followed(product, inputs),
            Decision::Gather(gathering) => self.show_gathering(product, gathering),
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

    /// Whether nothing is to be said of a cell but that somebody else's run of it failed.
    fn keeps_foreign_failure(&self, product: &ProductName) -> bool {
        let entry = self.observation.entries.get(product);
        entry.is_some_and(|entry| entry.cell().wanted.is_none() && entry.shows_foreign_failure())
    }

    /// It has its product, from older inputs; one that was withdrawn is being made, as far as anybody can see.
    fn show_followed(&mut self, product: &ProductName, newer: Vec<ProductName>) {
        let entry = self.entry(product);
        let (state, reason) = match entry.run() {
            Some(run) if entry.available().is_none() => {
                let provider = run.provider.clone();
                (CellState::Running, Reason::AtWork { provider })
            }
            Some(_) | None => (CellState::Stale, Reason::NewerInputs(newer)),
        };
        self.show(product, state, reason);
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

    pub(crate) fn show(&mut self, product: &ProductName, state: CellState, reason: Reason) {
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
}
