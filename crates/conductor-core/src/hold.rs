//! Holding back: what would be done is not, and goes on where it was once the cell is released.

use crate::decide::Decision;
use crate::entry::Entry;
use crate::observation::Turn;
use crate::{Command, HeldTime, Reason, Run, Trigger};
use domain::{CellState, ProductName, RunState};
use jiff::Timestamp;
use product_graph::Recipe;

impl Turn<'_> {
    /// What would be done is not, and waits in the cell: a run keeps its attempts and its place in the queue.
    pub(crate) fn hold_back(
        &mut self,
        product: &ProductName,
        recipe: &Recipe,
        without: Decision,
        trigger: Option<&Trigger>,
    ) {
        match without {
            // Nothing new would start.
            Decision::Underway
            | Decision::Outside { .. }
            | Decision::Follow(_)
            | Decision::Made
            | Decision::Stale(_)
            | Decision::GivenUp
            | Decision::Held(_) => return self.carry_out(product, recipe, without, trigger),
            Decision::Keep => self.withdraw(product),
            Decision::Await(_) => self.drop_open_run(product),
            Decision::Gather(_) => {}
            Decision::Wait(_) | Decision::Begin { .. } | Decision::Approve { .. } => {
                self.replace_run(product, recipe, trigger);
            }
        }
        if let Some(held) = self.entry(product).cell().held.clone() {
            let reason = Reason::Held {
                by: held.by,
                note: held.note,
            };
            self.show(product, CellState::Held, reason);
        }
    }

    /// Takes the queued run out of its provider's queue, until it is released.
    fn withdraw(&mut self, product: &ProductName) {
        let entry = self.entry(product);
        let queued = |run: &&Run| run.state == RunState::Queued;
        if (entry.cell().state != CellState::Held || entry.is_restrained())
            && let Some(run) = entry.open_run().filter(queued)
        {
            let (provider, run_id) = (run.provider.clone(), run.run_id.clone());
            self.commands.push(Command::Withdraw { provider, run_id });
        }
    }

    /// The run that is wanted is open; one that was held goes on where it was.
    pub(crate) fn go_on(&mut self, product: &ProductName) {
        let now = self.now;
        let entry = self.entry(product);
        if entry.cell().state != CellState::Held || entry.is_restrained() {
            return;
        }
        if let Some(held) = held_until(entry, now) {
            entry.edit_run(|run| run.held.push(held));
        }
        let Some(run) = entry.open_run() else { return };
        let last = run.ended_attempts.last().map(|ended| ended.error.clone());
        match (run.retry_at.filter(|at| *at > now), last) {
            (Some(retry_at), Some(error)) => {
                let reason = Reason::AttemptFailed { error, retry_at };
                entry.set_state(now, CellState::Retrying, Some(reason));
            }
            (Some(_) | None, _) => self.enqueue(product),
        }
    }
}

/// The time during which a cell was held that is so no more.
pub(crate) fn held_until(entry: &Entry, now: Timestamp) -> Option<HeldTime> {
    let cell = entry.cell();
    (cell.state == CellState::Held).then_some(HeldTime {
        since: cell.since,
        until: now,
    })
}
