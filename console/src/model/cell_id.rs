//! Which cell.

use domain::{ObsId, ProductName};
use serde::{Deserialize, Serialize};

/// A cell: a product of an observation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CellId {
    /// The observation.
    pub obs_id: ObsId,
    /// The product.
    pub product: ProductName,
}

impl std::fmt::Display for CellId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {}", self.product, self.obs_id)
    }
}
