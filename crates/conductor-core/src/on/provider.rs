//! An operator restrains the provider of a queued run, or lets it go on.

use crate::observation::Turn;
use crate::{HeldTime, Reason, Restraint};
use domain::{CellState, ProductName, RunId, RunState};

impl Turn<'_> {
    /// The run keeps its place in the queue, and its cell says why it does not move.
    pub(crate) fn on_restrained(&mut self, product: &ProductName, run_id: &RunId, restraint: Restraint) {
        let now = self.now;
        let Some(provider) = self.queued_at(product, run_id) else {
            return;
        };
        let reason = Reason::Restrained { provider, restraint };
        self.entry(product).set_state(now, CellState::Held, Some(reason));
        self.settle(product, None);
    }

    /// The run waits for a slot again.
    pub(crate) fn on_resumed(&mut self, product: &ProductName, run_id: &RunId) {
        let now = self.now;
        let Some(provider) = self.queued_at(product, run_id) else {
            return;
        };
        let entry = self.entry(product);
        if !entry.is_restrained() {
            return;
        }
        let held = HeldTime {
            since: entry.cell().since,
            until: now,
        };
        entry.edit_run(|run| run.held.push(held));
        entry.set_state(now, CellState::Queued, Some(Reason::ProviderBusy { provider }));
        self.settle(product, None);
    }

    /// The provider in whose queue the run stands, if it does.
    fn queued_at(&self, product: &ProductName, run_id: &RunId) -> Option<domain::ProviderName> {
        let entry = self.observation.entries.get(product)?;
        let run = entry.open_run().filter(|run| run.run_id == *run_id)?;
        let stands = run.state == RunState::Queued && !entry.is_held();
        stands.then(|| run.provider.clone())
    }
}
