//! The graph in force, for all who do not decide by it: it may be another one a moment later.
//!
//! The writer decides by its own, and once that is stored puts it here. Who needs more than one answer of it takes
//! it once and asks that.

use crate::graph_file::{GraphFile, checksum_of};
use crate::targets::{ProviderUrl, Targets};
use domain::Sha256;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::watch;

/// A graph, and where its requests go; cheap to clone.
#[derive(Debug, Clone)]
pub struct InForce {
    /// The graph.
    pub graph: Arc<GraphFile>,
    /// Where requests go.
    pub targets: Arc<Targets>,
}

/// Where the graph in force is to be had; cheap to clone.
#[derive(Debug, Clone)]
pub struct Graphs {
    in_force: Arc<watch::Sender<InForce>>,
    overrides: Arc<[ProviderUrl]>,
    file: Arc<GraphPath>,
}

/// The file of `--graph`.
#[derive(Debug, Clone)]
pub struct GraphPath {
    /// Where it is.
    pub path: PathBuf,
    /// Its checksum when it was read.
    pub sha256: Sha256,
}

/// Where requests go; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) enum Addresses {
    /// To the providers of the graph in force.
    InForce(Graphs),
    /// Always to the same.
    Fixed(Arc<Targets>),
}

impl Addresses {
    /// The addresses as they are now.
    pub(crate) fn now(&self) -> Arc<Targets> {
        match self {
            Self::InForce(graphs) => graphs.get().targets,
            Self::Fixed(targets) => Arc::clone(targets),
        }
    }
}

impl Graphs {
    /// With the graph that the conductor starts with.
    pub fn new(graph: Arc<GraphFile>, overrides: &[ProviderUrl], file: GraphPath) -> Self {
        let targets = Arc::new(Targets::new(&graph.graph, overrides));
        Self {
            in_force: Arc::new(watch::Sender::new(InForce { graph, targets })),
            overrides: overrides.into(),
            file: Arc::new(file),
        }
    }

    /// The checksum of the file of `--graph` now: one that was changed since takes the place of what is put in
    /// force. One that cannot be read is as it was at the start.
    pub(crate) fn file_sha256(&self) -> Sha256 {
        checksum_of(&self.file.path).unwrap_or(self.file.sha256)
    }

    /// The graph in force now.
    pub fn get(&self) -> InForce {
        self.in_force.borrow().clone()
    }

    /// Tells when it is another one.
    pub(crate) fn watch(&self) -> watch::Receiver<InForce> {
        self.in_force.subscribe()
    }

    /// Puts another one in force. Who was asked for something by an earlier one is still found.
    pub fn replace(&self, graph: Arc<GraphFile>) {
        let before = self.get().targets;
        let targets = Targets::new(&graph.graph, &self.overrides).after(&before);
        self.in_force.send_replace(InForce {
            graph,
            targets: Arc::new(targets),
        });
    }
}
