//! Runs and their attempts.

use super::Expected;
use domain::{
    Attempt, InputRef, JsonObject, ObsId, ProcessingError, ProductName, ProviderName, RunId, RunState,
    Version,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How an attempt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    /// The POST is on its way, or unanswered.
    Requested,
    /// The provider has it.
    Accepted,
    /// At work.
    Running,
    /// Its product is in the SDB.
    Succeeded,
    /// It failed; `error` says how.
    Failed,
    /// It was cancelled.
    Cancelled,
    /// Its provider does not know it any more, or its time was up.
    Lost,
}

/// One POST of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AttemptView {
    /// Its number, from 1.
    pub attempt: Attempt,
    /// How it is.
    pub state: AttemptState,
    /// When it was sent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub requested_at: Option<Timestamp>,
    /// When it began to run.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// When it is given up.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub deadline: Option<Timestamp>,
    /// How far it is, 0 to 1.
    #[serde(default)]
    pub progress: Option<f64>,
    /// Why it failed.
    #[serde(default)]
    pub error: Option<ProcessingError>,
}

/// One run, an item of `GET /runs`, and `GET /runs/{run_id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RunView {
    /// The run.
    pub run_id: RunId,
    /// For which observation.
    pub obs_id: ObsId,
    /// What it makes.
    pub product: ProductName,
    /// Who makes it.
    pub provider: ProviderName,
    /// How it is.
    pub state: RunState,
    /// Why it is so, for a person.
    #[serde(default)]
    pub reason: Option<String>,
    /// What caused it, in words.
    #[serde(default)]
    pub trigger: Option<String>,
    /// How often the same inputs were run before, by an operator's will or because they came back.
    #[serde(default)]
    pub generation: u32,
    /// What it is made from.
    #[serde(default)]
    pub inputs: Vec<InputRef>,
    /// Optional inputs that were not there.
    #[serde(default)]
    pub missing: Vec<ProductName>,
    /// Parameters of a manual run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub params: Option<JsonObject>,
    /// When it was decided.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it ended.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// When its next attempt is.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub retry_at: Option<Timestamp>,
    /// The latest attempt; null before the first.
    #[serde(default)]
    pub attempt: Option<Attempt>,
    /// How many attempts it has.
    #[serde(default)]
    pub max_attempts: u32,
    /// The version of its product in the SDB.
    #[serde(default)]
    pub version: Option<Version>,
    /// Its attempts, oldest first.
    #[serde(default)]
    pub attempts: Vec<AttemptView>,
    /// How long its product takes at its provider; null if nobody knows.
    #[serde(default)]
    pub expected: Option<Expected>,
    /// Whether it is with its provider for longer than nearly all were.
    #[serde(default)]
    pub late: bool,
}

/// The query of `GET /runs`; all that is given must hold. `GET /runs` lists newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RunQuery {
    /// Runs in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<String>)]
    pub state: Option<RunState>,
    /// Runs of this provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<String>)]
    pub provider: Option<ProviderName>,
    /// Runs decided at this time or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// How many items at most, 1 to 1000, default 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}
