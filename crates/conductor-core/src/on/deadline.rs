//! A wait is over.

use super::report::timed_out;
use crate::Command;
use crate::observation::{Turn, ask, grace_ends};
use crate::vigil::{ASK_AGAIN, SILENCE, later};
use domain::{ProductName, RunState};
use jiff::Timestamp;

impl Turn<'_> {
    pub(crate) fn on_deadline(&mut self) {
        let mut products: Vec<ProductName> = self.observation.entries.keys().cloned().collect();
        // What ends at the same time ends at the input before it ends at what is made from it.
        products.sort_by_key(|product| self.graph.id(product));
        for product in products {
            self.on_cell_deadline(&product);
        }
    }

    fn on_cell_deadline(&mut self, product: &ProductName) {
        let now = self.now;
        let due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        if due(grace_ends(self.entry(product))) {
            self.settle(product, None);
        }
        let Some(run) = self.entry(product).open_run().cloned() else {
            return;
        };
        if run.state == RunState::Retrying && due(run.retry_at) && !self.entry(product).is_held() {
            self.enqueue(product);
        }
        if !run.state.holds_slot() {
            return;
        }
        let entry = self.entry(product);
        if entry.vigil.verdict.is_none() && due(run.deadline) {
            self.judge(product, &run, timed_out());
        } else if due(entry.vigil.ask_sdb_at) {
            entry.vigil.ask_sdb_at = Some(later(now, ASK_AGAIN));
            self.commands.push(Command::AskSdb {
                product: product.clone(),
                run_id: run.run_id.clone(),
            });
        } else if due(entry.vigil.ask_at) {
            entry.vigil.ask_at = Some(later(now, SILENCE));
            self.commands.push(ask(&run));
        }
    }
}
