//! `POST /processing`, `POST /backfill`: products made because somebody asked for them.

use domain::{CellState, JsonObject, ObsId, ProductName, RunId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A manual request, traced like any other run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ManualRequest {
    /// What to make.
    pub product: ProductName,
    /// For which observation.
    pub obs_id: ObsId,
    /// Also if it is `done`, and also if mandatory inputs are missing.
    #[serde(default)]
    pub force: bool,
    /// Handed to the pipeline as they are.
    #[serde(default)]
    #[schema(value_type = serde_json::Value)]
    pub params: JsonObject,
    /// Why, for the audit log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The answer: 202 with a new run, 200 with the open or the last one.
///
/// 409 [`INPUTS_MISSING`](crate::codes::INPUTS_MISSING) carries a [`Why`](super::Why) as `why`, see
/// [`Problem::why`](crate::Problem::why).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ManualAnswer {
    /// The run that makes it, or made it.
    pub run_id: RunId,
    /// How the cell is.
    pub state: CellState,
}

/// `POST /backfill`: a product asked for in every observation that has its mandatory inputs and where it was neither
/// made nor wanted, such as one that is new in the graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BackfillRequest {
    /// What to make.
    pub product: ProductName,
    /// Of observations that changed at this time or later; left out, in the last 30 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// Only say which.
    #[serde(default)]
    pub dry_run: bool,
    /// Why, for the audit log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
