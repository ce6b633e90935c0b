//! Runs that were active when the process died: those whose product is in the SDB did succeed.

use crate::station::Station;
use api::pipeline::ProcessingRun;
use domain::{Attempt, RunId, Version};
use futures_util::{StreamExt as _, stream};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How long after a start the SDB is asked. Until then, and without an answer, such a run is told as failed and
/// `restarted`, which is safe: a higher attempt asks the SDB again before it makes anything.
const SETTLE: Duration = Duration::from_secs(10);

/// How many are asked about at once: some, so that one slow answer does not use up the time of all.
const AT_ONCE: usize = 8;

/// Settles each of them, and says what it came to.
pub(crate) async fn settle(station: &Station, interrupted: Vec<ProcessingRun>) {
    let until = Instant::now() + SETTLE;
    let each = stream::iter(interrupted).for_each_concurrent(AT_ONCE, |run| async move {
        let version = stored(station, &run, until).await;
        settle_one(station, &run.run_id, run.attempt, version);
    });
    each.await;
}

async fn stored(station: &Station, run: &ProcessingRun, until: Instant) -> Option<Version> {
    let (obs_id, product) = (run.obs_id.as_ref()?, run.product.as_ref()?);
    let archive = &station.tools.archive;
    let asked = archive.stored_by(obs_id, product, &run.run_id, false, until);
    let record = timeout_at(until, asked).await.ok()?.ok()??;
    Some(record.version)
}

fn settle_one(station: &Station, run_id: &RunId, attempt: Attempt, version: Option<Version>) {
    let mut desk = station.desk();
    let found = version.and_then(|version| desk.runs.found_stored(run_id, attempt, version));
    if found.is_some() {
        desk.note(run_id, &station.tools.journal_check);
        station.discard_kept(run_id);
    }
    // A higher attempt may have begun since; it speaks for itself.
    if let Some(told) = desk
        .runs
        .noted(run_id)
        .filter(|told| told.attempt == attempt && told.state.is_ended())
    {
        station.say_ended(told);
    }
}
