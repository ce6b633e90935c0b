//! `kind: provider`: how a provider is.

use crate::{ProviderName, ServiceName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// How a provider is, as the conductor sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ProviderState {
    /// It answers, or nothing speaks against it.
    Up,
    /// 15 s of silence.
    Late,
    /// 30 s of silence.
    Lost,
    /// An operator holds its work.
    Paused,
    /// An operator lets it finish and gives it nothing new.
    Draining,
    /// The breaker is open: it was not reachable several times.
    Open,
}

/// `kind: provider`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderActivity {
    /// `conductor`.
    pub service: ServiceName,
    /// Which process of it.
    #[serde(default)]
    pub instance: SmolStr,
    /// When this was said.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// The provider.
    pub provider: ProviderName,
    /// How it is.
    pub state: ProviderState,
    /// Runs that it has.
    pub in_flight: u64,
    /// Runs that wait for it.
    pub queued: u64,
    /// Who did this to it.
    #[serde(default)]
    pub by: Option<String>,
    /// Why.
    #[serde(default)]
    pub note: Option<String>,
}
