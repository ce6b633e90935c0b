//! Putting the service together.

use crate::alerts::{Fingerprint, Lookout, Rounds, Watch};
use crate::args::Args;
use crate::board::{Board, Work};
use crate::canary::{self, Heard, Launch, Perch};
use crate::desk::Desk;
use crate::dispatch::Dispatcher;
use crate::durations::Durations;
use crate::feed_position::FeedPositions;
use crate::graph_file::GraphFile;
use crate::herald::Herald;
use crate::in_force::{Addresses, GraphPath, Graphs};
use crate::inbox::{self, Lanes};
use crate::ledger::Ledger;
use crate::listen::{SDB, activity, feed, stream};
use crate::notify::{Ringer, Sink};
use crate::presence::Presence;
use crate::reconcile::Stations;
use crate::routes::{App, router};
use crate::status::Status;
use crate::targets::SourceUrl;
use crate::writer::{Parts, STREAM, Writer};
use anyhow::Context as _;
use api::{FeedClient, Http, PipelineClient, SdbClient, WebhookClient};
use domain::ServiceName;
use messaging::{Bus, BusOptions, ConsumerOptions, Streams};
use serde::de::DeserializeOwned;
use service_kit::{Clock, Health, ServiceArgs, ServiceInfo, Shutdown};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;

/// How the service presents itself.
pub const INFO: ServiceInfo = ServiceInfo {
    name: "orchestra-conductor",
    version: env!("CARGO_PKG_VERSION"),
    description: "The conductor: decides what can be made now and by whom, and sees each run to its end.",
};

/// The name of the service on `activity.*`, and of its consumer of the stream `DATA`.
const NAME: &str = "conductor";

/// Activity that waits to be read: some seconds of the busiest night.
const ACTIVITY_CAPACITY: usize = 65_536;

/// Why the service does not start, with all causes.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// What it was told cannot be right: the graph, a flag.
    #[error("{0:#}")]
    Config(anyhow::Error),
    /// The port, the ledger, or another part of the machine.
    #[error("{0:#}")]
    Failed(#[from] anyhow::Error),
}

/// Opens the ledger and starts everything. NATS, the SDB and the pipelines may be away: what they miss is
/// caught up with.
///
/// # Errors
/// [`StartError`].
pub async fn start(args: &Args, shutdown: &Shutdown) -> Result<(), StartError> {
    let house = House::build(args, shutdown).await?;
    let listener = args.service.bind().await.map_err(anyhow::Error::new)?;
    let health = house.health.clone();
    let local = listener.local_addr().map_err(anyhow::Error::new)?;
    let router = house.furnish(args, local).await?;
    let address =
        service_kit::serve(listener, router, INFO, health.clone(), shutdown).map_err(anyhow::Error::new)?;
    tracing::info!(listen = %address, "listening; the rest is caught up with");
    shutdown.spawn(
        "ready",
        tell_ready(args.service.clone(), address, health, shutdown.token()),
    );
    Ok(())
}

/// Says that the service is ready when it is: with NATS, and with nothing left to catch up with.
async fn tell_ready(
    args: ServiceArgs<5002>,
    address: SocketAddr,
    health: Health,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut changes = health.watch();
    while !health.is_ready() {
        tokio::select! {
            () = changes.changed() => {}
            () = stop.cancelled() => return Ok(()),
        }
    }
    Ok(args.tell_ready(address)?)
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

/// What all parts of the service share.
struct House {
    graph: Arc<GraphFile>,
    graphs: Graphs,
    bus: Bus,
    ledger: Ledger,
    clock: Clock,
    health: Health,
    shutdown: Shutdown,
}

impl House {
    async fn build(args: &Args, shutdown: &Shutdown) -> Result<Self, StartError> {
        let read_at = Clock::start(None).now();
        let graph =
            GraphFile::read(&args.graph, read_at).map_err(|error| StartError::Config(error.into()))?;
        let name: ServiceName = NAME.parse().context("the name of the service")?;
        let options = BusOptions::new(&args.nats, name).subscription_capacity(ACTIVITY_CAPACITY);
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

    /// Starts the tasks, and gives the routes.
    async fn furnish(self, args: &Args, local: SocketAddr) -> Result<OpenApiRouter, StartError> {
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
        for source in sources {
            let reader = feed::Reader {
                client: FeedClient::new(http.clone(), source.url),
                source: source.name,
                positions: feeds.clone(),
                from: args.from,
                lanes: lanes.clone(),
                bus: self.bus.clone(),
                look: Arc::clone(&look_at_feeds),
            };
            self.shutdown.spawn("feed", reader.run(self.shutdown.token()));
        }
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

    /// Starts the canary, unless it is off; gives the routes of its pipeline.
    async fn canary(
        &self,
        args: &Args,
        local: SocketAddr,
        sdb_name: ServiceName,
        http: Http,
        heard: Heard,
        lookout: Lookout,
    ) -> Result<OpenApiRouter, StartError> {
        let Some(every) = args.canary.every() else {
            // An alert of before would stand for ever.
            lookout.over(Fingerprint::of_canary());
            return Ok(OpenApiRouter::new());
        };
        let launch = Launch {
            every,
            local,
            sdb: args.sdb.clone(),
            sdb_name,
            http,
            bus: self.bus.clone(),
            ledger: self.ledger.clone(),
            heard,
            lookout,
            clock: self.clock,
            health: self.health.clone(),
            shutdown: self.shutdown.clone(),
        };
        let routes = launch.start().await.context("the canary's pipeline")?;
        // They are nobody's to call, so the description of the service is without them.
        Ok(OpenApiRouter::new().nest(canary::PATH, routes.into()))
    }

    /// Starts what watches for what calls for a human, and what calls one.
    fn watch(
        &self,
        args: &Args,
        http: &Http,
        (graphs, herald, presence): (&Graphs, &Herald, &Presence),
        sdb_name: &ServiceName,
    ) -> Lookout {
        let webhook = args.notify_webhook.clone();
        let webhook = webhook.map(|url| Sink::Webhook(WebhookClient::new(http.clone(), url)));
        let command = args.notify_command.clone().map(Sink::Command);
        let mut bells = Vec::new();
        for sink in webhook.into_iter().chain(command) {
            let (ringer, bell) = Ringer::new(sink, self.ledger.clone());
            self.shutdown.spawn("notify", ringer.run(self.shutdown.token()));
            bells.push(bell);
        }
        let (lookout, reports) = Lookout::open();
        let watch = Watch {
            reports,
            graphs: graphs.clone(),
            ledger: self.ledger.clone(),
            herald: herald.clone(),
            bells,
            clock: self.clock,
        };
        self.shutdown.spawn("watch", watch.run(self.shutdown.token()));
        let rounds = Rounds {
            lookout: lookout.clone(),
            graphs: graphs.clone(),
            presence: presence.clone(),
            bus: self.bus.clone(),
            sdb_name: sdb_name.clone(),
            ledger: args.ledger.clone(),
            clock: self.clock,
        };
        self.shutdown.spawn("rounds", rounds.run(self.shutdown.token()));
        lookout
    }

    /// Starts what hears NATS.
    async fn listen(
        &self,
        lanes: Lanes,
        herald: Herald,
        presence: Presence,
        graphs: Graphs,
    ) -> Result<(), StartError> {
        let stop = || self.shutdown.token();
        let streams = Streams {
            update: true,
            ..Streams::default()
        };
        let options = ConsumerOptions {
            streams,
            ..ConsumerOptions::new(NAME)
        };
        let (consumer, monitor) = self.bus.data_consumer(options, self.position(STREAM).await?);
        let progress = stream::watch_progress(consumer.liveness(), self.health.check("stream"), stop());
        self.shutdown.spawn("progress", progress);
        let until_stop = stop();
        self.shutdown.spawn("monitor", async move {
            tokio::select! {
                () = monitor.run() => {}
                () = until_stop.cancelled() => {}
            }
            Ok(())
        });
        self.shutdown
            .spawn("stream", stream::read(consumer, lanes.clone(), stop()));
        let hearing = activity::listen(
            self.bus.clone(),
            lanes,
            presence,
            graphs,
            herald,
            self.clock,
            stop(),
        );
        self.shutdown.spawn("activity", hearing);
        Ok(())
    }

    async fn feed_positions(&self, sources: &[SourceUrl]) -> Result<FeedPositions, StartError> {
        let positions = FeedPositions::default();
        for source in sources {
            let key = FeedPositions::key(&source.name);
            if let Some(position) = self.position(&key).await? {
                positions.set(source.name.clone(), position);
            }
        }
        Ok(positions)
    }

    async fn position<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StartError> {
        let stored = self
            .ledger
            .position(key)
            .await
            .context("the ledger's positions")?;
        let read = stored.map(|json| serde_json::from_str(&json)).transpose();
        Ok(read.with_context(|| format!("the ledger's position {key}"))?)
    }
}
