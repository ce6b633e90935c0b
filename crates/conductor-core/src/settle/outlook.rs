//! What can be seen of a cell's inputs: available, possible, on their way, or blocked.

use crate::observation::Turn;
use domain::{CellState, ProductName, Revision};
use product_graph::{NodeId, Recipe};
use std::collections::BTreeSet;

impl Turn<'_> {
    pub(super) fn available(&self, id: NodeId) -> Option<Revision> {
        let entry = self.observation.entries.get(self.graph.name(id))?;
        entry.available().map(|datum| datum.revision)
    }

    /// Whether a node is available, or can become so from what is there.
    pub(super) fn in_closure(&self, id: NodeId) -> bool {
        self.available(id).is_some()
            || self.graph.recipe(id).is_some()
                && self.state(id).is_some_and(|state| {
                    !matches!(
                        state,
                        CellState::NotExpected | CellState::Retracted | CellState::Received
                    )
                })
    }

    /// Whether a cell is itself being made or re-made, or waits only for such.
    pub(super) fn coming(&self, id: NodeId) -> bool {
        let Some(recipe) = self.graph.recipe(id) else {
            return false;
        };
        let Some(state) = self.state(id) else { return false };
        match state {
            CellState::Grace
            | CellState::Queued
            | CellState::Requested
            | CellState::Running
            | CellState::Retrying => true,
            CellState::Waiting => recipe
                .mandatory
                .iter()
                .all(|id| self.available(*id).is_some() || self.coming(*id)),
            CellState::NotExpected
            | CellState::Done
            | CellState::Received
            | CellState::Stale
            | CellState::Retracted
            | CellState::Cancelled
            | CellState::Held
            | CellState::Failed
            | CellState::Quarantined => false,
        }
    }

    /// The ancestors that will not come by themselves.
    pub(super) fn blocked_by(&self, recipe: &Recipe) -> Vec<ProductName> {
        let mut found = BTreeSet::new();
        let mut open: Vec<NodeId> = recipe.mandatory.clone();
        while let Some(id) = open.pop() {
            if self.available(id).is_some() {
                continue;
            }
            match self.state(id) {
                Some(CellState::Failed | CellState::Held | CellState::Cancelled | CellState::Retracted) => {
                    found.insert(id);
                }
                Some(CellState::Waiting) => {
                    open.extend(self.graph.recipe(id).iter().flat_map(|r| &r.mandatory));
                }
                Some(_) | None => {}
            }
        }
        found.into_iter().map(|id| self.graph.name(id).clone()).collect()
    }

    pub(super) fn state(&self, id: NodeId) -> Option<CellState> {
        self.observation
            .entries
            .get(self.graph.name(id))
            .map(|entry| entry.cell().state)
    }

    /// What dependants can see of a cell.
    pub(super) fn view(&self, id: NodeId) -> (Option<Revision>, Option<CellState>, bool) {
        (self.available(id), self.state(id), self.coming(id))
    }
}
