//! The latency waterfall of an observation.

use domain::{Attempt, CellState, ObsId, ProductName, ProviderName, RunId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// `GET /observations/{obs_id}/timeline`: the way of each product from the first packet on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TimelineView {
    /// The observation.
    pub obs_id: ObsId,
    /// Its first datum.
    #[serde(default)]
    pub first_input: Option<ProductName>,
    /// When the conductor learned of it: where every waterfall begins.
    #[schema(value_type = String, format = DateTime)]
    pub first_at: Timestamp,
    /// The products that are made or are to be made, in the order of the graph.
    pub products: Vec<ProductTimeline>,
}

/// The way of one product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProductTimeline {
    /// The product.
    pub product: ProductName,
    /// How its cell is.
    pub state: CellState,
    /// Who makes it.
    #[serde(default)]
    pub provider: Option<ProviderName>,
    /// The run that made it, or is to.
    #[serde(default)]
    pub run_id: Option<RunId>,
    /// When the conductor learned of the product; null while there is none.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub made_at: Option<Timestamp>,
    /// The end of the waterfall: `made_at`, when its run was given up, or now.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// The input that came last of those that it is made from.
    #[serde(default)]
    pub last_input: Option<ProductName>,
    /// From `first_at` to `until` without a gap: each begins where the one before ends.
    #[serde(default)]
    pub segments: Vec<Segment>,
    /// The critical path: from a packet to the product, each the last input of the next.
    #[serde(default)]
    pub path: Vec<PathStep>,
}

/// A part of the way that was spent with one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Segment {
    /// With what.
    pub kind: SegmentKind,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// Of which attempt, where it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<Attempt>,
}

/// What a part of the way was spent with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SegmentKind {
    /// A mandatory input was still to come.
    Waiting,
    /// An earlier run of the cell was under way.
    EarlierRun,
    /// All was there, but nobody wanted it yet: an operator's request or retry was still to come, or a graph.
    Trigger,
    /// Inputs that may still come were waited for.
    Grace,
    /// An operator or an approval held it.
    Held,
    /// It waited for its provider: for a slot, or because it was busy.
    Queue,
    /// An attempt was with its provider, from the POST until the SDB had the product, or until it failed.
    Provider,
    /// The wait after a failed attempt.
    Backoff,
    /// Earlier attempts, which the run no longer remembers one by one.
    Forgotten,
    /// The SDB had the product, and its announcement was on its way.
    Import,
    /// Somebody else's product: no run of ours made it.
    Foreign,
    /// A kind that this reader does not know.
    #[serde(other)]
    Other,
}

impl SegmentKind {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::EarlierRun => "earlier_run",
            Self::Trigger => "trigger",
            Self::Grace => "grace",
            Self::Held => "held",
            Self::Queue => "queue",
            Self::Provider => "provider",
            Self::Backoff => "backoff",
            Self::Forgotten => "forgotten",
            Self::Import => "import",
            Self::Foreign => "foreign",
            Self::Other => "other",
        }
    }
}

/// A product on the critical path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PathStep {
    /// The packet or product.
    pub product: ProductName,
    /// When the conductor learned of it; null for one that is still to be made.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_kind_does_not_break_an_old_reader() {
        let json = r#"{"kind":"daydreaming","from":"2026-11-24T04:09:00Z","until":"2026-11-24T04:09:01Z"}"#;
        let segment: Segment = serde_json::from_str(json).unwrap();
        assert_eq!(segment.kind, SegmentKind::Other);
    }
}
