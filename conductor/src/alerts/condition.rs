//! What calls for a human, as long as it stands.

use super::Fingerprint;
use domain::{ObsId, ProductName, Severity};

/// Targets that are named; the others are counted.
pub const MAX_TARGETS: usize = 20;

/// A cell that an alert is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Its observation.
    pub obs_id: ObsId,
    /// Its product.
    pub product: ProductName,
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {}", self.product, self.obs_id)
    }
}

/// Something that stands and calls for a human.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What makes it the same as one before.
    pub fingerprint: Fingerprint,
    /// How bad it is.
    pub severity: Severity,
    /// A sentence for a person.
    pub title: String,
    /// How many targets it has.
    pub count: u64,
    /// The first of them, [`MAX_TARGETS`] at most.
    pub targets: Vec<String>,
}

impl Condition {
    /// A condition that is about one thing.
    pub fn of(fingerprint: Fingerprint, severity: Severity, title: String, target: &str) -> Self {
        Self {
            fingerprint,
            severity,
            title,
            count: 1,
            targets: vec![target.to_owned()],
        }
    }

    /// How much it calls.
    pub(super) fn level(&self) -> Level {
        Level {
            severity: self.severity,
            magnitude: self.count.checked_ilog10().unwrap_or(0),
        }
    }
}

/// How much a condition calls: it is worse if it is more severe, or has ten times as many targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Level {
    /// How bad it is.
    pub severity: Severity,
    /// How many digits the number of targets has, less one.
    pub magnitude: u32,
}

impl Level {
    /// Whether it is more than that, in any way.
    pub(super) fn is_worse_than(self, other: Self) -> bool {
        self.severity > other.severity || self.magnitude > other.magnitude
    }

    /// The worst of both, in every way.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            severity: self.severity.max(other.severity),
            magnitude: self.magnitude.max(other.magnitude),
        }
    }
}
