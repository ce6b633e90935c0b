//! What is handed in at the desk, and what is decided about it.

use crate::alerts::Acknowledgement;
use crate::graph_file::GraphFile;
use crate::ledger::Note;
use api::conductor::Why;
use conductor_core::{ManualRequest, Open, Restraint, RestraintKind, Verb};
use domain::{CellState, ObsId, ProductName, ProviderName, ProviderState, RunId, Sha256};
use jiff::Timestamp;
use std::sync::Arc;
use tokio::sync::oneshot;

/// `POST /processing`, decided.
#[derive(Debug, Clone, PartialEq)]
pub enum Decided {
    /// A new run; how its cell is.
    Started {
        /// The run.
        run_id: RunId,
        /// How the cell is now.
        state: CellState,
    },
    /// A run was under way already.
    Open {
        /// The run.
        run_id: RunId,
        /// How the cell is.
        state: CellState,
    },
    /// The cell is made, and `force` was not said. Without a run if it was imported by hand.
    Made {
        /// The run that made it.
        run_id: Option<RunId>,
        /// How the cell is.
        state: CellState,
    },
    /// These mandatory inputs are missing, and `force` was not said.
    Missing {
        /// Which.
        inputs: Vec<ProductName>,
        /// Every blocker.
        why: Box<Why>,
    },
    /// The graph does not make such a product.
    UnknownProduct,
}

/// `PUT /graph`, decided.
#[derive(Debug, Clone)]
pub enum PutGraph {
    /// It is in force.
    InForce,
    /// This one is in force, and not the one that it was to take the place of; nothing was done.
    Changed(Arc<GraphFile>),
}

/// What an operator's verb did to one cell, or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operated {
    /// Its observation.
    pub obs_id: ObsId,
    /// Its product.
    pub product: ProductName,
    /// How it was.
    pub was: CellState,
    /// How it is now; with `dry_run`, how it would be.
    pub state: CellState,
    /// Why nothing was done.
    pub why_not: Option<String>,
    /// The products of its observation that are not made and cannot be without it.
    pub downstream: Vec<ProductName>,
}

/// One provider as the writer has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// Its name.
    pub provider: ProviderName,
    /// Runs that it has.
    pub in_flight: usize,
    /// Runs that wait for it.
    pub queued: usize,
    /// It asked for time until then.
    pub busy_until: Option<Timestamp>,
    /// It was not reached several times, so nothing is sent.
    pub open: Option<Open>,
    /// What an operator wants of it.
    pub restraint: Option<Restraint>,
}

impl Load {
    /// How the provider is shown, given how it was heard of: what an operator wants of it stands before what it
    /// is like. One that was drained and has nothing left to do is paused.
    pub fn state(&self, heard: ProviderState) -> ProviderState {
        match (&self.restraint, self.open) {
            (Some(restraint), _) => match restraint.kind {
                RestraintKind::Draining if self.in_flight > 0 => ProviderState::Draining,
                RestraintKind::Draining | RestraintKind::Paused => ProviderState::Paused,
            },
            (None, Some(_)) => ProviderState::Open,
            (None, None) => heard,
        }
    }
}

/// What an operator does to a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderVerb {
    /// Send nothing new.
    Pause,
    /// Send nothing new, so that it can be stopped when what it has is over.
    Drain,
    /// Go on.
    Resume,
}

impl std::fmt::Display for ProviderVerb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Pause => "pause",
            Self::Drain => "drain",
            Self::Resume => "resume",
        })
    }
}

/// Who asks, and why; recorded with the outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// Who: `X-Operator`.
    pub by: String,
    /// Why.
    pub note: Option<String>,
}

/// Something for the writer, with where the decision goes.
#[derive(Debug)]
pub enum Request {
    /// Make this product.
    Process {
        /// The observation.
        obs_id: ObsId,
        /// The product.
        product: ProductName,
        /// What exactly is asked for.
        request: ManualRequest,
        /// Where the decision goes.
        reply: oneshot::Sender<Decided>,
    },
    /// Do something to these cells; those to which it does not apply (any more) stay as they are.
    Operate {
        /// The cells.
        cells: Vec<(ObsId, ProductName)>,
        /// What.
        verb: Verb,
        /// Whether to say only what it would do.
        dry_run: bool,
        /// Who, and why.
        asker: Asker,
        /// Where the outcome goes.
        reply: oneshot::Sender<Vec<Operated>>,
    },
    /// Keep what an operator found worth knowing.
    Note {
        /// The note.
        note: Note,
        /// Told once it is kept.
        reply: oneshot::Sender<()>,
    },
    /// Note what an operator has seen.
    Acknowledge {
        /// What.
        acknowledgements: Vec<Acknowledgement>,
        /// Told once it is noted.
        reply: oneshot::Sender<()>,
    },
    /// Pause, drain or resume a provider.
    Steer {
        /// The provider.
        provider: ProviderName,
        /// What to do.
        verb: ProviderVerb,
        /// Who, and why.
        asker: Asker,
        /// Told once it is done: whether there is such a provider.
        reply: oneshot::Sender<bool>,
    },
    /// Put another graph in force.
    Graph {
        /// The graph.
        graph: Arc<GraphFile>,
        /// The checksum of the only graph that it may take the place of; none if of any.
        replaces: Option<Sha256>,
        /// The checksum of the file of `--graph` now.
        file_sha256: Sha256,
        /// Who, and why.
        asker: Asker,
        /// Told once it is in force, or that it is not.
        reply: oneshot::Sender<PutGraph>,
    },
    /// Why a cell is as it is.
    Explain {
        /// The observation.
        obs_id: ObsId,
        /// The product.
        product: ProductName,
        /// Where the answer goes.
        reply: oneshot::Sender<Why>,
    },
    /// How much each provider has to do.
    Loads {
        /// Where the answer goes.
        reply: oneshot::Sender<Vec<Load>>,
    },
}

impl Request {
    /// The observations that it is about.
    pub fn observations(&self) -> Box<dyn Iterator<Item = &ObsId> + Send + '_> {
        match self {
            Self::Process { obs_id, .. } | Self::Explain { obs_id, .. } => Box::new(std::iter::once(obs_id)),
            Self::Operate { cells, .. } => Box::new(cells.iter().map(|(obs_id, _)| obs_id)),
            Self::Loads { .. }
            | Self::Note { .. }
            | Self::Acknowledge { .. }
            | Self::Graph { .. }
            | Self::Steer { .. } => Box::new(std::iter::empty()),
        }
    }
}
