//! Runs that were active when the process died: those whose product is in the SDB did succeed.

use crate::station::Station;
use api::pipeline::ProcessingRun;
use domain::{Attempt, RunId, Version};
use std::time::Duration;
use tokio::time::Instant;

/// How long after a start the SDB is asked. Until then, and without an answer, such a run is told as failed and
/// `restarted`, which is safe: a higher attempt asks the SDB again before it makes anything.
const SETTLE: Duration = Duration::from_secs(10);

/// Settles each of them, and says what it came to.
pub(crate) async fn settle(station: &Station, interrupted: Vec<ProcessingRun>) {
    let until = Instant::now() + SETTLE;
    for run in interrupted {
        let (Some(obs_id), Some(product)) = (&run.obs_id, &run.product) else {
            continue;
        };
        let stored = station
            .tools
            .archive
            .stored_by(obs_id, product, &run.run_id, false, until)
            .await;
        let version = stored.ok().flatten().map(|record| record.version);
        settle_one(station, &run.run_id, run.attempt, version);
    }
}

fn settle_one(station: &Station, run_id: &RunId, attempt: Attempt, version: Option<Version>) {
    let mut desk = station.desk();
    let found = version.and_then(|version| desk.runs.found_stored(run_id, attempt, version).cloned());
    if let Some(told) = &found {
        desk.note(told, &station.tools.journal_check);
    }
    // A higher attempt may have begun since; it speaks for itself.
    if let Some(told) = desk
        .runs
        .get(run_id)
        .filter(|told| told.attempt == attempt && told.state.is_ended())
    {
        station.say_ended(&told);
    }
}
