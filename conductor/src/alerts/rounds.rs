//! The rounds: what no event tells is looked at from time to time.

use super::{Fingerprint, Lookout, Standing, senses};
use crate::in_force::Graphs;
use crate::presence::Presence;
use domain::ServiceName;
use messaging::Bus;
use service_kit::Clock;
use std::path::PathBuf;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two rounds: providers are lost after a minute, and disks fill in hours.
const INTERVAL: Duration = Duration::from_secs(5);

/// What is looked at.
#[derive(Debug)]
pub(crate) struct Rounds {
    /// Where it is told.
    pub(crate) lookout: Lookout,
    /// Which providers there are.
    pub(crate) graphs: Graphs,
    /// When they were heard of.
    pub(crate) presence: Presence,
    /// The streams.
    pub(crate) bus: Bus,
    /// A service whose trouble is everybody's.
    pub(crate) sdb_name: ServiceName,
    /// What is on the disk.
    pub(crate) ledger: PathBuf,
    /// What time it is.
    pub(crate) clock: Clock,
}

impl Rounds {
    /// Goes round until the stop.
    pub(crate) async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut tick = tokio::time::interval(INTERVAL);
        loop {
            tokio::select! {
                _ = tick.tick() => {}
                () = stop.cancelled() => return Ok(()),
            }
            let now = self.clock.now();
            let in_force = self.graphs.get();
            for name in in_force.graph.graph.providers().keys() {
                self.tell(senses::provider(&self.presence, name, now));
            }
            for gone in in_force.targets.gone() {
                self.lookout.over(Fingerprint::of_provider(gone));
            }
            let sdb = self.presence.seen(&self.sdb_name);
            self.tell(senses::service(&self.sdb_name, sdb.as_ref()));
            self.tell(self.disk());
            // While there is no server, nothing is known of its streams.
            for fill in self.bus.stream_fills().await {
                self.tell(Some(senses::stream(&fill)));
            }
        }
    }

    fn tell(&self, standing: Option<Standing>) {
        match standing {
            None => {}
            Some(Standing::Stands(condition)) => self.lookout.stands(condition),
            Some(Standing::Over(fingerprint)) => self.lookout.over(fingerprint),
        }
    }

    fn disk(&self) -> Option<Standing> {
        match rustix::fs::statvfs(&self.ledger) {
            Ok(disk) => Some(senses::disk(disk.f_bavail, disk.f_blocks)),
            Err(error) => {
                tracing::debug!(%error, "how full the ledger's disk is cannot be asked");
                None
            }
        }
    }
}
