//! Following a replay until nothing more will come of it.

use super::progress::Progress;
use api::conductor::{ObservationItem, ObservationQuery};
use api::vhf::{Replay, ReplayState};
use api::{ApiError, ConductorClient, VhfClient};
use domain::CellState;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How long nothing may have changed, with nothing in progress, before it is over: the last message takes
/// milliseconds from the source to the ledger.
const QUIET_FOR: Duration = Duration::from_secs(3);

/// The largest page of a list.
const PAGE: u32 = 1000;

/// Returns when all is announced and no cell is in progress any more.
pub(super) async fn until_over(
    conductor: &ConductorClient,
    vhf: &VhfClient,
    replay: u64,
    progress: &mut Progress,
) -> Result<(), ApiError> {
    let mut quiet_since = Instant::now();
    let mut before = BTreeMap::new();
    loop {
        let replay = vhf.progress(replay).await?;
        let observations = observations(conductor).await?;
        progress.update(&line(&replay, &observations));
        let now: BTreeMap<_, _> = observations
            .iter()
            .map(|observation| (observation.obs_id.clone(), observation.rev))
            .collect();
        let announcing = replay.state == ReplayState::Running;
        if announcing || count(&observations, is_in_progress) > 0 || now != before {
            quiet_since = Instant::now();
        }
        before = now;
        if quiet_since.elapsed() >= QUIET_FOR {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// What is in progress, observation by observation.
pub(super) async fn in_progress(conductor: &ConductorClient) -> Result<Vec<String>, ApiError> {
    let mut open = Vec::new();
    for observation in observations(conductor).await? {
        for (state, cells) in &observation.counts {
            if is_in_progress(*state) && *cells > 0 {
                open.push(format!("{} of {} {state}", cells, observation.obs_id));
            }
        }
    }
    Ok(open)
}

/// All observations that the conductor knows.
pub(super) async fn observations(conductor: &ConductorClient) -> Result<Vec<ObservationItem>, ApiError> {
    let mut all = Vec::new();
    let mut query = ObservationQuery {
        limit: Some(PAGE),
        ..ObservationQuery::default()
    };
    loop {
        let page = conductor.observations(&query).await?;
        all.extend(page.items);
        if page.next.is_none() {
            return Ok(all);
        }
        query.cursor = page.next;
    }
}

fn is_in_progress(state: CellState) -> bool {
    state == CellState::Grace || state.is_active()
}

fn count(observations: &[ObservationItem], of: impl Fn(CellState) -> bool) -> u64 {
    let counts = observations.iter().flat_map(|observation| &observation.counts);
    counts
        .filter(|(state, _)| of(**state))
        .map(|(_, cells)| cells)
        .sum()
}

fn line(replay: &Replay, observations: &[ObservationItem]) -> String {
    format!(
        "burst {}/{} {}, message {}/{} | made {}, in progress {}, failed {}",
        observations.len(),
        replay.bursts.len(),
        replay.burst.as_deref().unwrap_or(""),
        replay.announced,
        replay.total,
        count(observations, |state| matches!(
            state,
            CellState::Done | CellState::Stale
        )),
        count(observations, is_in_progress),
        count(observations, |state| state == CellState::Failed),
    )
}
