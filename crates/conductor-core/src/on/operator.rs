//! An operator asks, retries, or changes the graph.

use crate::observation::Turn;
use crate::{ManualRequest, Trigger};
use domain::{CellState, ProductName};

impl Turn<'_> {
    /// A manual request: traced like any other, but begun at once, without the waits for inputs in progress,
    /// so that whoever asked is told its run. The shell has judged it before ([`crate::Observation::judge`]).
    pub(crate) fn on_requested(&mut self, product: &ProductName, request: ManualRequest) {
        let ManualRequest {
            force,
            params,
            by,
            note,
        } = request;
        if self.recipe(product).is_none() {
            return;
        }
        self.want_again(product, Trigger::Manual { by, note });
        self.entry(product).edit_cell(|cell| {
            cell.forced = force;
            cell.params = params;
        });
        self.settle(product, None);
    }

    /// Only a failed cell is retried; for any other the command is without effect.
    pub(crate) fn on_retried(&mut self, product: &ProductName, by: String, note: Option<String>) {
        if self.observation.cell(product).map(|cell| cell.state) != Some(CellState::Failed) {
            return;
        }
        self.want_again(product, Trigger::Retry { by, note });
        self.settle(product, None);
    }

    pub(crate) fn on_graph_changed(&mut self) {
        let products: Vec<ProductName> = self
            .graph
            .ids()
            .map(|id| self.graph.node(id).name.clone())
            .collect();
        for product in products {
            self.settle(&product, Some(&Trigger::GraphChanged));
        }
    }

    fn want_again(&mut self, product: &ProductName, trigger: Trigger) {
        self.entry(product).edit_cell(|cell| {
            cell.generation += 1;
            cell.wanted = Some(trigger);
        });
    }
}
