//! What a report is made from.

use crate::alerts::{Acknowledgement, Alert};
use crate::ledger::{FailedCell, HeldRecord, OpenRun};
use api::conductor::{Counts, EventView, NoteView, ProviderView};
use domain::RunState;
use std::collections::BTreeMap;

/// What the ledger, and the providers' board, say.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// The runs that were decided since, by how they are.
    pub runs: BTreeMap<RunState, u64>,
    /// Alerts that stand, and those that were over since.
    pub alerts: Vec<Alert>,
    /// The acknowledgements that hold.
    pub acknowledgements: Vec<Acknowledgement>,
    /// Cells that failed for good.
    pub failed: Vec<FailedCell>,
    /// What moves by itself, or will, by state.
    pub open: Counts,
    /// Cells that are held.
    pub held: Vec<HeldRecord>,
    /// Runs that are with their providers.
    pub open_runs: Vec<OpenRun>,
    /// Providers that are not `up`.
    pub providers: Vec<ProviderView>,
    /// What operators did since, the last first.
    pub acts: Vec<EventView>,
    /// What operators found worth knowing since, the last first.
    pub notes: Vec<NoteView>,
}
