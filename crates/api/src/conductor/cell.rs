//! One cell: a product of an observation.

use super::{AcknowledgementView, Eta, Expected, RunView, Why};
use domain::{Attempt, CellState, ObsId, ProductName, ProviderName, Revision, RunId, Version};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A cell as it is now, inputs included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Cell {
    /// The product.
    pub product: ProductName,
    /// Rises with each change of the cell, as on `activity.conductor`.
    pub rev: u64,
    /// How it is.
    pub state: CellState,
    /// Why it is not `done`, for a person.
    #[serde(default)]
    pub reason: Option<String>,
    /// Since when it is so.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// The ledger's number of its newest datum.
    #[serde(default)]
    pub revision: Option<Revision>,
    /// The publisher's number of it; for a product its version in the SDB.
    #[serde(default)]
    pub version: Option<Version>,
    /// Its latest run.
    #[serde(default)]
    pub run_id: Option<RunId>,
    /// The attempt of that run.
    #[serde(default)]
    pub attempt: Option<Attempt>,
    /// How many attempts the run has.
    #[serde(default)]
    pub attempts: Option<u32>,
    /// When the next attempt is.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub retry_at: Option<Timestamp>,
    /// The ancestors that it waits for and that will not move by themselves (failed, held, cancelled,
    /// retracted).
    #[serde(default)]
    pub blocked_by: Vec<ProductName>,
    /// What caused its latest run, in words.
    #[serde(default)]
    pub trigger: Option<String>,
    /// Who makes it; null for an input and for what the graph does not know.
    #[serde(default)]
    pub provider: Option<ProviderName>,
    /// How long it takes to make; null for what nobody makes, or made before.
    #[serde(default)]
    pub expected: Option<Expected>,
    /// Whether its run is with its provider for longer than nearly all were.
    #[serde(default)]
    pub late: bool,
    /// When its product will be there; null for one that is made, or is not on its way.
    #[serde(default)]
    pub eta: Option<Eta>,
    /// Of what is made: the optional inputs that it was made without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<ProductName>,
    /// Of a failed cell: the same for all that failed for the same cause.
    #[serde(default)]
    pub fingerprint: Option<String>,
    /// Who has seen that it failed; null if nobody did, or it was too long ago.
    #[serde(default)]
    pub acknowledged: Option<AcknowledgementView>,
}

/// `GET /observations/{obs_id}/products/{product}`: the cell, its runs, and why it is as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CellView {
    /// The observation.
    pub obs_id: ObsId,
    /// The cell.
    pub cell: Cell,
    /// Its runs with their attempts, newest first.
    #[serde(default)]
    pub runs: Vec<RunView>,
    /// Every blocker, and what would happen next.
    pub why: Why,
}
