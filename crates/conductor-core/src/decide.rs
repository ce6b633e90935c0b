//! The decision about one cell, as a pure question: what it should be doing, given what its inputs have and
//! do. [`crate::settle`] carries it out, [`crate::Observation::explain`] tells it.

use crate::entry::Entry;
use crate::view::View;
use crate::vigil::later;
use crate::{Run, Trigger};
use domain::{CellState, InputRef, ProductName, RunState};
use jiff::Timestamp;
use product_graph::{NewInputPolicy, NodeId, Recipe};

/// What is to be done about a cell that a pipeline makes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Decision {
    /// Nothing now: its run is with the provider, and newer inputs wait until it is over.
    Underway,
    /// Nothing: its run, queued or between attempts, is the one that is wanted.
    Keep,
    /// Nothing: it is made from the newest, or its product was withdrawn.
    Made,
    /// Nothing, but these inputs are newer.
    Newer(Vec<ProductName>),
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
    /// A run is wanted once these inputs, which are being made or re-made, are there.
    Wait {
        /// The inputs, the mandatory ones first.
        inputs: Vec<ProductName>,
        /// Until when the optional ones are waited for, if there are such.
        until: Option<Timestamp>,
    },
    /// A run of these inputs, without the missing optional ones, begins.
    Begin {
        /// What it is made from.
        inputs: Vec<InputRef>,
        /// Optional inputs that are not there.
        missing: Vec<ProductName>,
    },
}

impl View<'_> {
    /// What is to be done about a product.
    pub(crate) fn decide(self, product: &ProductName, recipe: &Recipe, now: Timestamp) -> Decision {
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
            Need::Newer(inputs) => Decision::Newer(inputs),
            Need::GivenUp => Decision::GivenUp,
            Need::Run => self.wanted(product, entry, recipe, now),
        }
    }

    /// Mandatory inputs are not there.
    fn without(self, entry: Option<&Entry>, recipe: &Recipe, awaited: Vec<NodeId>) -> Decision {
        if entry.is_some_and(|entry| entry.newest().is_some()) {
            return Decision::Made;
        }
        let outside = self.outside(recipe);
        if !outside.is_empty() {
            return Decision::Outside {
                outside: self.names(outside),
                awaited: self.names(awaited),
            };
        }
        if entry.is_some_and(|entry| entry.cell().cancelled.is_some() && entry.cell().wanted.is_none()) {
            return Decision::GivenUp;
        }
        Decision::Await(self.names(awaited))
    }

    /// A run is wanted: now, or once the inputs that are being made are there.
    fn wanted(
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
        let at_once = entry.is_some_and(|entry| is_forced(entry, recipe) || self.is_manual(entry, recipe));
        let wait = (!at_once)
            .then(|| self.wait_in_progress(entry, recipe, now))
            .flatten();
        wait.unwrap_or(Decision::Begin { inputs, missing })
    }

    /// The wait for inputs that are being made or re-made, if there are such.
    fn wait_in_progress(self, entry: Option<&Entry>, recipe: &Recipe, now: Timestamp) -> Option<Decision> {
        let coming = |ids: &[NodeId]| self.names(ids.iter().copied().filter(|id| self.coming(*id)));
        let mut inputs = coming(&recipe.mandatory);
        let known = entry.and_then(|entry| entry.cell().grace_until);
        let until = known.unwrap_or_else(|| later(now, recipe.wait_in_progress));
        let optional = if until > now {
            coming(&recipe.optional)
        } else {
            Vec::new()
        };
        let until = (!optional.is_empty()).then_some(until);
        inputs.extend(optional);
        (!inputs.is_empty()).then_some(Decision::Wait { inputs, until })
    }

    /// Whether a run is wanted of a cell whose mandatory inputs are there, or that is forced.
    fn need(self, entry: &Entry, recipe: &Recipe) -> Need {
        if entry.cell().wanted.as_ref().is_some_and(by_operator) || self.asked(entry, recipe).is_some() {
            return Need::Run;
        }
        if entry.cell().cancelled.is_some() {
            return Need::GivenUp;
        }
        let made_since = made_since(entry);
        if let Some(run) = entry.run().filter(|run| run.state == RunState::Failed) {
            let again = !self.newer(recipe, &run.inputs, true).is_empty()
                || entry.newest().is_none() && !self.withheld(recipe, run).is_empty();
            let unmade = entry.available().is_none();
            if !again && (unmade || entry.cell().state == CellState::Failed && !made_since) {
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
        by_policy(recipe, mandatory, optional)
    }

    /// The run in which an operator's request stands, and from which it passes to the run that replaces it:
    /// one that is queued or between attempts is wanted whatever the cell has; one that was forced to do
    /// without a mandatory input, and is over, is made again once that is there.
    pub(crate) fn asked<'a>(self, entry: &'a Entry, recipe: &Recipe) -> Option<&'a Run> {
        let fell_short = || {
            let run = entry.run().filter(|run| is_request(&run.trigger))?;
            let made = |run: &Run| {
                let by = entry.available().and_then(|datum| datum.run_id.as_ref());
                by.is_some_and(|run_id| run.answers_to(run_id))
            };
            let over = run.state == RunState::Failed || made(run);
            (over && !self.withheld(recipe, run).is_empty()).then_some(run)
        };
        operators_run(entry).or_else(fell_short)
    }

    /// Whether what is wanted was requested by an operator, who was told its run: it does not wait.
    fn is_manual(self, entry: &Entry, recipe: &Recipe) -> bool {
        let wanted = entry.cell().wanted.as_ref().filter(|wanted| by_operator(wanted));
        let trigger = wanted.or_else(|| self.asked(entry, recipe).map(|run| &run.trigger));
        trigger.is_some_and(is_request)
    }

    /// Which available inputs of one kind are newer than what was used. An input that was used without a
    /// recorded revision is never newer, nor a mandatory one of which nothing is recorded: nobody knows.
    fn newer(self, recipe: &Recipe, used: &[InputRef], mandatory: bool) -> Vec<ProductName> {
        let is_newer = |id: &NodeId| {
            let Some(newest) = self.available(*id) else {
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
        self.names(kind.iter().copied().filter(is_newer))
    }

    /// The mandatory inputs that are there now and that the run did without: it was forced, or made by
    /// another graph.
    fn withheld(self, recipe: &Recipe, run: &Run) -> Vec<ProductName> {
        let given = |id: NodeId| {
            let name = self.graph.name(id);
            run.inputs.iter().any(|input| input.product == *name)
        };
        let there = |id: &NodeId| self.available(*id).is_some() && !given(*id);
        self.names(recipe.mandatory.iter().copied().filter(there))
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

/// What the graph wants done when these inputs are newer.
fn by_policy(recipe: &Recipe, mandatory: Vec<ProductName>, optional: Vec<ProductName>) -> Need {
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

/// Whether mandatory inputs do not count: a forced run is wanted, or is open and was given less than all.
fn is_forced(entry: &Entry, recipe: &Recipe) -> bool {
    let given_less = |run: &Run| run.inputs.len() + run.missing.len() < recipe.inputs().count();
    entry.cell().forced && entry.cell().wanted.is_some() || operators_run(entry).is_some_and(given_less)
}

/// Whether the cell got its product after its latest run had ended: from somebody else.
fn made_since(entry: &Entry) -> bool {
    let ended_at = entry.run().and_then(|run| run.ended_at);
    let made_at = entry.available().map(|datum| datum.at);
    ended_at.is_some() && made_at >= ended_at
}

/// The run that an operator asked for, while it is queued or between attempts.
fn operators_run(entry: &Entry) -> Option<&Run> {
    let run = entry.open_run().filter(|run| !run.state.holds_slot())?;
    by_operator(&run.trigger).then_some(run)
}

pub(crate) fn by_operator(trigger: &Trigger) -> bool {
    match trigger {
        Trigger::Manual { .. } | Trigger::Retry { .. } => true,
        Trigger::NewInput { .. } | Trigger::GraphChanged => false,
    }
}

fn is_request(trigger: &Trigger) -> bool {
    match trigger {
        Trigger::Manual { .. } => true,
        Trigger::Retry { .. } | Trigger::NewInput { .. } | Trigger::GraphChanged => false,
    }
}
