//! What calls for a human, and who has seen it.

use super::Selector;
use domain::{AlertState, Severity};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A condition that calls for a human, an item of `GET /alerts`: one per fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AlertView {
    /// What makes two alerts the same.
    pub fingerprint: String,
    /// How bad it is.
    pub severity: Severity,
    /// A sentence for a person.
    pub title: String,
    /// Since when it stands.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// When it was over; null while it stands.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub cleared_at: Option<Timestamp>,
    /// How many targets it has.
    pub count: u64,
    /// The first of them: `QPO_ECL of 42`.
    #[serde(default)]
    pub targets: Vec<String>,
    /// Who has seen it; null if nobody did, or it was too long ago.
    #[serde(default)]
    pub acknowledged: Option<AcknowledgementView>,
}

/// Somebody has seen what a fingerprint stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AcknowledgementView {
    /// Of what.
    pub fingerprint: String,
    /// By whom, from `X-Operator`.
    pub by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// It ends by itself at this time.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// What is known, or done about it.
    #[serde(default)]
    pub note: Option<String>,
}

/// `POST /acknowledge`: somebody has seen why the selected cells failed, or what a fingerprint stands for.
///
/// At least one of the selector's `obs_id`, `product` and `provider`, and `fingerprint`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AcknowledgeRequest {
    /// Which failed cells.
    #[serde(flatten)]
    pub selector: Selector,
    /// Of these cells only those with this fingerprint; or without a selector, this alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// Or after how long: `8h`, also if nothing is said.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub lasting: Option<String>,
}

/// What was acknowledged, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Acknowledged {
    /// Whether nothing was done but looking.
    #[serde(default)]
    pub dry_run: bool,
    /// One per fingerprint.
    pub acknowledgements: Vec<AcknowledgementView>,
    /// The failed cells that were meant. What failed elsewhere for the same cause is acknowledged, too.
    pub items: Vec<super::TouchedCell>,
    /// Always null: an act is not paged.
    #[serde(default)]
    pub next: Option<String>,
}

/// What is sent to `--notify-webhook` and given to `--notify-command`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Notice {
    /// What comes twice with the same id is the same notice.
    pub id: String,
    /// What happened to the alert.
    pub state: AlertState,
    /// What makes two alerts the same.
    pub fingerprint: String,
    /// How bad it is.
    pub severity: Severity,
    /// A sentence for a person.
    pub title: String,
    /// How many targets it has.
    pub count: u64,
    /// The first of them: `QPO_ECL of 42`.
    #[serde(default)]
    pub targets: Vec<String>,
    /// Since when it stands.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// When this was noticed.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}
