//! `kind: cell`: how a cell is.

use crate::{Attempt, CellState, ObsId, ProductName, RunId, ServiceName, Version};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// `kind: cell`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellActivity {
    /// `conductor`.
    pub service: ServiceName,
    /// Which process of it.
    #[serde(default)]
    pub instance: SmolStr,
    /// When this was said.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// Rises with each change of the cell; a lower one than known is dropped.
    pub rev: u64,
    /// The cell's product.
    pub product: ProductName,
    /// The cell's observation.
    pub obs_id: ObsId,
    /// How the cell is.
    pub state: CellState,
    /// Since when it is so.
    pub since: Timestamp,
    /// Its latest run.
    #[serde(default)]
    pub run_id: Option<RunId>,
    /// The attempt of that run.
    #[serde(default)]
    pub attempt: Option<Attempt>,
    /// How many attempts the run has.
    #[serde(default)]
    pub attempts: Option<u32>,
    /// Why it is not `done`, for a person.
    #[serde(default)]
    pub reason: Option<String>,
    /// When the next attempt is.
    #[serde(default)]
    pub retry_at: Option<Timestamp>,
    /// The version in the SDB.
    #[serde(default)]
    pub version: Option<Version>,
    /// What caused its latest run, in words.
    #[serde(default)]
    pub trigger: Option<String>,
    /// Of what is made: the optional inputs that it was made without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<ProductName>,
    /// Of a failed cell: the same for all that failed for the same cause.
    #[serde(default)]
    pub fingerprint: Option<String>,
}
