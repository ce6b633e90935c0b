//! An operator asks, retries, or changes the graph.

use crate::observation::Turn;
use crate::{ManualRequest, Reason, Signature, Trigger, Verb};
use domain::{CellState, ProductName, RunState};

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

    /// A command that has no effect on the cell changes nothing.
    pub(crate) fn on_operated(
        &mut self,
        product: &ProductName,
        verb: &Verb,
        by: String,
        note: Option<String>,
    ) {
        if self.view().objection(product, verb).is_some() {
            return;
        }
        match verb {
            Verb::Retry => self.want_again(product, Trigger::Retry { by, note }),
            Verb::Cancel => self.cancel(product, by, note),
            Verb::Hold
            | Verb::Release
            | Verb::Approve
            | Verb::EndGrace
            | Verb::ExtendGrace { .. }
            | Verb::Raise { .. } => {}
        }
        self.settle(product, None);
    }

    /// Gives a cell up. What was wanted is forgotten: a retry looks at what there is then.
    pub(crate) fn cancel(&mut self, product: &ProductName, by: String, note: Option<String>) {
        let now = self.now;
        if self.entry(product).open_run().is_some() {
            self.end_run(product, RunState::Cancelled);
        }
        let entry = self.entry(product);
        let reason = Reason::Cancelled {
            by: by.clone(),
            note: note.clone(),
        };
        entry.set_state(now, CellState::Cancelled, Some(reason));
        entry.edit_cell(|cell| {
            cell.cancelled = Some(Signature { by, note, at: now });
            cell.wanted = None;
            cell.forced = false;
            cell.params = None;
        });
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
            cell.cancelled = None;
        });
    }
}
