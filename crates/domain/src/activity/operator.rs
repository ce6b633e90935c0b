//! `kind: operator`: the audit trail.

use crate::ServiceName;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// `kind: operator`, the audit trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorActivity {
    /// `conductor`.
    pub service: ServiceName,
    /// Which process of it.
    #[serde(default)]
    pub instance: SmolStr,
    /// When this was said.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// What was done: `retry`, `processing`.
    pub verb: String,
    /// To what.
    pub target: String,
    /// By whom.
    pub by: String,
    /// Why.
    #[serde(default)]
    pub note: Option<String>,
    /// What came of it.
    pub outcome: String,
}
