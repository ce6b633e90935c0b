//! The requests of acts that say more than which cells.

use super::Selector;
use domain::{ObsId, ProductName, ProviderName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// `POST /priority`: the selected cells, and all that they still wait for, go before others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PriorityRequest {
    /// Which cells.
    #[serde(flatten)]
    pub selector: Selector,
    /// Higher first; a cell whose product has a higher one in the graph keeps that.
    pub priority: i32,
}

/// `POST /grace`: what becomes of the wait for optional inputs of the selected cells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct GraceRequest {
    /// Which cells.
    #[serde(flatten)]
    pub selector: Selector,
    /// What to do.
    pub action: GraceAction,
    /// `extend`: by how long, up to `24h`; `5m` if nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// What an operator does to a grace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GraceAction {
    /// The run begins now, without the inputs that are not there.
    End,
    /// The wait goes on for longer.
    Extend,
}

/// `POST /notes`: something worth knowing about an observation, a product, a provider, or what is in all that
/// are named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NoteRequest {
    /// About this observation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obs_id: Option<ObsId>,
    /// About this product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<ProductName>,
    /// About what this provider makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderName>,
    /// What is worth knowing.
    pub note: String,
}

/// A note, as it was left: the answer of `POST /notes` and an item of `GET /notes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NoteView {
    /// When it was left.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// By whom, from `X-Operator`.
    pub by: String,
    /// About this observation, if not about all.
    #[serde(default)]
    pub obs_id: Option<ObsId>,
    /// About this product, if not about all.
    #[serde(default)]
    pub product: Option<ProductName>,
    /// About what this provider makes, if not about all.
    #[serde(default)]
    pub provider: Option<ProviderName>,
    /// What is worth knowing.
    pub note: String,
}

/// `GET /notes`: those about an observation, a product or a provider, and those about all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NoteQuery {
    /// About this observation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<String>)]
    pub obs_id: Option<ObsId>,
    /// About this product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<String>)]
    pub product: Option<ProductName>,
    /// About this provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<String>)]
    pub provider: Option<ProviderName>,
}
