//! The desk: where routes hand in what operators ask for, and get the writer's decision.
//!
//! Everything that changes an observation is decided by the one writer, between two commits; the answer comes
//! after the commit, so it is true of the ledger.

use crate::ledger::Note;
use api::conductor::Why;
use conductor_core::ManualRequest;
use domain::{CellState, ObsId, ProductName, ProviderName, RunId};
use jiff::Timestamp;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Requests that wait for the writer; a full desk makes the caller wait.
const CAPACITY: usize = 256;

/// How long a caller waits for a decision. The writer needs milliseconds; a ledger that does not answer for
/// this long is in trouble, and an operator should hear so.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why there is no decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeskError {
    /// The conductor stops.
    #[error("the conductor is stopping")]
    Closed,
    /// The writer did not decide in time: the ledger is in trouble. The request may still be carried out.
    #[error("the ledger did not answer within {} s", PATIENCE.as_secs())]
    Late,
}

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

/// What became of one cell that was to be retried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retried {
    /// Its observation.
    pub obs_id: ObsId,
    /// Its product.
    pub product: ProductName,
    /// How it was.
    pub was: CellState,
    /// How it is now.
    pub state: CellState,
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
    /// Retry these cells; those that are not failed (any more) stay as they are.
    Retry {
        /// The cells.
        cells: Vec<(ObsId, ProductName)>,
        /// Who, and why.
        asker: Asker,
        /// Where the outcome goes.
        reply: oneshot::Sender<Vec<Retried>>,
    },
    /// Keep what an operator found worth knowing.
    Note {
        /// The note.
        note: Note,
        /// Told once it is kept.
        reply: oneshot::Sender<()>,
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

/// The callers' side of the desk; cheap to clone.
#[derive(Debug, Clone)]
pub struct Desk(mpsc::Sender<Request>);

impl Desk {
    /// A desk, and the writer's side of it.
    pub fn open() -> (Self, mpsc::Receiver<Request>) {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        (Self(sender), receiver)
    }

    /// Asks for a product.
    ///
    /// # Errors
    /// [`DeskError`]: there is no decision.
    pub async fn process(
        &self,
        obs_id: ObsId,
        product: ProductName,
        request: ManualRequest,
    ) -> Result<Decided, DeskError> {
        self.ask(|reply| Request::Process {
            obs_id,
            product,
            request,
            reply,
        })
        .await
    }

    /// Retries cells.
    ///
    /// # Errors
    /// [`DeskError`]: there is no outcome.
    pub async fn retry(
        &self,
        cells: Vec<(ObsId, ProductName)>,
        asker: Asker,
    ) -> Result<Vec<Retried>, DeskError> {
        self.ask(|reply| Request::Retry { cells, asker, reply }).await
    }

    /// Keeps a note.
    ///
    /// # Errors
    /// [`DeskError`]: it may not be kept.
    pub async fn note(&self, note: Note) -> Result<(), DeskError> {
        self.ask(|reply| Request::Note { note, reply }).await
    }

    /// Why a cell is as it is.
    ///
    /// # Errors
    /// [`DeskError`]: there is no answer.
    pub async fn explain(&self, obs_id: ObsId, product: ProductName) -> Result<Why, DeskError> {
        self.ask(|reply| Request::Explain {
            obs_id,
            product,
            reply,
        })
        .await
    }

    /// How much each provider has to do, by name.
    ///
    /// # Errors
    /// [`DeskError`]: there is no answer.
    pub async fn loads(&self) -> Result<Vec<Load>, DeskError> {
        self.ask(|reply| Request::Loads { reply }).await
    }

    async fn ask<T>(&self, request: impl FnOnce(oneshot::Sender<T>) -> Request) -> Result<T, DeskError> {
        let (reply, answer) = oneshot::channel();
        let asked = async {
            self.0.send(request(reply)).await.map_err(|_| DeskError::Closed)?;
            answer.await.map_err(|_| DeskError::Closed)
        };
        tokio::time::timeout(PATIENCE, asked)
            .await
            .unwrap_or(Err(DeskError::Late))
    }
}
