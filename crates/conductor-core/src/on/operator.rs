//! An operator asks, retries, holds, gives up.

use crate::observation::{Turn, stop};
use crate::vigil::later;
use crate::{ManualRequest, Reason, Signature, Trigger, Verb};
use domain::{ProductName, RunState};
use std::time::Duration;

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
        let now = self.now;
        let signature = Signature { by, note, at: now };
        match verb {
            Verb::Retry => {
                let Signature { by, note, .. } = signature;
                self.want_again(product, Trigger::Retry { by, note });
            }
            Verb::Cancel => self.cancel(product, signature),
            Verb::Hold => self.entry(product).edit_cell(|cell| cell.held = Some(signature)),
            Verb::Release => self.entry(product).edit_cell(|cell| cell.held = None),
            Verb::Approve => {
                let Signature { by, note, .. } = signature;
                let trigger = Trigger::Approved { by, note };
                self.entry(product).edit_cell(|cell| cell.wanted = Some(trigger));
            }
            Verb::EndGrace => self.entry(product).edit_cell(|cell| {
                cell.grace_until = Some(now);
                cell.optional_until = Some(now);
                cell.repeats_until = Some(now);
            }),
            Verb::ExtendGrace { by } => self.extend_grace(product, *by),
            Verb::Raise { priority } => self.raise(product, *priority),
        }
        self.settle(product, None);
    }

    /// Gives a cell up. Its run is over at once, and its provider is told: what it makes all the same is
    /// welcome.
    fn cancel(&mut self, product: &ProductName, signature: Signature) {
        if let Some(run) = self.entry(product).open_run() {
            let stop = run.state.holds_slot().then(|| stop(run));
            self.commands.extend(stop);
            self.end_run(product, RunState::Cancelled);
        }
        self.give_up(product, signature);
    }

    /// Nothing starts any more. What was wanted is forgotten: a retry looks at what there is then.
    pub(crate) fn give_up(&mut self, product: &ProductName, signature: Signature) {
        self.entry(product).edit_cell(|cell| {
            cell.cancelled = Some(signature);
            cell.held = None;
            cell.wanted = None;
            cell.forced = false;
            cell.params = None;
        });
    }

    /// Moves the ends of the waits that stand.
    fn extend_grace(&mut self, product: &ProductName, by: Duration) {
        let entry = self.entry(product);
        if let Some(Reason::Repeats { until, .. }) = entry.cell().reason {
            entry.edit_cell(|cell| cell.repeats_until = Some(later(until, by)));
            return;
        }
        let Some(Reason::InProgress {
            until, awaited_until, ..
        }) = entry.cell().reason
        else {
            return;
        };
        entry.edit_cell(|cell| {
            cell.grace_until = until.map(|until| later(until, by)).or(cell.grace_until);
            cell.optional_until = awaited_until
                .map(|until| later(until, by))
                .or(cell.optional_until);
        });
    }

    /// The cell and all that still has to be made for it pass others.
    fn raise(&mut self, product: &ProductName, priority: i32) {
        for product in self.view().to_be_raised(product, priority) {
            self.entry(&product)
                .edit_cell(|cell| cell.priority = Some(priority));
            let entry = self.entry(&product);
            let queued = entry.open_run().is_some_and(|run| run.state == RunState::Queued);
            if queued && !entry.is_held() {
                self.push_want(&product);
            }
            self.settle(&product, None);
        }
    }

    fn want_again(&mut self, product: &ProductName, trigger: Trigger) {
        self.entry(product).edit_cell(|cell| {
            cell.generation += 1;
            cell.wanted = Some(trigger);
            cell.cancelled = None;
            cell.held = None;
        });
    }
}
