//! How many cells are in each state.

use domain::CellState;

const STATES: usize = CellState::ALL.len();

/// How many cells are in each state; those outside of the closure (`not_expected`) are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts([u32; STATES]);

impl Counts {
    /// Cells in a state.
    pub fn of(&self, state: CellState) -> u32 {
        self.0[state as usize]
    }

    /// Cells in any of these states.
    pub fn of_any(&self, states: &[CellState]) -> u32 {
        states.iter().map(|state| self.of(*state)).sum()
    }

    /// Cells in the closure: all but those that cannot be made with what is there.
    pub fn expected(&self) -> u32 {
        self.0.iter().sum()
    }

    /// Cells that others can be made from.
    pub fn available(&self) -> u32 {
        self.of_any(&[CellState::Done, CellState::Received, CellState::Stale])
    }

    /// Cells that failed or were put aside.
    pub fn problems(&self) -> u32 {
        self.of_any(&[CellState::Failed, CellState::Quarantined])
    }

    /// Cells that are with their providers.
    pub fn running(&self) -> u32 {
        self.of_any(&[CellState::Requested, CellState::Running])
    }

    /// Cells from which something is still to come: neither there, nor given up, nor waiting for a person.
    pub fn open(&self) -> u32 {
        use CellState::{Grace, Queued, Requested, Retrying, Running, Waiting};
        self.of_any(&[Waiting, Grace, Queued, Requested, Running, Retrying])
    }

    /// The state that most wants attention.
    pub fn worst(&self) -> Option<CellState> {
        CellState::ALL.into_iter().rev().find(|state| self.of(*state) > 0)
    }

    pub(super) fn set(&mut self, state: CellState, cells: u32) {
        self.0[state as usize] = cells;
    }

    pub(super) fn up(&mut self, state: CellState) {
        self.0[state as usize] += 1;
    }

    pub(super) fn down(&mut self, state: CellState) {
        self.0[state as usize] -= 1;
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (sum, cells) in self.0.iter_mut().zip(other.0) {
            *sum += cells;
        }
    }

    pub(super) fn subtract(&mut self, other: &Self) {
        for (sum, cells) in self.0.iter_mut().zip(other.0) {
            *sum -= cells;
        }
    }
}
