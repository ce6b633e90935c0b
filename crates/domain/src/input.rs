//! What a product is made from.

use crate::{Attempt, JsonObject, ProductName, ProviderName, Revision, RunId, ServiceName, Version};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// One input as a run was given it, in requests, in provenance and in `data.sdb`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InputRef {
    /// The input's name.
    pub product: ProductName,
    /// The conductor's revision of it; absent where somebody ran a pipeline by hand.
    #[serde(default)]
    pub revision: Option<Revision>,
    /// The publisher's version of it, if it has one.
    #[serde(default)]
    pub version: Option<Version>,
    /// Who announced it, the `<source>` of `data.<source>`.
    #[serde(default)]
    pub source: Option<ServiceName>,
    /// Where the bytes are.
    #[serde(default)]
    pub href: Option<String>,
}

/// What the SDB keeps of how a product was made; every field is optional, unknown ones are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Provenance {
    /// The run that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
    /// The attempt of that run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<Attempt>,
    /// The pipeline service that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderName>,
    /// The version of the pipeline's software.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub software_version: Option<SmolStr>,
    /// The parameters of a manual run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<serde_json::Value>))]
    pub params: Option<JsonObject>,
    /// Exactly what it was made from; `None` means not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<Vec<InputRef>>,
    /// Optional inputs that were not there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<ProductName>,
}
