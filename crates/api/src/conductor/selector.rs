//! Operators' acts on many cells at once.

use domain::{CellState, JsonObject, ObsId, ProductName, ProviderName};
use serde::{Deserialize, Serialize};

/// Which cells: all that is given must hold.
///
/// At least one of `obs_id`, `product` and `provider` is given, else 422
/// [`SELECTOR_EMPTY`](crate::codes::SELECTOR_EMPTY): nobody means 'everything' by saying nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Selector {
    /// Cells of this observation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obs_id: Option<ObsId>,
    /// Cells of this product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<ProductName>,
    /// Cells that this provider makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderName>,
    /// Cells in this state; each verb has its own default (`retry`: `failed`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<CellState>,
    /// Only say which.
    #[serde(default)]
    pub dry_run: bool,
    /// Retry: also cells that are `done`, and also if mandatory inputs are missing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub force: bool,
    /// Retry: other parameters for the pipeline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub params: Option<JsonObject>,
    /// Why, for the audit log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Selector {
    /// Whether nothing restricts it, which is refused.
    pub fn is_empty(&self) -> bool {
        self.obs_id.is_none() && self.product.is_none() && self.provider.is_none()
    }
}

/// The cells that an act touched, or would touch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Touched {
    /// Whether nothing was done but looking.
    #[serde(default)]
    pub dry_run: bool,
    /// The cells.
    pub items: Vec<TouchedCell>,
    /// Always null: an act is not paged.
    #[serde(default)]
    pub next: Option<String>,
}

/// One cell that an act touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TouchedCell {
    /// Its observation.
    pub obs_id: ObsId,
    /// Its product.
    pub product: ProductName,
    /// How it was.
    pub was: CellState,
    /// How it is now; with `dry_run`, how it would be.
    pub state: CellState,
    /// What came of the act, for a person.
    #[serde(default)]
    pub outcome: String,
    /// The products of its observation that are not made and cannot be without it.
    #[serde(default)]
    pub downstream: Vec<ProductName>,
}
