//! Whether a run of a cell is wanted, given what it has and what was asked: by the graph's policies for newer
//! inputs, by operators, and by how its latest run ended.

use crate::entry::Entry;
use crate::view::View;
use crate::{Reason, Run, Trigger};
use domain::{CellState, InputRef, ProductName, RunState};
use product_graph::{NewInputPolicy, NodeId, Recipe};

/// What is to be done about a cell whose mandatory inputs are there.
pub(crate) enum Need {
    /// Nothing: it is made from the newest.
    None,
    /// Nothing, but its inputs are not what it was made from any more.
    Stale(Reason),
    /// Nothing until an operator says so or a newer mandatory input comes: it failed, or was cancelled.
    GivenUp,
    /// A run, since these inputs are newer than those of the product that is there.
    Newer(Vec<ProductName>),
    /// A run.
    Run,
}

impl View<'_> {
    /// Whether a run is wanted of a cell whose mandatory inputs are there, or that is forced.
    pub(crate) fn need(self, entry: &Entry, recipe: &Recipe) -> Need {
        if entry.cell().wanted.as_ref().is_some_and(by_operator) {
            return Need::Run;
        }
        if entry.cell().cancelled.is_some() {
            return Need::GivenUp;
        }
        if self.asked(entry, recipe).is_some() || self.is_approved(entry) {
            return Need::Run;
        }
        let made_since = made_since(entry);
        if let Some(run) = entry.run().filter(|run| run.leaves_failed()) {
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
        let mandatory = self.newer(recipe, &datum.made_from, true);
        if datum.retracted {
            // What comes after a withdrawal brings all back, whatever the policy for newer inputs is.
            return if mandatory.is_empty() {
                Need::None
            } else {
                Need::Run
            };
        }
        let optional = self.newer(recipe, &datum.made_from, false);
        let withdrawn = self.withdrawn(recipe, &datum.made_from);
        by_policy(recipe, &mandatory, &optional, withdrawn)
    }

    /// The optional inputs that were used and withdrawn, and have not come again.
    fn withdrawn(self, recipe: &Recipe, used: &[InputRef]) -> Vec<ProductName> {
        let is_withdrawn = |id: &NodeId| {
            let used = used.iter().find(|input| input.product == *self.graph.name(*id));
            self.available(*id).is_none() && used.is_some_and(|input| self.is_withdrawn(input))
        };
        self.names(recipe.optional.iter().copied().filter(is_withdrawn))
    }

    /// Whether what a record of inputs means was withdrawn.
    pub(crate) fn is_withdrawn(self, input: &InputRef) -> bool {
        let mut data = self.observation.data(&input.product).iter();
        data.any(|datum| datum.retracted && datum.is_meant_by(input))
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

    /// Whether the run, queued or between attempts, was approved for just what is there now: then it is wanted
    /// whatever the cell has. When something else comes, the graph says whether another approval is asked for.
    fn is_approved(self, entry: &Entry) -> bool {
        let Some(run) = waiting_run(entry).filter(|run| matches!(run.trigger, Trigger::Approved { .. }))
        else {
            return false;
        };
        let (inputs, missing) = self.inputs_now(&run.product);
        run.inputs == inputs && run.missing == missing
    }

    /// Whether what is wanted was requested by an operator, who was told its run: it does not wait.
    pub(crate) fn is_manual(self, entry: &Entry, recipe: &Recipe) -> bool {
        let wanted = entry.cell().wanted.as_ref().filter(|wanted| by_operator(wanted));
        let trigger = wanted.or_else(|| self.asked(entry, recipe).map(|run| &run.trigger));
        trigger.is_some_and(is_request)
    }

    /// Which available inputs of one kind are newer than what was used. An input that was used without a
    /// recorded revision is never newer, nor a mandatory one of which nothing is recorded: nobody knows.
    pub(crate) fn newer(self, recipe: &Recipe, used: &[InputRef], mandatory: bool) -> Vec<ProductName> {
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
    pub(crate) fn withheld(self, recipe: &Recipe, run: &Run) -> Vec<ProductName> {
        let given = |id: NodeId| {
            let name = self.graph.name(id);
            run.inputs.iter().any(|input| input.product == *name)
        };
        let there = |id: &NodeId| self.available(*id).is_some() && !given(*id);
        self.names(recipe.mandatory.iter().copied().filter(there))
    }
}

/// What the graph wants done when these inputs are newer, or withdrawn.
fn by_policy(
    recipe: &Recipe,
    mandatory: &[ProductName],
    optional: &[ProductName],
    withdrawn: Vec<ProductName>,
) -> Need {
    let policy = recipe.on_new_input;
    // What was made from data that are wrong is not left to stand.
    if !withdrawn.is_empty() && policy.optional == NewInputPolicy::Rerun {
        return Need::Run;
    }
    let by = |wanted: NewInputPolicy| {
        let of = |newer: &[ProductName], policy| {
            if policy == wanted {
                newer.to_vec()
            } else {
                Vec::new()
            }
        };
        let mut newer = of(mandatory, policy.mandatory);
        newer.extend(of(optional, policy.optional));
        newer
    };
    let rerun = by(NewInputPolicy::Rerun);
    if !rerun.is_empty() {
        return Need::Newer(rerun);
    }
    let newer = by(NewInputPolicy::MarkStale);
    let withdrawn = Some(withdrawn).filter(|_| policy.optional == NewInputPolicy::MarkStale);
    let withdrawn = withdrawn.unwrap_or_default();
    match (newer.is_empty(), withdrawn.is_empty()) {
        (true, true) => Need::None,
        (true, false) => Need::Stale(Reason::WithdrawnInputs(withdrawn)),
        (false, _) => Need::Stale(Reason::NewerInputs(newer)),
    }
}

/// Whether mandatory inputs do not count: a forced run is wanted, or is open and was given less than all.
pub(crate) fn is_forced(entry: &Entry, recipe: &Recipe) -> bool {
    let given_less = |run: &Run| run.inputs.len() + run.missing.len() < recipe.inputs().count();
    entry.cell().forced && entry.cell().wanted.is_some() || operators_run(entry).is_some_and(given_less)
}

/// Whether the cell got its product after its latest run had ended: from somebody else.
pub(crate) fn made_since(entry: &Entry) -> bool {
    let ended_at = entry.run().and_then(|run| run.ended_at);
    let made_at = entry.available().map(|datum| datum.at);
    ended_at.is_some() && made_at > ended_at
}

/// The run that an operator asked for, while it waits. One that was approved is not: it is wanted for the inputs
/// that were approved, and only for these.
fn operators_run(entry: &Entry) -> Option<&Run> {
    waiting_run(entry).filter(|run| matches!(run.trigger, Trigger::Manual { .. } | Trigger::Retry { .. }))
}

/// The run, while it is queued or between attempts.
fn waiting_run(entry: &Entry) -> Option<&Run> {
    entry.open_run().filter(|run| !run.state.holds_slot())
}

/// Whether a run that is wanted for this is wanted by an operator, whatever the cell has.
pub(crate) fn by_operator(trigger: &Trigger) -> bool {
    match trigger {
        Trigger::Manual { .. } | Trigger::Retry { .. } | Trigger::Approved { .. } => true,
        Trigger::NewInput { .. } | Trigger::GraphChanged | Trigger::Foreign { .. } => false,
    }
}

fn is_request(trigger: &Trigger) -> bool {
    match trigger {
        Trigger::Manual { .. } => true,
        Trigger::Retry { .. }
        | Trigger::Approved { .. }
        | Trigger::NewInput { .. }
        | Trigger::GraphChanged
        | Trigger::Foreign { .. } => false,
    }
}
