//! What all parts of the service share.

use super::{NAME, StartError};
use crate::args::Args;
use crate::graph_file::GraphFile;
use crate::in_force::{GraphPath, Graphs};
use crate::ledger::Ledger;
use anyhow::Context as _;
use domain::ServiceName;
use messaging::{Bus, BusOptions};
use serde::de::DeserializeOwned;
use service_kit::{Clock, Health, Shutdown};
use std::sync::Arc;

/// Activity that waits to be read: some seconds of the busiest night.
const ACTIVITY_CAPACITY: usize = 65_536;

/// What all parts of the service share.
pub(super) struct House {
    pub(super) graph: Arc<GraphFile>,
    pub(super) graphs: Graphs,
    pub(super) bus: Bus,
    pub(super) ledger: Ledger,
    pub(super) clock: Clock,
    pub(super) health: Health,
    pub(super) shutdown: Shutdown,
}

impl House {
    /// Opens the ledger, and chooses the graph.
    pub(super) async fn build(args: &Args, shutdown: &Shutdown) -> Result<Self, StartError> {
        let read_at = Clock::start(None).now();
        let graph =
            GraphFile::read(&args.graph, read_at).map_err(|error| StartError::Config(error.into()))?;
        let name: ServiceName = NAME.parse().context("the name of the service")?;
        let options = BusOptions::new(&args.nats, name)
            .subscription_capacity(ACTIVITY_CAPACITY)
            .without_echo();
        let bus = Bus::open(options)
            .await
            .map_err(|error| StartError::Config(anyhow::Error::new(error).context("--nats")))?;
        let of_ledger = || format!("the ledger {}", args.ledger.display());
        let ledger = Ledger::open(&args.ledger).await.with_context(of_ledger)?;
        let last = ledger.last_change().await.with_context(of_ledger)?;
        let (graph, graphs) = choose(args, graph, &ledger).await?;
        Ok(Self {
            graph,
            graphs,
            bus,
            ledger,
            clock: Clock::start(last),
            health: Health::default(),
            shutdown: shutdown.clone(),
        })
    }

    /// How far something was read, by the ledger.
    pub(super) async fn position<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StartError> {
        let stored = self
            .ledger
            .position(key)
            .await
            .context("the ledger's positions")?;
        let read = stored.map(|json| serde_json::from_str(&json)).transpose();
        Ok(read.with_context(|| format!("the ledger's position {key}"))?)
    }
}

/// The graph to start with, and where those are that earlier ones asked for something.
async fn choose(
    args: &Args,
    file: GraphFile,
    ledger: &Ledger,
) -> Result<(Arc<GraphFile>, Graphs), StartError> {
    let path = GraphPath {
        path: args.graph.clone(),
        sha256: file.sha256,
    };
    let before = ledger.graphs().await.context("the ledger's graphs")?;
    let graph = file.or_last(before.first()).map_err(|mistakes| {
        let put = "the graph that was put in force is none any more; another file of --graph takes its place";
        StartError::Config(anyhow::Error::new(mistakes).context(put))
    })?;
    let graph = Arc::new(graph);
    let graphs = Graphs::new(Arc::clone(&graph), &args.provider_urls, path);
    // The oldest first: where a later one says otherwise, that holds.
    for former in before.into_iter().rev() {
        if let Ok(former) = GraphFile::parse(former.text, former.at) {
            graphs.replace(Arc::new(former));
        }
    }
    graphs.replace(Arc::clone(&graph));
    Ok((graph, graphs))
}
