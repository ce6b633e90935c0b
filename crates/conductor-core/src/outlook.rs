//! How a cell is shown, also one that has no row.

use crate::{Cell, Observation, Reason};
use domain::{CellState, ProductName};
use product_graph::ProductGraph;

impl Observation {
    /// State and reason of any cell. One without a row is `not_expected`: an input did not come, a product
    /// lacks mandatory inputs that are outside the closure.
    pub fn outlook(&self, graph: &ProductGraph, product: &ProductName) -> (CellState, Option<Reason>) {
        if let Some(cell) = self.cell(product) {
            return (cell.state, cell.reason.clone());
        }
        let Some(recipe) = graph.id(product).and_then(|id| graph.recipe(id)) else {
            return not_come(None);
        };
        let view = self.view(graph);
        let outside = view.names(view.outside(recipe));
        let reason = if outside.is_empty() {
            Reason::NotLookedAt
        } else {
            Reason::Missing(outside)
        };
        (CellState::NotExpected, Some(reason))
    }
}

/// An input of which there is no datum.
pub(crate) fn not_come(cell: Option<&Cell>) -> (CellState, Option<Reason>) {
    let reason = match cell {
        Some(cell) if cell.absent => Reason::Absent,
        Some(cell) if cell.withdrawn => Reason::WithdrawnBefore,
        Some(_) | None => Reason::NotCome,
    };
    (CellState::NotExpected, Some(reason))
}
