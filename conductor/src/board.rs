//! `activity.conductor`: how the providers are, at each change of it and every 5 s.

use crate::desk::{Desk, Load};
use crate::herald::Herald;
use crate::presence::Presence;
use domain::{ProviderName, ProviderState, ServiceName};
use service_kit::Clock;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

/// Counts change with every run; that often they are told, and to whoever has just come. A provider is late after
/// three times as long.
const INTERVAL: Duration = Duration::from_secs(5);

/// What all providers have to do together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Work {
    /// Runs that they have.
    pub(crate) in_flight: u64,
    /// Runs that wait for them.
    pub(crate) queued: u64,
}

/// Watches the providers.
#[derive(Debug)]
pub(crate) struct Board {
    /// Knows their queues and slots.
    pub(crate) desk: Desk,
    /// Knows when they were heard of.
    pub(crate) presence: Presence,
    /// Told when a provider is paused, say, which is to be seen at once.
    pub(crate) look: Arc<Notify>,
    /// Says what changed.
    pub(crate) herald: Herald,
    /// What time it is.
    pub(crate) clock: Clock,
    /// What they have to do together.
    pub(crate) work: watch::Sender<Work>,
}

impl Board {
    /// Tells how they are until the stop.
    pub(crate) async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut tick = tokio::time::interval(INTERVAL);
        let mut told: BTreeMap<ProviderName, ProviderState> = BTreeMap::new();
        loop {
            let all = tokio::select! {
                _ = tick.tick() => true,
                () = self.look.notified() => false,
                () = stop.cancelled() => return Ok(()),
            };
            // A writer that waits for its ledger is told of by `/health/ready`.
            let Ok(loads) = self.desk.loads().await else {
                continue;
            };
            let sum = |of: fn(&Load) -> usize| loads.iter().map(|load| of(load) as u64).sum();
            self.work.send_replace(Work {
                in_flight: sum(|load| load.in_flight),
                queued: sum(|load| load.queued),
            });
            for load in loads {
                let service = ServiceName::from(load.provider.clone());
                let state = load.state(self.presence.state(&service, self.clock.now()));
                if all || told.get(&load.provider) != Some(&state) {
                    self.herald.provider(self.clock.now(), state, &load);
                    told.insert(load.provider, state);
                }
            }
        }
    }
}
