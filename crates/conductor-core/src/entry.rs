//! A cell together with its data and its latest run.

use crate::vigil::Vigil;
use crate::{Cell, Changes, Datum, Reason, Run};
use domain::{Attempt, CellState, ProductName, Revision, RunId, RunState, Version};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// One cell in memory. All changes pass its setters, so that what changed is known.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    cell: Cell,
    data: Vec<Datum>,
    run: Option<Run>,
    /// The runs that ended before `run`: their ids are never used again, and their products may still come.
    past: BTreeMap<RunId, Run>,
    /// The watch over `run` while it holds a slot.
    pub(crate) vigil: Vigil,
    cell_changed: bool,
    run_changed: bool,
    data_changed: BTreeSet<Revision>,
    /// Runs that were replaced, or replaced before and changed all the same, since the last
    /// [`Entry::take_changes`].
    replaced: Vec<Run>,
}

impl Entry {
    pub(crate) fn new(product: ProductName, now: Timestamp) -> Self {
        Self::restore(Cell::new(product, now))
    }

    pub(crate) fn restore(cell: Cell) -> Self {
        Self {
            cell,
            data: Vec::new(),
            run: None,
            past: BTreeMap::new(),
            vigil: Vigil::default(),
            cell_changed: false,
            run_changed: false,
            data_changed: BTreeSet::new(),
            replaced: Vec::new(),
        }
    }

    /// Puts back a stored datum.
    pub(crate) fn restore_datum(&mut self, datum: Datum) {
        self.data.push(datum);
        self.data.sort_by_key(|datum| datum.revision);
    }

    /// Puts back a stored run; the one that the cell names is its latest.
    pub(crate) fn restore_run(&mut self, run: Run, now: Timestamp) {
        if self.cell.run_id.as_ref() == Some(&run.run_id) {
            if run.state.holds_slot() {
                self.vigil = Vigil::begin(now);
            }
            self.run = Some(run);
        } else {
            self.past.insert(run.run_id.clone(), run);
        }
    }

    pub(crate) fn cell(&self) -> &Cell {
        &self.cell
    }

    pub(crate) fn data(&self) -> &[Datum] {
        &self.data
    }

    pub(crate) fn run(&self) -> Option<&Run> {
        self.run.as_ref()
    }

    /// The run, if it waits, is under way or is between attempts.
    pub(crate) fn open_run(&self) -> Option<&Run> {
        self.run.as_ref().filter(|run| !run.state.is_ended())
    }

    /// Whether the cell shows the failure of a run that somebody else started, for want of anything better: ours are
    /// not wanted, or cannot be made.
    pub(crate) fn shows_foreign_failure(&self) -> bool {
        let failed = |run: &Run| run.is_foreign() && run.state == RunState::Failed;
        self.cell.state == CellState::Failed
            && self.newest().is_none()
            && self.run.as_ref().is_some_and(failed)
    }

    /// Whether an operator lets nothing new start.
    pub(crate) fn is_held(&self) -> bool {
        self.cell.held.is_some()
    }

    /// Whether its run is queued at a provider that is sent nothing.
    pub(crate) fn is_restrained(&self) -> bool {
        matches!(self.cell.reason, Some(Reason::Restrained { .. }))
    }

    /// Whether a run of this id was there before.
    pub(crate) fn knows_run(&self, run_id: &RunId) -> bool {
        self.past.contains_key(run_id) || self.run.as_ref().is_some_and(|run| run.run_id == *run_id)
    }

    /// A run that another one of the cell followed, by our id or by its provider's.
    pub(crate) fn past_run(&self, run_id: &RunId) -> Option<&Run> {
        self.past.values().find(|run| run.answers_to(run_id))
    }

    /// The datum that dependants would be made from: the newest, unless it is withdrawn.
    pub(crate) fn available(&self) -> Option<&Datum> {
        self.newest().filter(|datum| !datum.retracted)
    }

    /// The newest datum, withdrawn or not.
    pub(crate) fn newest(&self) -> Option<&Datum> {
        let newest = self.cell.newest?;
        self.data.iter().rev().find(|datum| datum.revision == newest)
    }

    /// The run that made the datum which dependants would be made from, if it is known.
    pub(crate) fn maker(&self) -> Option<&Run> {
        let run_id = self.available()?.run_id.as_ref()?;
        let latest = self.run.as_ref().filter(|run| run.answers_to(run_id));
        latest.or_else(|| self.past_run(run_id))
    }

    /// Changes the cell without a change of state.
    pub(crate) fn edit_cell(&mut self, edit: impl FnOnce(&mut Cell)) {
        edit(&mut self.cell);
        self.cell_changed = true;
    }

    /// The one door through which a cell changes its state.
    pub(crate) fn set_state(&mut self, now: Timestamp, state: CellState, reason: Option<Reason>) {
        if self.cell.state != state {
            self.cell.state = state;
            self.cell.since = now;
            self.cell_changed = true;
        }
        if self.cell.reason != reason {
            self.cell.reason = reason;
            self.cell_changed = true;
        }
        let waits = matches!(state, CellState::Grace | CellState::Held);
        if !waits && self.cell.grace_until.take().is_some() {
            self.cell_changed = true;
        }
        if !waits && self.cell.repeats_until.take().is_some() {
            self.cell_changed = true;
        }
        if !waits && !state.is_active() && self.cell.optional_until.take().is_some() {
            self.cell_changed = true;
        }
    }

    pub(crate) fn edit_run(&mut self, edit: impl FnOnce(&mut Run)) {
        if let Some(run) = &mut self.run {
            let before = told(run);
            edit(run);
            self.run_changed = true;
            self.cell_changed |= told(run) != before;
        }
    }

    /// Makes this the latest run; the one before, which has ended, is kept in the ledger.
    pub(crate) fn begin_run(&mut self, run: Run) {
        self.cell.run_id = Some(run.run_id.clone());
        self.cell_changed = true;
        if let Some(before) = self.run.replace(run) {
            if self.run_changed {
                self.replaced.push(before.clone());
            }
            self.past.insert(before.run_id.clone(), before);
        }
        self.run_changed = true;
    }

    /// A product of a run came that was replaced before; says whether there was one of this id.
    pub(crate) fn note_late_product(&mut self, now: Timestamp, run_id: &RunId) -> bool {
        let Some(run) = self.past.values_mut().find(|run| run.answers_to(run_id)) else {
            return false;
        };
        run.succeed_late(now);
        self.replaced.push(run.clone());
        true
    }

    pub(crate) fn push_datum(&mut self, datum: Datum) {
        self.data_changed.insert(datum.revision);
        self.data.push(datum);
        self.update_newest();
    }

    /// Withdraws the data that `which` picks, with an input or on their publisher's word; says which they were.
    pub(crate) fn retract(
        &mut self,
        with: Option<&ProductName>,
        which: impl Fn(&Datum) -> bool,
    ) -> Vec<Datum> {
        let mut withdrawn = Vec::new();
        for datum in self
            .data
            .iter_mut()
            .filter(|datum| !datum.retracted && which(datum))
        {
            datum.retract(with);
            self.data_changed.insert(datum.revision);
            withdrawn.push(datum.clone());
        }
        withdrawn
    }

    /// The SDB heard that a version was withdrawn.
    pub(crate) fn note_told(&mut self, version: Version) {
        let told = |datum: &&mut Datum| datum.untold && datum.version == Some(version);
        for datum in self.data.iter_mut().filter(told) {
            datum.untold = false;
            self.data_changed.insert(datum.revision);
        }
    }

    fn update_newest(&mut self) {
        let newest = self
            .data
            .iter()
            .rev()
            .find(|datum| !datum.superseded)
            .map(|datum| datum.revision);
        if self.cell.newest != newest {
            self.cell.newest = newest;
            self.cell_changed = true;
        }
    }

    /// Moves what changed into `changes`, the cell at its next `rev`.
    pub(crate) fn take_changes(&mut self, changes: &mut Changes) {
        changes.runs.append(&mut self.replaced);
        if std::mem::take(&mut self.run_changed) {
            changes.runs.extend(self.run.clone());
        }
        let data_changed = std::mem::take(&mut self.data_changed);
        changes.data.extend(
            self.data
                .iter()
                .filter(|datum| data_changed.contains(&datum.revision))
                .cloned(),
        );
        if std::mem::take(&mut self.cell_changed) {
            self.cell.rev += 1;
            changes.cells.push(self.cell.clone());
        }
    }
}

/// What a cell tells of its run. That a run is over whose product came before is not among it, so each product
/// costs its readers one message less.
fn told(run: &Run) -> (Attempt, u32, bool, usize, Option<Timestamp>) {
    let sent = run.requested_at.is_some();
    (
        run.attempt,
        run.last_attempt(),
        sent,
        run.ended_attempts.len(),
        run.retry_at,
    )
}
