//! The life of the service: open, bind, serve, connect, play.

use crate::args::ServeArgs;
use crate::http::{self, App};
use crate::source::Source;
use crate::{player, relay};
use anyhow::Context as _;
use api::vhf::ReplayRequest;
use domain::{Activity, ServiceName, ServiceState, StatusActivity};
use messaging::{Bus, BusOptions, Streams};
use service_kit::{Check, Clock, Health, ServiceInfo, Shutdown};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

/// The source's name: the second token of `data.vhf` and `activity.vhf`.
const NAME: &str = "vhf";
/// `status` comes at each change and this often (protocol section 2).
const STATUS_EVERY: Duration = Duration::from_secs(5);
/// A server that has no streams for us is asked again this often.
const STREAMS_RETRY: Duration = Duration::from_secs(2);
/// The last words of an orderly stop wait this long for the server.
const FLUSH: Duration = Duration::from_secs(1);

const INFO: ServiceInfo = ServiceInfo {
    name: "mock-vhf",
    version: env!("CARGO_PKG_VERSION"),
    description: "Replays real bursts as VHF packets: serves their bytes and announces them on data.vhf.",
};

/// Starts everything and returns; `shutdown` waits for it and stops it.
///
/// # Errors
/// A journal that cannot be read, a port in use, a URL that is none.
pub async fn start(args: ServeArgs, shutdown: &Shutdown) -> anyhow::Result<SocketAddr> {
    let name: ServiceName = NAME.parse().context("our own name")?;
    let listener = args.service.bind().await?;
    let address = listener.local_addr().context("the address that was bound")?;
    let base = match &args.public_url {
        Some(url) => url.clone(),
        None => format!("http://{address}/")
            .parse()
            .context("the address as a URL")?,
    };
    let source = Arc::new(Source::open(
        &args.data_dir,
        base,
        &uuid::Uuid::now_v7().to_string(),
    )?);
    let clock = Clock::start(source.last_at());
    if args.replay_all {
        replay_all(&source, clock, &args)?;
    }
    let health = Health::default();
    let (journal, nats) = (health.check("journal"), health.check("nats"));
    let bus = Bus::open(BusOptions::new([&args.nats], name.clone())).await?;

    let app = App {
        source: Arc::clone(&source),
        clock,
    };
    service_kit::serve(listener, http::router(app), INFO, health.clone(), shutdown)?;
    shutdown.spawn(
        "player",
        player::play(Arc::clone(&source), clock, journal, shutdown.token()),
    );
    let status = Status {
        source: Arc::clone(&source),
        bus: bus.clone(),
        name: name.clone(),
        clock,
        health,
    };
    shutdown.spawn("status", status.tell(shutdown.token()));
    shutdown.spawn(
        "nats",
        speak(args, address, source, bus, name, nats, shutdown.token()),
    );
    Ok(address)
}

/// The replay of `--replay-all`, unless an earlier life of ours was asked for it already.
fn replay_all(source: &Source, clock: Clock, args: &ServeArgs) -> anyhow::Result<()> {
    if source.replays().iter().any(|replay| replay.bursts.len() > 1) {
        tracing::info!("all bursts are, or were, replayed already from this data directory");
        return Ok(());
    }
    let (speed, gap) = (Some(args.pace.speed), Some(args.pace.gap.clone()));
    let request = ReplayRequest {
        all: true,
        speed,
        gap,
        burst: None,
    };
    source
        .start(clock.now(), &request)
        .map(drop)
        .context("--replay-all")
}

/// Makes sure that there is a stream, says that we are ready, and publishes.
async fn speak(
    args: ServeArgs,
    address: SocketAddr,
    source: Arc<Source>,
    bus: Bus,
    name: ServiceName,
    health: Check,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    tokio::select! {
        () = stop.cancelled() => return Ok(()),
        ready = prepare(&bus, &health) => ready?,
    }
    let micro = bus.serve_micro(INFO.name, INFO.version, INFO.description).await?;
    args.service.tell_ready(address)?;
    let watching = watch_connection(&bus, &health);
    tokio::select! {
        relayed = relay::relay(source, bus.clone(), name, stop) => relayed?,
        () = watching => {}
    }
    micro.stop().await;
    Ok(())
}

async fn prepare(bus: &Bus, health: &Check) -> anyhow::Result<()> {
    health.failing("no NATS server yet");
    bus.check_server().await?;
    while let Err(error) = bus.ensure_streams(&Streams::default()).await {
        tracing::warn!(%error, "no stream for announcements yet");
        health.failing(error.to_string());
        sleep(STREAMS_RETRY).await;
    }
    health.ok();
    Ok(())
}

/// Keeps the health check true; never ends while the bus lives.
async fn watch_connection(bus: &Bus, health: &Check) {
    let mut connection = bus.health();
    loop {
        if connection.borrow_and_update().connected {
            health.ok();
        } else {
            health.failing("not connected to NATS");
        }
        if connection.changed().await.is_err() {
            return std::future::pending().await;
        }
    }
}

/// Says on `activity.vhf` how we are.
struct Status {
    source: Arc<Source>,
    bus: Bus,
    name: ServiceName,
    clock: Clock,
    health: Health,
}

impl Status {
    async fn tell(self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut every = interval(STATUS_EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut checks, mut news) = (self.health.watch(), self.source.watch());
        let mut said = None;
        loop {
            let tick = tokio::select! {
                () = stop.cancelled() => break,
                _ = every.tick() => true,
                () = checks.changed() => false,
                told = news.changed() => told.map(|()| false)?,
            };
            let state = self.state();
            if tick || said != Some(state) {
                said = Some(state);
                self.say(state).await;
            }
        }
        self.say(ServiceState::Stopped).await;
        self.bus.flush(FLUSH).await;
        Ok(())
    }

    fn state(&self) -> ServiceState {
        let progress = self.source.progress();
        if !self.health.is_ready() {
            ServiceState::Degraded
        } else if progress.running > 0 || progress.unpublished > 0 {
            ServiceState::Busy
        } else {
            ServiceState::Ready
        }
    }

    async fn say(&self, state: ServiceState) {
        let progress = self.source.progress();
        let activity = Activity::Status(StatusActivity {
            service: self.name.clone(),
            instance: std::process::id().to_string().into(),
            at: Some(self.clock.now()),
            state,
            version: INFO.version.into(),
            started_at: Some(self.clock.started_at()),
            in_flight: progress.running,
            queued: progress.unpublished,
            detail: self.detail(),
        });
        if let Err(error) = self.bus.say(&activity).await {
            tracing::debug!(%error, "a status was not said");
        }
    }

    fn detail(&self) -> String {
        let failing = self.health.detail();
        if !failing.is_empty() {
            return failing;
        }
        let running = self
            .source
            .replays()
            .into_iter()
            .rfind(|replay| replay.state == api::vhf::ReplayState::Running);
        running.map_or_else(String::new, |replay| {
            format!(
                "replay {}: {} of {}, at {}",
                replay.id,
                replay.announced,
                replay.total,
                replay.burst.unwrap_or_default()
            )
        })
    }
}
