//! Who is compared with the ledger: each provider of the graph in force, at each place where it makes something.

use super::Reconciler;
use crate::dispatch::Dispatcher;
use crate::in_force::Graphs;
use crate::inbox::Lanes;
use crate::ledger::Ledger;
use api::PipelineClient;
use domain::ProviderName;
use service_kit::{Clock, Shutdown};
use std::collections::BTreeMap;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use url::Url;

/// What each reconciler works with.
#[derive(Debug)]
pub(crate) struct Stations {
    /// Which providers there are.
    pub(crate) graphs: Graphs,
    /// Asks them.
    pub(crate) pipelines: PipelineClient,
    /// What they should be running.
    pub(crate) ledger: Ledger,
    /// Asks about single runs.
    pub(crate) dispatcher: Dispatcher,
    /// To the writer.
    pub(crate) lanes: Lanes,
    /// What time it is.
    pub(crate) clock: Clock,
    /// Changes when a look is wanted, first once what was missed is read.
    pub(crate) wanted: watch::Receiver<u64>,
    /// Where their tasks run.
    pub(crate) shutdown: Shutdown,
}

impl Stations {
    /// Has a reconciler at work for each, until the stop.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let stop = self.shutdown.token();
        let mut in_force = self.graphs.watch();
        let mut at_work: BTreeMap<(ProviderName, Url), CancellationToken> = BTreeMap::new();
        loop {
            let stations = in_force.borrow_and_update().targets.stations();
            at_work.retain(|station, stop| {
                let stays = stations.contains(station);
                if !stays {
                    stop.cancel();
                }
                stays
            });
            for station in stations {
                let (provider, url) = station.clone();
                at_work.entry(station).or_insert_with(|| {
                    let stop = stop.child_token();
                    let reconciler = self.reconciler(provider, url);
                    self.shutdown.spawn("reconcile", reconciler.run(stop.clone()));
                    stop
                });
            }
            tokio::select! {
                changed = in_force.changed() => changed?,
                () = stop.cancelled() => return Ok(()),
            }
        }
    }

    fn reconciler(&self, provider: ProviderName, url: Url) -> Reconciler {
        Reconciler {
            provider,
            url,
            pipelines: self.pipelines.clone(),
            graphs: self.graphs.clone(),
            ledger: self.ledger.clone(),
            dispatcher: self.dispatcher.clone(),
            lanes: self.lanes.clone(),
            clock: self.clock,
            wanted: self.wanted.clone(),
        }
    }
}
