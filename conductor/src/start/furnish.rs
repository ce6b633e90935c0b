//! The tasks, and how they are joined.

use super::{House, StartError};
use crate::args::Args;
use crate::board::{Board, Work};
use crate::canary::Perch;
use crate::desk::Desk;
use crate::dispatch::Dispatcher;
use crate::durations::Durations;
use crate::herald::Herald;
use crate::in_force::Addresses;
use crate::inbox;
use crate::listen::SDB;
use crate::presence::Presence;
use crate::reconcile::Stations;
use crate::routes::{App, router};
use crate::status::Status;
use crate::targets::SourceUrl;
use crate::writer::{Parts, Writer};
use anyhow::Context as _;
use api::{Http, PipelineClient, SdbClient};
use domain::ServiceName;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::{Notify, watch};
use utoipa_axum::router::OpenApiRouter;

impl House {
    /// Starts the tasks, and gives the routes.
    pub(super) async fn furnish(self, args: &Args, local: SocketAddr) -> Result<OpenApiRouter, StartError> {
        let sdb_name: ServiceName = SDB.parse().context("the name of the SDB")?;
        let sources: Vec<SourceUrl> = std::iter::once(SourceUrl {
            name: sdb_name.clone(),
            url: args.sdb.clone(),
        })
        .chain(args.sources.iter().cloned())
        .collect();
        let (lanes, inbox) = inbox::open();
        let (desk, requests) = Desk::open();
        let graphs = self.graphs.clone();
        let http = Http::new();
        let dispatcher = Dispatcher::new(
            http.clone(),
            SdbClient::new(http.clone(), args.sdb.clone()),
            sdb_name.clone(),
            Addresses::InForce(graphs.clone()),
            lanes.clone(),
            self.clock,
            self.shutdown.clone(),
        );
        let (herald, voice) = Herald::new(self.bus.clone());
        let presence = Presence::default();
        let lookout = self.watch(args, &http, (&graphs, &herald, &presence), &sdb_name);
        let (perch, heard) = Perch::open();
        let feeds = self.feed_positions(&sources).await?;
        let durations = Durations::default();
        durations.take_up(self.ledger.durations().await.context("the ledger's durations")?);
        let look_at_feeds = Arc::new(Notify::new());
        let look_at_providers = Arc::new(Notify::new());
        let (reconcile, looks_wanted) = watch::channel(0);
        let stations = Stations {
            graphs: graphs.clone(),
            pipelines: PipelineClient::new(http.clone()),
            ledger: self.ledger.clone(),
            dispatcher: dispatcher.clone(),
            lanes: lanes.clone(),
            clock: self.clock,
            wanted: looks_wanted,
            shutdown: self.shutdown.clone(),
        };
        self.shutdown.spawn("stations", stations.run());
        let parts = Parts {
            graph: Arc::clone(&self.graph),
            graphs: graphs.clone(),
            ledger: self.ledger.clone(),
            clock: self.clock,
            durations: durations.clone(),
            inbox,
            desk: requests,
            dispatcher,
            herald: herald.clone(),
            lookout: lookout.clone(),
            perch,
            feeds: feeds.clone(),
            sdb_name: sdb_name.clone(),
            look_at_feeds: Arc::clone(&look_at_feeds),
            look_at_providers: Arc::clone(&look_at_providers),
            reconcile,
            ledger_check: self.health.check("ledger"),
            caught_up_check: self.health.check("caught-up"),
            stop: self.shutdown.token(),
        };
        let writer = Writer::start(parts).await.context("the ledger")?;
        self.shutdown.spawn("writer", writer.run());
        self.shutdown.spawn("herald", voice.run(self.shutdown.token()));
        self.read_feeds(args, &http, sources, (&feeds, &lanes, &look_at_feeds));
        let (work, work_watch) = watch::channel(Work::default());
        let board = Board {
            desk: desk.clone(),
            presence: presence.clone(),
            look: look_at_providers,
            herald: herald.clone(),
            clock: self.clock,
            work,
        };
        self.shutdown.spawn("board", board.run(self.shutdown.token()));
        let status = Status {
            bus: self.bus.clone(),
            clock: self.clock,
            health: self.health.clone(),
            check: self.health.check("nats"),
            work: work_watch,
        };
        self.shutdown.spawn("status", status.run(self.shutdown.token()));
        self.listen(lanes, herald, presence.clone(), graphs.clone())
            .await?;
        let canary = self.canary(args, local, sdb_name, http, heard, lookout).await?;
        let app = App::new(self.ledger, desk, graphs, presence, durations, self.clock);
        Ok(router(app).merge(canary))
    }
}
