//! Whether the conductor answers, and its provider board.

use super::inlet::{Gone, Inlet};
use super::resync::Resync;
use super::way::Way;
use crate::model::{Cause, Peer, Snapshot, Update};
use api::conductor::ProviderView;
use api::{ApiError, ConductorClient, PageQuery};
use std::time::{Duration, Instant};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// How often it is asked: what is wrong with it is on the screen a second later.
const EVERY: Duration = Duration::from_secs(1);
/// It answers this from memory; one that takes longer hangs, or the way to it is half open.
const TIMEOUT: Duration = Duration::from_secs(3);
/// All providers of any graph.
const PAGE: PageQuery = PageQuery {
    limit: Some(1000),
    cursor: None,
};

/// Asks the conductor for its board again and again: that it answers is as much worth as what it says.
#[derive(Debug)]
pub(super) struct Watch {
    conductor: ConductorClient,
    inlet: Inlet,
    resync: Resync,
    way: Way,
    board: Option<Vec<ProviderView>>,
}

impl Watch {
    pub(super) fn new(conductor: ConductorClient, inlet: Inlet, resync: Resync) -> Self {
        Self {
            conductor,
            inlet,
            resync,
            way: Way::to(Peer::Conductor),
            board: None,
        }
    }

    pub(super) async fn run(mut self, stop: CancellationToken) -> anyhow::Result<()> {
        tokio::select! {
            _ = self.watch() => Ok(()),
            () = stop.cancelled() => Ok(()),
        }
    }

    async fn watch(&mut self) -> Result<(), Gone> {
        let mut was_away = false;
        loop {
            let began = Instant::now();
            match timeout(TIMEOUT, self.conductor.providers(&PAGE)).await {
                Ok(Ok(board)) => {
                    self.way.works(&self.inlet, Some(began.elapsed())).await?;
                    if std::mem::take(&mut was_away) {
                        self.resync.ask(Cause::Conductor);
                    }
                    if self.board.as_ref() != Some(&board.items) {
                        self.board = Some(board.items.clone());
                        self.inlet
                            .put(Update::Snapshot(Snapshot::Providers(board.items)))
                            .await?;
                    }
                }
                answer => {
                    was_away = true;
                    self.way
                        .fails(&self.inlet, said(answer.ok().and_then(Result::err)))
                        .await?;
                }
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY.saturating_sub(began.elapsed())) => {}
                () = self.inlet.closed() => return Err(Gone),
            }
        }
    }
}

fn said(error: Option<ApiError>) -> String {
    match error {
        Some(error) => error.to_string(),
        None => format!("no answer within {} s", TIMEOUT.as_secs()),
    }
}
