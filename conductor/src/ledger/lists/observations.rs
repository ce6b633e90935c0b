//! Observations as a list shows them.

use domain::ObsId;
use jiff::Timestamp;

/// The row of an observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservationRecord {
    /// The observation.
    pub obs_id: ObsId,
    /// Rises with each commit that changed any of its cells.
    pub rev: u64,
    /// The burst that it follows, if its data say so.
    pub burst_id: Option<String>,
    /// When its first datum was stored.
    pub first_at: Timestamp,
    /// When any of its cells changed last.
    pub changed_at: Timestamp,
}
