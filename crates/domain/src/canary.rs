//! The names of the canary: the conductor's own run through the whole loop, which is nobody's observation.
//!
//! They are reserved (they start with `_`), so no graph has them.

use crate::{ObsId, ProductName, ProviderName, ServiceName};

/// The observation, as text. Lists, reports and figures leave it out ([`ObsId::is_canary`]).
pub const CANARY: &str = "_canary";

/// The provider of the canary's product, a brick inside of the conductor.
pub fn canary_provider() -> ProviderName {
    CANARY.parse().expect("the canary's name is one")
}

/// The source of its input: it is announced on `data._canary`.
pub fn canary_source() -> ServiceName {
    CANARY.parse().expect("the canary's name is one")
}

/// Its observation.
pub fn canary_obs_id() -> ObsId {
    CANARY.parse().expect("the canary's name is one")
}

/// Its input.
pub fn canary_input() -> ProductName {
    "_CANARY_IN".parse().expect("capitals are a name")
}

/// Its product.
pub fn canary_product() -> ProductName {
    "_CANARY".parse().expect("capitals are a name")
}
