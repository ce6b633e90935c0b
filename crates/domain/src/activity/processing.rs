//! `kind: processing`: how a run is, in the words of its pipeline.

use crate::{Attempt, ObsId, ProductName, RunId, ServiceName, Version};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// How a run is, in the words of its pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ProcessingState {
    /// Taken, waiting for a worker.
    Accepted,
    /// At work.
    Running,
    /// Ended well; the product is in the SDB.
    Succeeded,
    /// Ended badly.
    Failed,
    /// Ended because somebody asked for it.
    Cancelled,
}

impl ProcessingState {
    /// Whether nothing more will come of the attempt.
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// Whether trying the same again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ErrorClass {
    /// It may work next time.
    Retriable,
    /// It will fail the same way from the same inputs.
    Permanent,
}

/// Why a run failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProcessingError {
    /// Whether trying again can help.
    pub class: ErrorClass,
    /// A stable word for programs: `calibration-missing`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub code: SmolStr,
    /// A sentence for a person.
    #[serde(default)]
    pub message: String,
}

/// `kind: processing`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProcessingActivity {
    /// The provider, the second token of the subject.
    pub service: ServiceName,
    /// Which process of it.
    #[serde(default)]
    pub instance: SmolStr,
    /// When this was said.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// The run.
    pub run_id: RunId,
    /// What it makes.
    pub product: ProductName,
    /// For which observation.
    pub obs_id: ObsId,
    /// The attempt, 1 if the pipeline does not count.
    #[serde(default = "first_attempt")]
    pub attempt: Attempt,
    /// How it is.
    pub state: ProcessingState,
    /// How far it is, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<f64>,
    /// A sentence for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ProcessingError>,
    /// On success, the version that the SDB gave the product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_version: Option<Version>,
}

fn first_attempt() -> Attempt {
    Attempt::FIRST
}
