//! What can be seen of a cell's inputs: available, possible, on their way, or blocked.

use crate::Reason;
use crate::entry::Entry;
use crate::observation::{Observation, Turn};
use domain::{CellState, InputRef, ProductName, Revision};
use product_graph::{NewInputPolicy, NodeId, NodeSet, ProductGraph, Recipe};
use std::collections::BTreeSet;

/// An observation as a graph sees it. It only looks: what decides and what explains share it.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) observation: &'a Observation,
    pub(crate) graph: &'a ProductGraph,
}

impl Observation {
    pub(crate) fn view<'a>(&'a self, graph: &'a ProductGraph) -> View<'a> {
        View {
            observation: self,
            graph,
        }
    }
}

impl Turn<'_> {
    pub(crate) fn view(&self) -> View<'_> {
        self.observation.view(self.graph)
    }
}

impl<'a> View<'a> {
    pub(crate) fn entry(self, id: NodeId) -> Option<&'a Entry> {
        self.observation.entries.get(self.graph.name(id))
    }

    pub(crate) fn state(self, id: NodeId) -> Option<CellState> {
        self.entry(id).map(|entry| entry.cell().state)
    }

    pub(crate) fn available(self, id: NodeId) -> Option<Revision> {
        let datum = self.entry(id)?.available()?;
        Some(datum.revision)
    }

    /// The inputs of a product that are available now, and the optional ones that are not.
    pub(crate) fn inputs_now(self, product: &ProductName) -> (Vec<InputRef>, Vec<ProductName>) {
        let Some(recipe) = self.graph.id(product).and_then(|id| self.graph.recipe(id)) else {
            return (Vec::new(), Vec::new());
        };
        let mut inputs = Vec::new();
        let mut missing = Vec::new();
        for (id, mandatory) in recipe.inputs() {
            let name = self.graph.name(id);
            match self.entry(id).and_then(Entry::available) {
                Some(datum) => inputs.push(InputRef {
                    product: name.clone(),
                    revision: Some(datum.revision),
                    version: datum.version,
                    source: Some(datum.source.clone()),
                    href: datum.href.clone(),
                }),
                None if mandatory => {}
                None => missing.push(name.clone()),
            }
        }
        (inputs, missing)
    }

    pub(crate) fn is_mandatory(self, recipe: &Recipe, input: &ProductName) -> bool {
        recipe.mandatory.iter().any(|id| self.graph.name(*id) == input)
    }

    /// The mandatory inputs that are not available.
    pub(crate) fn awaited(self, recipe: &Recipe) -> Vec<NodeId> {
        let mandatory = recipe.mandatory.iter().copied();
        mandatory.filter(|id| self.available(*id).is_none()).collect()
    }

    /// The mandatory inputs that are outside the closure.
    pub(crate) fn outside(self, recipe: &Recipe) -> Vec<NodeId> {
        let mandatory = recipe.mandatory.iter().copied();
        mandatory.filter(|id| !self.in_closure(*id)).collect()
    }

    /// Whether a node is available, or can become so from what is there.
    pub(crate) fn in_closure(self, id: NodeId) -> bool {
        let Some((recipe, entry)) = self.graph.recipe(id).zip(self.entry(id)) else {
            return self.available(id).is_some();
        };
        match entry.cell().state {
            CellState::NotExpected | CellState::Retracted | CellState::Received => {
                entry.available().is_some()
            }
            CellState::Failed if entry.shows_foreign_failure() => self.outside(recipe).is_empty(),
            CellState::Waiting
            | CellState::Grace
            | CellState::Held
            | CellState::Queued
            | CellState::Requested
            | CellState::Running
            | CellState::Retrying
            | CellState::Done
            | CellState::Stale
            | CellState::Failed
            | CellState::Cancelled
            | CellState::Quarantined => true,
        }
    }

    /// Whether a cell is itself being made or re-made, or waits only for such.
    pub(crate) fn coming(self, id: NodeId) -> bool {
        let Some(recipe) = self.graph.recipe(id) else {
            return false;
        };
        let Some(entry) = self.entry(id).filter(|entry| !entry.gathers()) else {
            return false;
        };
        let state = entry.cell().state;
        if state == CellState::Waiting {
            return self.awaited(recipe).into_iter().all(|id| self.coming(id));
        }
        state.is_in_progress()
    }

    /// Whether a product that is there is to be replaced: it is being made again, or will be since an input of it
    /// is. What was never made does not wait for that, but what is made again does, so that a change runs through
    /// the graph once and not once per path.
    pub(crate) fn coming_again(self, id: NodeId) -> bool {
        let mut met = NodeSet::default();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if !met.insert(id) {
                continue;
            }
            if self.coming(id) {
                return true;
            }
            if self.passes_on(id) {
                open.extend(self.remaking(id));
            }
        }
        false
    }

    /// Whether a change of an input can be seen through a cell, since its product will be made again for it.
    pub(crate) fn passes_on(self, id: NodeId) -> bool {
        let stands = |entry: &Entry| {
            let cell = entry.cell();
            entry.available().is_some() && cell.held.is_none() && cell.cancelled.is_none()
        };
        self.entry(id).is_some_and(stands) && !self.coming(id) && self.remaking(id).next().is_some()
    }

    /// The inputs of which a newer one makes a product again by itself.
    pub(crate) fn remaking(self, id: NodeId) -> impl Iterator<Item = NodeId> + 'a {
        let recipe = self.graph.recipe(id).filter(|recipe| !recipe.approve);
        let inputs = recipe.into_iter().flat_map(|recipe| {
            let policy = recipe.on_new_input;
            recipe.inputs().filter(move |(_, mandatory)| {
                let of_kind = if *mandatory {
                    policy.mandatory
                } else {
                    policy.optional
                };
                of_kind == NewInputPolicy::Rerun
            })
        });
        inputs.map(|(id, _)| id)
    }

    /// The ancestors that will not come by themselves.
    pub(crate) fn blocked_by(self, recipe: &Recipe) -> Vec<ProductName> {
        let mut found = BTreeSet::new();
        let mut open: Vec<NodeId> = recipe.mandatory.clone();
        while let Some(id) = open.pop() {
            if self.available(id).is_some() {
                continue;
            }
            match self.state(id) {
                Some(CellState::Failed | CellState::Cancelled | CellState::Retracted) => {
                    found.insert(id);
                }
                // What is held may be blocked as well.
                Some(state @ (CellState::Held | CellState::Waiting)) => {
                    if state == CellState::Held {
                        found.insert(id);
                    }
                    open.extend(self.graph.recipe(id).iter().flat_map(|r| &r.mandatory));
                }
                Some(_) | None => {}
            }
        }
        self.names(found)
    }

    /// A product and all that has to be made or re-made for it, as far as they have a lower priority.
    pub(crate) fn to_be_raised(self, product: &ProductName, priority: i32) -> Vec<ProductName> {
        let mut found = BTreeSet::new();
        let mut open: Vec<NodeId> = self.graph.id(product).into_iter().collect();
        while let Some(id) = open.pop() {
            let Some(recipe) = self.graph.recipe(id) else {
                continue;
            };
            if found.insert(id) {
                let unmade = |id: &NodeId| self.available(*id).is_none() || self.coming(*id);
                open.extend(recipe.mandatory.iter().copied().filter(unmade));
            }
        }
        found.retain(|id| self.observation.priority(self.graph, self.graph.name(*id)) < priority);
        self.names(found)
    }

    pub(crate) fn names(self, ids: impl IntoIterator<Item = NodeId>) -> Vec<ProductName> {
        ids.into_iter().map(|id| self.graph.name(id).clone()).collect()
    }

    /// What dependants can see of a cell. Whether one that waits is coming, or by whom it is blocked, lies in
    /// its ancestors, which may have changed before it is settled: only what it says itself tells.
    pub(crate) fn shown(self, id: NodeId) -> Shown {
        let blocked_by = match self.entry(id).and_then(|entry| entry.cell().reason.as_ref()) {
            Some(Reason::Awaiting { blocked_by, .. }) => blocked_by.clone(),
            Some(_) | None => Vec::new(),
        };
        Shown {
            available: self.available(id),
            state: self.state(id),
            gathers: self.entry(id).is_some_and(Entry::gathers),
            blocked_by,
        }
    }
}

/// What dependants can see of a cell.
#[derive(PartialEq)]
pub(crate) struct Shown {
    available: Option<Revision>,
    state: Option<CellState>,
    gathers: bool,
    blocked_by: Vec<ProductName>,
}
