//! What the conductor knows, read again whenever something may have been missed.
//!
//! Behind it may be a million observations: the list is read page by page, the newest first and then all with
//! failures, and of those only what has changed since it was read last is read in detail.

use super::inlet::{Gone, Inlet};
use super::patience::Patience;
use crate::model::{Cause, KEPT_FOR, MAX_OBSERVATIONS, Snapshot, Update};
use api::conductor::{ObservationItem, ObservationQuery};
use api::{ApiError, ConductorClient, codes};
use domain::{CellState, ObsId};
use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use service_kit::Clock;
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// So many observations are read of each list at most.
pub const MAX_LISTED: usize = MAX_OBSERVATIONS;
/// A page: some hundred kilobytes.
const PAGE: u32 = 500;
/// Observations that are read at once: the conductor's readers are four.
const AT_ONCE: usize = 4;
/// One answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Between the begin of two snapshots, so that a flood is not answered by another one.
const APART: Duration = Duration::from_secs(1);

/// Reads snapshots.
#[derive(Debug)]
pub(super) struct Snapshots {
    conductor: ConductorClient,
    inlet: Inlet,
    clock: Clock,
    /// The revisions of the observations that were read in detail.
    known: HashMap<ObsId, u64>,
}

/// Why a snapshot is not whole.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Gone(#[from] Gone),
    #[error("{0}")]
    Failed(String),
}

impl From<ApiError> for Broken {
    fn from(error: ApiError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl Snapshots {
    pub(super) fn new(conductor: ConductorClient, inlet: Inlet, clock: Clock) -> Self {
        Self {
            conductor,
            inlet,
            clock,
            known: HashMap::new(),
        }
    }

    pub(super) async fn run(
        mut self,
        asked: mpsc::Receiver<Cause>,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        tokio::select! {
            _ = self.answer(asked) => Ok(()),
            () = stop.cancelled() => Ok(()),
        }
    }

    async fn answer(&mut self, mut asked: mpsc::Receiver<Cause>) -> Result<(), Gone> {
        while let Some(cause) = asked.recv().await {
            let mut patience = Patience::default();
            loop {
                // What was asked for until now is answered by what is read from now on.
                let mut causes = vec![cause];
                while let Ok(cause) = asked.try_recv() {
                    causes.push(cause);
                }
                if causes.contains(&Cause::Conductor) || causes.contains(&Cause::Graph) {
                    // It may have another ledger than before, with the same numbers for other things; and another
                    // graph has other cells, without any number telling.
                    self.known.clear();
                }
                match self.read(cause).await {
                    Ok(()) => break,
                    Err(Broken::Gone(gone)) => return Err(gone),
                    Err(Broken::Failed(error)) => {
                        self.known.clear();
                        self.put(Snapshot::Failed(error)).await?;
                        tokio::time::sleep(patience.next()).await;
                    }
                }
            }
            tokio::time::sleep(APART).await;
        }
        Ok(())
    }

    async fn read(&mut self, cause: Cause) -> Result<(), Broken> {
        self.put(Snapshot::Begin(cause)).await?;
        let graph = in_time(self.conductor.graph()).await?;
        self.put(Snapshot::Graph(Box::new(graph))).await?;
        let mut listed: HashMap<ObsId, ObservationItem> = HashMap::new();
        self.list(&mut listed, self.recent()).await?;
        let failed = ObservationQuery {
            state: Some(CellState::Failed),
            ..ObservationQuery::default()
        };
        self.list(&mut listed, failed).await?;
        self.detail(&listed).await?;
        self.known.retain(|obs_id, _| listed.contains_key(obs_id));
        self.put(Snapshot::End).await?;
        Ok(())
    }

    /// Everything that the model would not forget at once.
    fn recent(&self) -> ObservationQuery {
        ObservationQuery {
            since: Some(self.clock.now().checked_sub(KEPT_FOR).unwrap_or(Timestamp::MIN)),
            ..ObservationQuery::default()
        }
    }

    async fn list(
        &self,
        listed: &mut HashMap<ObsId, ObservationItem>,
        mut query: ObservationQuery,
    ) -> Result<(), Broken> {
        query.limit = Some(PAGE);
        let mut read = 0;
        loop {
            let page = in_time(self.conductor.observations(&query)).await?;
            read += page.items.len();
            for item in &page.items {
                listed.insert(item.obs_id.clone(), item.clone());
            }
            self.put(Snapshot::Listed(page.items)).await?;
            query.cursor = page.next;
            if query.cursor.is_none() || read >= MAX_LISTED {
                return Ok(());
            }
        }
    }

    /// The cells of what has changed, the worst and newest first.
    async fn detail(&mut self, listed: &HashMap<ObsId, ObservationItem>) -> Result<(), Broken> {
        let changed = |item: &&ObservationItem| self.known.get(&item.obs_id) != Some(&item.rev);
        let mut changed: Vec<&ObservationItem> = listed.values().filter(changed).collect();
        changed.sort_by_key(|item| std::cmp::Reverse((item.worst, item.updated_at)));
        let changed: Vec<ObsId> = changed.into_iter().map(|item| item.obs_id.clone()).collect();
        let conductor = self.conductor.clone();
        let reads = changed
            .into_iter()
            .map(|obs_id| read_one(conductor.clone(), obs_id));
        let mut reads = stream::iter(reads).buffer_unordered(AT_ONCE);
        while let Some(read) = reads.next().await {
            let part = read?;
            if let Snapshot::Observation(view) = &part {
                self.known.insert(view.obs_id.clone(), view.rev);
            }
            self.inlet.put(Update::Snapshot(part)).await?;
        }
        Ok(())
    }

    async fn put(&self, part: Snapshot) -> Result<(), Gone> {
        self.inlet.put(Update::Snapshot(part)).await
    }
}

async fn read_one(conductor: ConductorClient, obs_id: ObsId) -> Result<Snapshot, Broken> {
    match timeout(TIMEOUT, conductor.observation(&obs_id)).await {
        Ok(Err(error)) if error.is_code(codes::UNKNOWN_OBSERVATION) => Ok(Snapshot::Unknown(obs_id)),
        Ok(answer) => Ok(Snapshot::Observation(Box::new(answer?))),
        Err(_) => Err(no_answer()),
    }
}

async fn in_time<T>(call: impl Future<Output = Result<T, ApiError>>) -> Result<T, Broken> {
    match timeout(TIMEOUT, call).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(no_answer()),
    }
}

fn no_answer() -> Broken {
    Broken::Failed(format!("no answer within {} s", TIMEOUT.as_secs()))
}
