//! Putting the canary together.

use super::pace::limit;
use super::perch::Heard;
use super::sender::Sender;
use super::{PATH, brick};
use crate::alerts::Lookout;
use crate::dispatch::Dispatcher;
use crate::in_force::Addresses;
use crate::inbox;
use crate::ledger::Ledger;
use crate::targets::Targets;
use api::{Http, SdbClient};
use domain::{ServiceName, canary_input, canary_product, canary_provider};
use messaging::Bus;
use product_graph::ProductGraph;
use service_kit::{Clock, Health, Shutdown};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use url::Url;

/// Runs whose products are made and of which the sender has not heard: more than a round has.
const MADE_CAPACITY: usize = 16;

/// What the canary needs of the conductor.
#[derive(Debug)]
pub(crate) struct Launch {
    /// From one round to the next.
    pub(crate) every: Duration,
    /// Where the conductor listens.
    pub(crate) local: SocketAddr,
    /// Where the SDB is.
    pub(crate) sdb: Url,
    /// What it is called.
    pub(crate) sdb_name: ServiceName,
    /// Calls others.
    pub(crate) http: Http,
    /// NATS.
    pub(crate) bus: Bus,
    /// Where it is claimed.
    pub(crate) ledger: Ledger,
    /// What the writer hears of it.
    pub(crate) heard: Heard,
    /// Where it is said that it is broken.
    pub(crate) lookout: Lookout,
    /// What time it is.
    pub(crate) clock: Clock,
    /// How the conductor is.
    pub(crate) health: Health,
    /// Runs tasks.
    pub(crate) shutdown: Shutdown,
}

impl Launch {
    /// Starts what sends it; gives the routes of its pipeline, to be served below [`PATH`].
    pub(crate) async fn start(self) -> anyhow::Result<axum::Router> {
        let (tell_made, made) = mpsc::channel(MADE_CAPACITY);
        let routes = brick::serve(&self.sdb, tell_made, &self.shutdown).await?;
        let graph = ProductGraph::of_one(
            canary_input(),
            canary_product(),
            canary_provider(),
            self.own_url()?,
            limit(self.every),
        );
        let (lanes, answers) = inbox::open();
        let sdb = SdbClient::new(self.http.clone(), self.sdb);
        let dispatcher = Dispatcher::new(
            self.http,
            sdb.clone(),
            self.sdb_name,
            Addresses::Fixed(Arc::new(Targets::new(&graph, &[]))),
            lanes,
            self.clock,
            self.shutdown.clone(),
        );
        let sender = Sender {
            every: self.every,
            holder: format!("{}-{}", std::process::id(), self.clock.started_at()),
            ledger: self.ledger,
            bus: self.bus,
            graph: Arc::new(graph),
            dispatcher,
            answers,
            heard: self.heard,
            made,
            sdb,
            check: self.health.check("canary"),
            health: self.health,
            lookout: self.lookout,
            clock: self.clock,
        };
        self.shutdown.spawn("canary", sender.run(self.shutdown.token()));
        Ok(routes)
    }

    /// Where its pipeline is, for the conductor itself.
    fn own_url(&self) -> Result<Url, url::ParseError> {
        let ip = match self.local.ip() {
            unspecified if unspecified.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            ip => ip,
        };
        let at = SocketAddr::new(ip, self.local.port());
        Url::parse(&format!("http://{at}{PATH}/{}", canary_provider()))
    }
}
