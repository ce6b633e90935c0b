//! The desk: where routes hand in what operators ask for, and get the writer's decision.
//!
//! Everything that changes an observation is decided by the one writer, between two commits; the answer comes
//! after the commit, so it is true of the ledger.

mod decide;
mod request;

pub use decide::{Decider, decide};
pub use request::{Asker, Decided, Load, Operated, ProviderVerb, PutGraph, Request};

use crate::alerts::Acknowledgement;
use crate::graph_file::GraphFile;
use crate::ledger::Note;
use api::conductor::Why;
use conductor_core::{ManualRequest, Verb};
use domain::{ObsId, ProductName, ProviderName, Sha256};
use std::sync::Arc;
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

    /// Does something to cells, or with `dry_run` says what it would do.
    ///
    /// # Errors
    /// [`DeskError`]: there is no outcome.
    pub async fn operate(
        &self,
        cells: Vec<(ObsId, ProductName)>,
        verb: Verb,
        dry_run: bool,
        asker: Asker,
    ) -> Result<Vec<Operated>, DeskError> {
        self.ask(|reply| Request::Operate {
            cells,
            verb,
            dry_run,
            asker,
            reply,
        })
        .await
    }

    /// Keeps a note.
    ///
    /// # Errors
    /// [`DeskError`]: it may not be kept.
    pub async fn note(&self, note: Note) -> Result<(), DeskError> {
        self.ask(|reply| Request::Note { note, reply }).await
    }

    /// Notes what an operator has seen.
    ///
    /// # Errors
    /// [`DeskError`]: it may not be noted.
    pub async fn acknowledge(&self, acknowledgements: Vec<Acknowledgement>) -> Result<(), DeskError> {
        self.ask(|reply| Request::Acknowledge {
            acknowledgements,
            reply,
        })
        .await
    }

    /// Pauses, drains or resumes a provider; says whether there is such a one.
    ///
    /// # Errors
    /// [`DeskError`]: it may not be done.
    pub async fn steer(
        &self,
        provider: ProviderName,
        verb: ProviderVerb,
        asker: Asker,
    ) -> Result<bool, DeskError> {
        self.ask(|reply| Request::Steer {
            provider,
            verb,
            asker,
            reply,
        })
        .await
    }

    /// Puts another graph in force, in the place of the one with the checksum `replaces` if that is given;
    /// `file_sha256` is the checksum of the file of `--graph` now.
    ///
    /// # Errors
    /// [`DeskError`]: it may not be in force.
    pub async fn put_graph(
        &self,
        graph: Arc<GraphFile>,
        replaces: Option<Sha256>,
        file_sha256: Sha256,
        asker: Asker,
    ) -> Result<PutGraph, DeskError> {
        self.ask(|reply| Request::Graph {
            graph,
            replaces,
            file_sha256,
            asker,
            reply,
        })
        .await
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
