//! What an operator wants of a provider.

use crate::Signature;
use serde::{Deserialize, Serialize};

/// Nothing new is sent to the provider until an operator says so. What waits keeps its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restraint {
    /// In which way.
    pub kind: RestraintKind,
    /// Who wants it so, since when and why.
    pub signature: Signature,
}

/// In which way a provider is restrained. Both send nothing new and let what runs end; they differ in what the
/// operator waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestraintKind {
    /// For now: something is wrong with it.
    Paused,
    /// To be stopped or replaced once it has nothing left to do.
    Draining,
}

impl std::fmt::Display for Restraint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self.kind {
            RestraintKind::Paused => "paused",
            RestraintKind::Draining => "drained",
        };
        write!(f, "{kind} by {}", self.signature)
    }
}
