//! graph.json: which products exist, what each is made from, and by whom.
//!
//! [`ProductGraph::parse`] reads the format of `docs/graph.md` and reports every mistake at once, each
//! with its JSON path. What it returns is checked: every name is declared, nothing goes round, and a
//! [`NodeId`] is a dense index in an order in which inputs come before what is made from them.

mod changes;
mod draw;
mod graph;
mod json;
mod mistake;
mod node_set;
mod path;
mod read;
mod recipe;
mod remark;
mod topology;
mod write;

pub use changes::{Changes, FieldChange, Named};
pub use graph::{MAX_GRAPH_BYTES, Node, NodeId, NodeKind, ProductGraph};
pub use mistake::{GraphErrors, Mistake};
pub use node_set::NodeSet;
pub use recipe::{
    BACKOFF_CAP, DEFAULT_ATTEMPTS, DEFAULT_BACKOFF, DEFAULT_TIMEOUT, DEFAULT_WAIT_IN_PROGRESS,
    DEFAULT_WAIT_OPTIONAL, DEFAULT_WAIT_REPEATS, Due, DueFrom, MAX_ATTEMPTS, MAX_DURATION, NewInputPolicy,
    OnNewInput, ProviderSpec, Recipe, RequestForm,
};
