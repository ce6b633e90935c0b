//! What a command of an operator would do, before it is applied.

use crate::view::View;
use crate::{Event, Observation, Verb};
use domain::{CellState, ProductName};
use jiff::Timestamp;
use product_graph::ProductGraph;

/// What [`Event::Operated`] would do to its cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreseen {
    /// Whether it would do anything.
    pub touched: bool,
    /// How the cell would be afterwards.
    pub state: CellState,
    /// Why it would do nothing, for a person.
    pub why_not: Option<String>,
}

impl Observation {
    /// What the verb would do to a cell now. It is tried on a copy, so that it cannot differ from what
    /// happens when the verb is applied.
    pub fn foresee(
        &self,
        graph: &ProductGraph,
        now: Timestamp,
        product: &ProductName,
        verb: &Verb,
    ) -> Foreseen {
        let why_not = self.view(graph).objection(product, verb);
        let mut copy = self.clone();
        if why_not.is_none() {
            // Only the state is asked for: nobody carries out the commands.
            let _ = copy.apply(
                graph,
                now,
                Event::Operated {
                    product: product.clone(),
                    verb: *verb,
                    by: String::new(),
                    note: None,
                },
            );
        }
        Foreseen {
            touched: why_not.is_none(),
            state: copy.outlook(graph, product).0,
            why_not,
        }
    }
}

impl View<'_> {
    /// Why the verb would do nothing to the cell, if so.
    pub(crate) fn objection(self, product: &ProductName, verb: &Verb) -> Option<String> {
        let (state, _) = self.observation.outlook(self.graph, product);
        let id = self.graph.id(product);
        if id.and_then(|id| self.graph.recipe(id)).is_none() {
            return Some("nothing in the graph makes it".to_owned());
        }
        let allowed = match verb {
            Verb::Retry => state == CellState::Failed || state == CellState::Cancelled,
            Verb::Cancel => matches!(
                state,
                CellState::Waiting | CellState::Grace | CellState::Queued | CellState::Retrying
            ),
            Verb::Hold
            | Verb::Release
            | Verb::Approve
            | Verb::EndGrace
            | Verb::ExtendGrace { .. }
            | Verb::Raise { .. } => false,
        };
        (!allowed).then(|| {
            format!(
                "{verb} does nothing to a cell that is {}",
                state.as_str().replace('_', " ")
            )
        })
    }
}
