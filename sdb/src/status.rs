//! `activity.sdb`: how the service is, at each change and every 5 s.

use crate::{http::Work, store::Outbox};
use domain::{Activity, ServiceName, ServiceState, StatusActivity};
use messaging::Bus;
use service_kit::{Clock, Health};
use smol_str::SmolStr;
use std::{sync::Arc, time::Duration};
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
    /// `sdb`.
    pub(crate) name: ServiceName,
    /// When the process started, and what time it is.
    pub(crate) clock: Clock,
    /// Imports at work.
    pub(crate) work: Work,
    /// Announcements that wait.
    pub(crate) outbox: Arc<Outbox>,
    /// Whether it can do its work, as `GET /health/ready` says it.
    pub(crate) health: Health,
    /// Whether announcements are published.
    pub(crate) relay: watch::Receiver<Option<String>>,
}

impl Status {
    /// Tells it until the stop, then that it drains, and, once the store is closed, that it has stopped.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let micro = self
            .bus
            .serve_micro(self.name.as_str(), env!("CARGO_PKG_VERSION"), crate::DESCRIPTION)
            .await;
        if let Err(error) = &micro {
            tracing::warn!(%error, "nats micro ls will not show this service");
        }
        let mut tick = tokio::time::interval(INTERVAL);
        let mut connection = self.bus.health();
        let mut checks = self.health.watch();
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = tick.tick() => {}
                () = checks.changed() => {}
                Ok(()) = self.relay.changed() => {}
                // A new connection is told at once: those at its other end know nothing of us yet.
                Ok(()) = connection.changed() => {}
            }
            self.say(None).await;
        }
        self.say(Some(ServiceState::Draining)).await;
        self.outbox.closed().await;
        self.say(Some(ServiceState::Stopped)).await;
        if let Ok(micro) = micro {
            micro.stop().await;
        }
        self.bus.flush(LAST_WORD).await;
    }

    async fn say(&self, ending: Option<ServiceState>) {
        // What is said into no connection would arrive late, and be wrong by then.
        if !self.bus.health().borrow().connected {
            return;
        }
        // Imports go on while their announcements wait: that is no reason to send nobody here.
        let relay = self
            .relay
            .borrow()
            .as_ref()
            .map(|trouble| format!("relay: {trouble}"));
        let mut troubles = vec![self.health.detail()];
        troubles.extend(relay);
        troubles.retain(|trouble| !trouble.is_empty());
        let state = ending.unwrap_or(if troubles.is_empty() {
            ServiceState::Ready
        } else {
            ServiceState::Degraded
        });
        let status = StatusActivity {
            service: self.name.clone(),
            instance: smol_str::format_smolstr!("{}", std::process::id()),
            at: Some(self.clock.now()),
            state,
            version: SmolStr::new_static(env!("CARGO_PKG_VERSION")),
            started_at: Some(self.clock.started_at()),
            in_flight: self.work.count(),
            queued: self.outbox.depth(),
            detail: troubles.join("; "),
        };
        if let Err(error) = self.bus.say(&Activity::Status(status)).await {
            tracing::debug!(%error, "the status was not heard");
        }
    }
}
