//! `activity.conductor`: how the service is, at each change and every 5 s; and the connection to NATS.

use crate::board::Work;
use domain::{Activity, ServiceState, StatusActivity};
use messaging::Bus;
use service_kit::{Check, Clock, Health};
use smol_str::SmolStr;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// `docs/protocol.md` section 2.
const INTERVAL: Duration = Duration::from_secs(5);

/// How long the last word may take to leave.
const LAST_WORD: Duration = Duration::from_secs(1);

/// What the status is put together from.
#[derive(Debug)]
pub(crate) struct Status {
    /// NATS.
    pub(crate) bus: Bus,
    /// When the process started, and what time it is.
    pub(crate) clock: Clock,
    /// How its parts are.
    pub(crate) health: Health,
    /// Whether there is a connection.
    pub(crate) check: Check,
    /// What the providers have to do.
    pub(crate) work: watch::Receiver<Work>,
}

impl Status {
    /// Tells it until the stop, then that it has stopped.
    ///
    /// # Errors
    /// The server is too old, or has no `JetStream` for us: an operator must act.
    pub(crate) async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        self.check.failing("no NATS server yet");
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            fit = self.bus.check_server() => fit?,
        }
        let (name, version) = (self.bus.name().as_str(), env!("CARGO_PKG_VERSION"));
        let micro = self.bus.serve_micro(name, version, crate::INFO.description).await;
        if let Err(error) = &micro {
            tracing::warn!(%error, "nats micro ls will not show this service");
        }
        self.tell(&stop).await;
        if let Ok(micro) = micro {
            micro.stop().await;
        }
        self.bus.flush(LAST_WORD).await;
        Ok(())
    }

    async fn tell(&self, stop: &CancellationToken) {
        let mut tick = tokio::time::interval(INTERVAL);
        let mut changes = self.health.watch();
        let mut connection = self.bus.health();
        while !stop.is_cancelled() {
            let connected = connection.borrow_and_update().connected;
            if connected {
                self.check.ok();
            } else {
                self.check.failing("not connected to NATS");
            }
            self.say(None).await;
            tokio::select! {
                () = stop.cancelled() => {}
                _ = tick.tick() => {}
                () = changes.changed() => {}
                Ok(()) = connection.changed() => {}
            }
        }
        self.say(Some(ServiceState::Stopped)).await;
    }

    async fn say(&self, ending: Option<ServiceState>) {
        // What is said into no connection would arrive late, and be wrong by then.
        if !self.bus.health().borrow().connected {
            return;
        }
        let state = ending.unwrap_or(if self.health.is_ready() {
            ServiceState::Ready
        } else {
            ServiceState::Degraded
        });
        let work = *self.work.borrow();
        let status = StatusActivity {
            service: self.bus.name().clone(),
            instance: smol_str::format_smolstr!("{}", std::process::id()),
            at: Some(self.clock.now()),
            state,
            version: SmolStr::new_static(env!("CARGO_PKG_VERSION")),
            started_at: Some(self.clock.started_at()),
            in_flight: work.in_flight,
            queued: work.queued,
            detail: self.health.detail(),
        };
        if let Err(error) = self.bus.say(&Activity::Status(status)).await {
            tracing::debug!(%error, "the status was not heard");
        }
    }
}
