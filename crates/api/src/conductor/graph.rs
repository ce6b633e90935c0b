//! The product graph as the conductor has it.

use super::Expected;
use domain::{CellState, ProductName, ProviderName, Sha256};
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
    /// Who put it in force over `PUT /graph`; null if it is the file's.
    #[serde(default)]
    pub by: Option<String>,
    /// Why.
    #[serde(default)]
    pub note: Option<String>,
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

/// The query of `PUT /graph`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GraphQuery {
    /// Only say what would change.
    #[serde(default)]
    #[param(required = false)]
    pub dry_run: bool,
    /// Why, for the audit log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// `PUT /graph`: what another graph changes, or would.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct GraphChange {
    /// Whether it is only told.
    pub dry_run: bool,
    /// The checksum of the new graph's document.
    pub sha256: Sha256,
    /// That of the graph that was in force.
    pub replaces: Sha256,
    /// The inputs that are otherwise.
    pub inputs: NamesChange,
    /// The products.
    pub products: NamesChange,
    /// The providers.
    pub providers: NamesChange,
    /// What it means for what is unfinished.
    pub unfinished: UnfinishedChange,
    /// What is odd about the new graph and does no harm.
    #[serde(default)]
    pub remarks: Vec<String>,
}

/// Names that came, went, or mean something else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NamesChange {
    /// Only in the new graph.
    pub added: Vec<String>,
    /// Only in the one that was in force.
    pub removed: Vec<String>,
    /// In both, with what is otherwise.
    pub changed: Vec<NameChange>,
}

/// A name that means something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NameChange {
    /// The name.
    pub name: String,
    /// The keys that say otherwise.
    pub fields: Vec<FieldChange>,
}

/// A key of graph.json that says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldChange {
    /// The key.
    pub field: String,
    /// What it said, defaults spelt out; null for nothing.
    pub was: serde_json::Value,
    /// What it says.
    pub is: serde_json::Value,
}

/// What another graph means for the unfinished observations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UnfinishedChange {
    /// How many there are; each is looked at again.
    pub observations: u64,
    /// In how many it was tried what that does: those that changed last.
    pub looked_at: u64,
    /// Runs that begin in these, as soon as their providers have room.
    pub requests: u64,
    /// Their cells that are otherwise afterwards, by product and state.
    pub cells: Vec<CellsChange>,
}

/// Cells of one product that go from one state to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CellsChange {
    /// Their product.
    pub product: ProductName,
    /// How they are.
    pub was: CellState,
    /// How they are afterwards.
    pub state: CellState,
    /// How many.
    pub count: u64,
}
