//! The provider board.

use super::Eta;
use domain::{ProductName, ProviderName, ProviderState};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

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
    /// Who paused or drains it.
    #[serde(default)]
    pub by: Option<String>,
    /// Why.
    #[serde(default)]
    pub note: Option<String>,
}
