//! The hand-over of a shift.

use super::{AcknowledgementView, AlertView, Counts, EventView, Expected, NoteView, ProviderView};
use domain::{ObsId, ProductName, ProviderName, RunId, RunState};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `GET /report`: what the next shift should know.
///
/// Lists have a bound and say the first of many; counts count all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReportView {
    /// What happened before is not told.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The runs that were decided since, by how they are.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub runs: BTreeMap<RunState, u64>,
    /// Alerts that stand, and those that were over since.
    pub alerts: Vec<AlertView>,
    /// What has failed and is not made, by cause, the most frequent first.
    pub failed: Vec<FailureGroup>,
    /// What moves by itself, or will, by state.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub open: Counts,
    /// What is held.
    pub held: Vec<HeldCell>,
    /// Runs that are with their provider for longer than nearly all were.
    pub late: Vec<LateRun>,
    /// Providers that are not `up`.
    pub providers: Vec<ProviderView>,
    /// Who tried what again since.
    pub retried: Vec<Retried>,
    /// What operators did since besides, the last first.
    pub acts: Vec<EventView>,
    /// What operators found worth knowing since, the last first.
    pub notes: Vec<NoteView>,
}

/// Cells that failed for the same cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FailureGroup {
    /// The same for all of them.
    pub fingerprint: String,
    /// Where they failed.
    pub provider: ProviderName,
    /// With which code.
    pub code: String,
    /// What one of them said.
    pub message: String,
    /// How many.
    pub count: u64,
    /// The first of them: `QPO_ECL of 42`.
    pub targets: Vec<String>,
    /// When the first of them failed.
    #[schema(value_type = String, format = DateTime)]
    pub first_at: Timestamp,
    /// When the last of them failed.
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Timestamp,
    /// Who has seen it; null if nobody did, or it was too long ago.
    #[serde(default)]
    pub acknowledged: Option<AcknowledgementView>,
}

/// A cell that is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HeldCell {
    /// Its observation.
    pub obs_id: ObsId,
    /// Its product.
    pub product: ProductName,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// By whom and why, or what it awaits.
    pub reason: String,
}

/// A run that takes long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LateRun {
    /// Its observation.
    pub obs_id: ObsId,
    /// Its product.
    pub product: ProductName,
    /// Who has it.
    pub provider: ProviderName,
    /// The run.
    pub run_id: RunId,
    /// Since when it is with its provider.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// How long it takes otherwise.
    #[serde(default)]
    pub expected: Option<Expected>,
}

/// What one operator tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Retried {
    /// Who.
    pub by: String,
    /// How many cells.
    pub count: u64,
    /// The first of them: `QPO_ECL of 42`.
    pub targets: Vec<String>,
    /// What he or she said about it.
    pub notes: Vec<String>,
}

/// The query of `GET /report`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// When the shift began; eight hours ago if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// `markdown`, or `json` if neither this nor `Accept` says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<ReportFormat>,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportFormat {
    /// For programs.
    Json,
    /// For people.
    Markdown,
}
