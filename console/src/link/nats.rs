//! What is said on NATS, and how the connection is.

use super::inlet::{Gone, Inlet};
use super::resync::Resync;
use super::way::Way;
use crate::model::{Cause, Peer, Update};
use domain::{Activity, StatusActivity};
use jiff::Timestamp;
use messaging::{ActivityFeed, Bus, BusOptions, DataFeed, Gap, Heard};
use service_kit::Shutdown;
use smol_str::SmolStr;
use std::time::Duration;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// A burst of 50 000 fits between the client and us.
const SUBSCRIPTION_CAPACITY: usize = 65_536;
/// How often the server is asked how long it takes; a dead one is noticed by the client itself.
const PING_EVERY: Duration = Duration::from_secs(2);
/// A server that has not answered by then is as good as away.
const PING_TIMEOUT: Duration = Duration::from_secs(2);
/// The service whose restart makes everything that it said before doubtful.
const CONDUCTOR: &str = "conductor";
/// The verb of the audit trail after which another graph is in force: what the cells are may be another matter.
const GRAPH: &str = "graph";

/// Listens to everything that is said.
#[derive(Debug)]
pub(super) struct Ear {
    bus: Bus,
    inlet: Inlet,
    resync: Resync,
}

impl Ear {
    /// # Errors
    /// An address that is none.
    pub(super) async fn open(servers: &str, inlet: Inlet, resync: Resync) -> anyhow::Result<Self> {
        let options =
            BusOptions::new([servers], "console".parse()?).subscription_capacity(SUBSCRIPTION_CAPACITY);
        let bus = Bus::open(options).await?;
        Ok(Self { bus, inlet, resync })
    }

    pub(super) async fn spawn(self, shutdown: &Shutdown) -> anyhow::Result<()> {
        let (activity, data) = (self.bus.activity().await?, self.bus.data_watch().await?);
        let inlet = self.inlet.clone();
        let listening = listen_to_activity(activity, inlet.clone(), self.resync.clone(), shutdown.token());
        shutdown.spawn("activity", listening);
        shutdown.spawn("data", listen_to_data(data, inlet, shutdown.token()));
        shutdown.spawn("nats", self.watch(shutdown.token()));
        Ok(())
    }

    /// Tells how the connection is, and asks for a snapshot whenever it was made: what was said before that is lost.
    async fn watch(self, stop: CancellationToken) -> anyhow::Result<()> {
        tokio::select! {
            _ = self.tell() => Ok(()),
            () = stop.cancelled() => Ok(()),
        }
    }

    async fn tell(&self) -> Result<(), Gone> {
        let mut health = self.bus.health();
        let mut way = Way::to(Peer::Nats);
        let mut connections = 0;
        loop {
            let now = health.borrow_and_update().clone();
            if now.connected {
                let round_trip = self.bus.round_trip(PING_TIMEOUT).await;
                // The server has answered after it had our subscriptions: whatever is committed from now on is heard.
                if now.connections != connections && round_trip.is_some() {
                    connections = now.connections;
                    self.resync.ask(Cause::Reconnected);
                }
                match round_trip {
                    // Of the connection that was looked at, and it may be another by now.
                    _ if health.has_changed().unwrap_or(false) => {}
                    Some(_) => way.works(&self.inlet, round_trip).await?,
                    None => way.fails(&self.inlet, no_answer()).await?,
                }
            } else {
                let error = now
                    .last_error
                    .unwrap_or_else(|| "no server has answered yet".to_owned());
                way.fails(&self.inlet, error).await?;
                // A dropped event of the client's is made up for.
                timeout(PING_EVERY, self.bus.connected()).await.ok();
            }
            timeout(PING_EVERY, health.changed()).await.ok();
        }
    }
}

async fn listen_to_activity(
    mut feed: ActivityFeed,
    inlet: Inlet,
    resync: Resync,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut conductor = Process::default();
    loop {
        let heard = tokio::select! {
            heard = feed.next() => heard,
            () = stop.cancelled() => return Ok(()),
        };
        match heard {
            None => return Ok(()),
            Some(Heard::Message { said, .. }) => {
                if let Activity::Status(status) = &said
                    && conductor.is_another(status)
                {
                    resync.ask(Cause::Conductor);
                }
                if matches!(&said, Activity::Operator(act) if act.verb == GRAPH) {
                    resync.ask(Cause::Graph);
                }
                inlet.offer(Update::Activity(Box::new(said)));
            }
            Some(Heard::Unreadable { subject, reason, .. }) => {
                inlet.offer(Update::Unreadable(subject, reason));
            }
            Some(Heard::Missed(Gap::Reconnected)) => inlet.offer(Update::Lost(None, Cause::Reconnected)),
            Some(Heard::Missed(Gap::TooSlow)) => {
                inlet.offer(Update::Lost(None, Cause::TooSlow));
                resync.ask(Cause::TooSlow);
            }
        }
    }
}

fn no_answer() -> String {
    format!("no answer within {} s", PING_TIMEOUT.as_secs())
}

/// Its gaps are those of the other feed, which tells them.
async fn listen_to_data(mut feed: DataFeed, inlet: Inlet, stop: CancellationToken) -> anyhow::Result<()> {
    loop {
        let heard = tokio::select! {
            heard = feed.next() => heard,
            () = stop.cancelled() => return Ok(()),
        };
        match heard {
            None => return Ok(()),
            Some(Heard::Message { from, said }) => inlet.offer(Update::Data(from, Box::new(said))),
            Some(Heard::Unreadable { subject, reason, .. }) => {
                inlet.offer(Update::Unreadable(subject, reason));
            }
            Some(Heard::Missed(_)) => {}
        }
    }
}

/// Which process of the conductor speaks.
#[derive(Debug, Default)]
struct Process(Option<(SmolStr, Option<Timestamp>)>);

impl Process {
    /// Whether another one speaks than before.
    fn is_another(&mut self, status: &StatusActivity) -> bool {
        if status.service.as_str() != CONDUCTOR {
            return false;
        }
        let now = (status.instance.clone(), status.started_at);
        let is_another = self.0.as_ref().is_some_and(|before| *before != now);
        self.0 = Some(now);
        is_another
    }
}
