//! What operators did.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One line of the audit log, an item of `GET /events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EventView {
    /// Its place in the log, rising.
    pub n: u64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What was done: `processing`, `retry`.
    pub verb: String,
    /// To what: `QPO_ECL of 42`.
    pub target: String,
    /// By whom, from `X-Operator`.
    pub by: String,
    /// Why.
    #[serde(default)]
    pub note: Option<String>,
    /// What came of it.
    pub outcome: String,
}
