//! Observations of which the model has heard something that it cannot place.

use super::inlet::Inlet;
use crate::model::{Snapshot, Update};
use api::ConductorClient;
use domain::ObsId;
use futures_util::{StreamExt as _, stream};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Read at once; a resync reads as many beside it.
const AT_ONCE: usize = 2;
/// One answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Reads them one by one. What cannot be read is asked for again by the next word that is heard of it.
pub(super) async fn run(
    conductor: ConductorClient,
    inlet: Inlet,
    wanted: mpsc::Receiver<ObsId>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let wanted = stream::unfold(wanted, async |mut wanted| {
        let obs_id = wanted.recv().await?;
        Some((obs_id, wanted))
    });
    let reads = wanted.for_each_concurrent(AT_ONCE, async |obs_id: ObsId| {
        let Ok(Ok(view)) = timeout(TIMEOUT, conductor.observation(&obs_id)).await else {
            tracing::debug!(obs.id = %obs_id, "the conductor could not be asked for an observation");
            return;
        };
        // Nobody is there to want it any more otherwise.
        inlet
            .put(Update::Snapshot(Snapshot::Single(Box::new(view))))
            .await
            .ok();
    });
    tokio::select! {
        () = reads => Ok(()),
        () = stop.cancelled() => Ok(()),
    }
}
