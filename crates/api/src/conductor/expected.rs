//! How long things take.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How long a product takes at its provider, from the POST until the product is known: as the last 50 successes
/// did, or before there are any as the graph expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Expected {
    /// Half of all runs take longer, in milliseconds.
    pub p50_ms: u64,
    /// One in twenty takes longer: it is `late`.
    pub p95_ms: u64,
}

/// When something that is on its way will be there, if nothing fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Eta {
    /// As likely earlier as later.
    #[schema(value_type = String, format = DateTime)]
    pub p50: Timestamp,
    /// Later in one case of twenty.
    #[schema(value_type = String, format = DateTime)]
    pub p95: Timestamp,
}
