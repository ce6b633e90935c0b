//! `kind: status`: how a service is.

use crate::ServiceName;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// How a service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceState {
    /// Not able to work yet.
    Starting,
    /// Able to work, and idle.
    Ready,
    /// At work.
    Busy,
    /// Finishes what it has and takes nothing new.
    Draining,
    /// Gone, on purpose.
    Stopped,
    /// Able to work in part; `detail` says what is wrong.
    Degraded,
}

/// `kind: status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusActivity {
    /// The service, the second token of the subject.
    pub service: ServiceName,
    /// Which process of it.
    #[serde(default)]
    pub instance: SmolStr,
    /// When this was said.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// How it is.
    pub state: ServiceState,
    /// The version of its software.
    #[serde(default)]
    pub version: SmolStr,
    /// When the process started.
    #[serde(default)]
    pub started_at: Option<Timestamp>,
    /// Runs or requests at work.
    #[serde(default)]
    pub in_flight: u64,
    /// Runs or requests that wait.
    #[serde(default)]
    pub queued: u64,
    /// A sentence for a person.
    #[serde(default)]
    pub detail: String,
}
