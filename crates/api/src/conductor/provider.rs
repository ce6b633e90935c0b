//! The provider board.

use super::Eta;
use domain::{ProductName, ProviderName, ProviderState};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What is said with `POST /providers/{name}/pause`, `/drain` and `/resume`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProviderRequest {
    /// Why, for the audit trail and for whoever asks why nothing moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One provider, an item of `GET /providers`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProviderView {
    /// Its name.
    pub provider: ProviderName,
    /// How it is.
    pub state: ProviderState,
    /// Where its requests go.
    pub url: String,
    /// The products that it makes.
    #[serde(default)]
    pub products: Vec<ProductName>,
    /// Runs that it has.
    pub in_flight: u64,
    /// How many it may have; null when only its own 429 says.
    #[serde(default)]
    pub max_in_flight: Option<u32>,
    /// Runs that wait for it.
    pub queued: u64,
    /// When the last of those that wait now will have been sent; null if none waits, or nobody knows.
    #[serde(default)]
    pub clears: Option<Eta>,
    /// It said that it is busy until then.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub busy_until: Option<Timestamp>,
    /// When it was last heard of, by a `status` or an answer.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub seen_at: Option<Timestamp>,
    /// What it says about itself.
    #[serde(default)]
    pub detail: Option<String>,
    /// It was not reached several times, so nothing is sent until then, when one run is sent to see.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub probe_at: Option<Timestamp>,
    /// Since when it is paused or drained.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// Who paused or drains it.
    #[serde(default)]
    pub by: Option<String>,
    /// Why.
    #[serde(default)]
    pub note: Option<String>,
}
