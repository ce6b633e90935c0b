//! The decision about one cell, as a pure question: what it should be doing, given what its inputs have and
//! do. [`crate::settle`] carries it out, [`crate::Observation::explain`] tells it.

use crate::entry::Entry;
use crate::grace::Wait;
use crate::need::{Need, by_operator, is_forced};
use crate::repeats::Gathering;
use crate::view::View;
use crate::{Reason, Trigger};
use domain::{InputRef, ProductName};
use jiff::Timestamp;
use product_graph::{NodeId, Recipe};

/// What is to be done about a cell that a pipeline makes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Decision {
    /// Nothing now: its run is with the provider, and newer inputs wait until it is over.
    Underway,
    /// Nothing: its run, queued or between attempts, is the one that is wanted.
    Keep,
    /// Nothing: it is made from the newest, or its product was withdrawn.
    Made,
    /// Nothing, but its inputs are not what it was made from any more.
    Stale(Reason),
    /// Nothing until an operator says so or a newer mandatory input comes: it failed, or was cancelled.
    GivenUp,
    /// It cannot be made.
    Outside {
        /// The mandatory inputs that are outside the closure: the reason.
        outside: Vec<ProductName>,
        /// All mandatory inputs that are not available, those outside among them.
        awaited: Vec<ProductName>,
    },
    /// It waits for these mandatory inputs, which are not available yet.
    Await(Vec<ProductName>),
    /// Its run brought the product but is not over; one more, for these newer inputs, follows.
    Follow(Vec<ProductName>),
    /// A run is wanted once no more repeats of its inputs are waited for.
    Gather(Gathering),
    /// A run is wanted once these inputs are there, or no longer waited for.
    Wait(Wait),
    /// A run of these inputs, without the missing optional ones, begins.
    Begin {
        /// What it is made from.
        inputs: Vec<InputRef>,
        /// Optional inputs that are not there.
        missing: Vec<ProductName>,
    },
    /// The same, once somebody approves it.
    Approve {
        /// What it is made from.
        inputs: Vec<InputRef>,
        /// Optional inputs that are not there.
        missing: Vec<ProductName>,
    },
    /// Nothing new, since an operator holds it. If nobody did: this.
    Held(Box<Self>),
}

impl View<'_> {
    /// What is to be done about a product.
    pub(crate) fn decide(self, product: &ProductName, recipe: &Recipe, now: Timestamp) -> Decision {
        let decision = self.decide_unheld(product, recipe, now);
        let held = self.observation.entries.get(product).is_some_and(Entry::is_held);
        match decision {
            // A run that is with its provider goes on.
            Decision::Underway | Decision::Made | Decision::Stale(_) | Decision::GivenUp => decision,
            Decision::Keep
            | Decision::Outside { .. }
            | Decision::Await(_)
            | Decision::Follow(_)
            | Decision::Gather(_)
            | Decision::Wait(_)
            | Decision::Begin { .. }
            | Decision::Approve { .. }
            | Decision::Held(_) => {
                if held {
                    Decision::Held(Box::new(decision))
                } else {
                    decision
                }
            }
        }
    }

    /// The same, if nobody held it.
    fn decide_unheld(self, product: &ProductName, recipe: &Recipe, now: Timestamp) -> Decision {
        let entry = self.observation.entries.get(product);
        let run = entry.and_then(Entry::run);
        if run.is_some_and(|run| run.state.holds_slot() && run.product_at.is_none()) {
            return Decision::Underway;
        }
        let awaited = self.awaited(recipe);
        if !awaited.is_empty() && !entry.is_some_and(|entry| is_forced(entry, recipe)) {
            return self.without(entry, recipe, awaited);
        }
        match entry.map_or(Need::Run, |entry| self.need(entry, recipe)) {
            Need::None => Decision::Made,
            Need::Stale(reason) => Decision::Stale(reason),
            Need::GivenUp => Decision::GivenUp,
            Need::Newer(newer) => entry
                .and_then(|entry| self.gathering(entry, recipe, &newer, now))
                .map_or_else(|| self.wanted(product, entry, recipe, now), Decision::Gather),
            Need::Run => self.wanted(product, entry, recipe, now),
        }
    }

    /// Mandatory inputs are not there.
    fn without(self, entry: Option<&Entry>, recipe: &Recipe, awaited: Vec<NodeId>) -> Decision {
        let newest = entry.and_then(Entry::newest);
        if newest.is_some_and(|datum| !datum.retracted) {
            return Decision::Made;
        }
        let outside = self.outside(recipe);
        if !outside.is_empty() && newest.is_some() {
            return Decision::Made;
        }
        if !outside.is_empty() {
            return Decision::Outside {
                outside: self.names(outside),
                awaited: self.names(awaited),
            };
        }
        if entry.is_some_and(|entry| entry.cell().cancelled.is_some()) {
            return Decision::GivenUp;
        }
        Decision::Await(self.names(awaited))
    }

    /// A run is wanted: now, or once the inputs that are being made are there.
    pub(crate) fn wanted(
        self,
        product: &ProductName,
        entry: Option<&Entry>,
        recipe: &Recipe,
        now: Timestamp,
    ) -> Decision {
        let run = entry.and_then(Entry::open_run);
        if let Some(run) = run.filter(|run| run.state.holds_slot()) {
            let mut newer = self.withheld(recipe, run);
            newer.extend(self.newer(recipe, &run.inputs, true));
            newer.extend(self.newer(recipe, &run.inputs, false));
            return Decision::Follow(newer);
        }
        let asked_again = entry.is_some_and(|entry| entry.cell().wanted.as_ref().is_some_and(by_operator));
        let (inputs, missing) = self.inputs_now(product);
        if !asked_again && run.is_some_and(|run| run.inputs == inputs && run.missing == missing) {
            return Decision::Keep;
        }
        let manual = entry.is_some_and(|entry| self.is_manual(entry, recipe));
        let at_once = manual || entry.is_some_and(|entry| is_forced(entry, recipe));
        if let Some(wait) = self.wait(entry, recipe, now).filter(|_| !at_once) {
            return Decision::Wait(wait);
        }
        if recipe.approve && !manual && !entry.is_some_and(|entry| is_approved(entry, &inputs, &missing)) {
            return Decision::Approve { inputs, missing };
        }
        Decision::Begin { inputs, missing }
    }
}

/// Whether somebody agreed that the product is made from exactly these inputs: just now, or the latest run had
/// the same.
fn is_approved(entry: &Entry, inputs: &[InputRef], missing: &[ProductName]) -> bool {
    let now = matches!(entry.cell().wanted, Some(Trigger::Approved { .. }));
    now || entry
        .run()
        .is_some_and(|run| !run.is_foreign() && run.inputs == inputs && run.missing == missing)
}
