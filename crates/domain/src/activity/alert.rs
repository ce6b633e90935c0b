//! `kind: alert`: what a human should know.

use crate::ServiceName;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// How bad an alert is, the worse the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Severity {
    /// Somebody should look at it in this shift.
    Warning,
    /// Somebody should look at it now.
    Critical,
}

impl Severity {
    /// Its word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// Where an alert is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AlertState {
    /// New.
    Raised,
    /// Known, and worse than before.
    Worse,
    /// Over.
    Cleared,
}

impl AlertState {
    /// Its word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Worse => "worse",
            Self::Cleared => "cleared",
        }
    }
}

/// `kind: alert`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertActivity {
    /// `conductor`.
    pub service: ServiceName,
    /// Which process of it.
    #[serde(default)]
    pub instance: SmolStr,
    /// When this was said.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// What makes two alerts the same.
    pub fingerprint: String,
    /// How bad it is.
    pub severity: Severity,
    /// A sentence for a person.
    pub title: String,
    /// What it is about, the first of it if it is much.
    #[serde(default)]
    pub targets: Vec<String>,
    /// Where it is in its life.
    pub state: AlertState,
}
