//! The product graph as the conductor has it.

use super::Expected;
use domain::{ProductName, ProviderName, Sha256};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// `GET /graph`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct GraphView {
    /// The checksum of the document, to tell two graphs apart.
    pub sha256: Sha256,
    /// When the conductor took it up.
    #[schema(value_type = String, format = DateTime)]
    pub loaded_at: Timestamp,
    /// The inputs, in the order of the document.
    pub inputs: Vec<ProductName>,
    /// The products, each after all that it needs.
    pub products: Vec<GraphProduct>,
    /// The document itself, `graph.json`.
    pub document: serde_json::Value,
}

/// One product of the graph, with what is in force for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct GraphProduct {
    /// The product.
    pub product: ProductName,
    /// Its mandatory inputs.
    pub m_input: Vec<ProductName>,
    /// Its optional inputs.
    #[serde(default)]
    pub o_input: Vec<ProductName>,
    /// Who makes it.
    pub provider: ProviderName,
    /// Where the request goes, after `--provider-url`.
    pub url: String,
    /// Its column on screen.
    #[serde(default)]
    pub group: String,
    /// How many products lie on the longest way to it from the inputs, itself included.
    #[serde(default)]
    pub level: u32,
    /// How long it takes to make; null if nobody knows.
    #[serde(default)]
    pub expected: Option<Expected>,
    /// What it is, for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}
