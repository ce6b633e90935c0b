//! What came of everything, as the conductor and the SDB tell it, and whether the two agree.

use crate::orchestra::Orchestra;
use api::conductor::{Cell, ObservationItem, ObservationQuery, ObservationView, RunQuery, RunView};
use api::sdb::{ProductRecord, RecordQuery};
use api::{ApiError, Items};
use domain::{CellState, InputRef, ObsId, ProductName, RunState};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::Location;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The largest page of a list.
pub(crate) const PAGE: u32 = 1000;
/// Between two looks: one list of the conductor's, while the programs need the machine.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// What is still missing is told up to here: a hundred lines explain no more than twenty.
const MAX_TOLD: usize = 20;
/// The largest product that is compared with its checksum.
const MAX_EXPORT_BYTES: usize = 1024 * 1024;

/// The observations of a conductor, its runs, and the records of the SDB, read while nothing was in progress.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Every observation with its cells.
    pub observations: BTreeMap<ObsId, ObservationView>,
    /// Every run, oldest first.
    pub runs: Vec<RunView>,
    /// Every record of the SDB, oldest first.
    pub records: Vec<ProductRecord>,
}

impl Outcome {
    /// Waits until no cell is in progress and `missing` names nothing that is still to come; panics with what
    /// it named last if not in time.
    #[track_caller]
    pub fn settled(
        orchestra: &Orchestra,
        deadline: Duration,
        missing: impl Fn(&Self) -> Vec<String>,
    ) -> impl Future<Output = Self> {
        let caller = Location::caller();
        async move {
            let end = Instant::now() + deadline;
            loop {
                let mut open = match Self::look(orchestra).await {
                    Ok(Ok(outcome)) => match missing(&outcome) {
                        none if none.is_empty() => return outcome,
                        some => some,
                    },
                    Ok(Err(in_progress)) => in_progress,
                    // A service that was killed comes back.
                    Err(error) => vec![error.to_string()],
                };
                if Instant::now() >= end {
                    open.truncate(MAX_TOLD);
                    panic!("{caller}: not settled after {deadline:?}:\n{}", open.join("\n"));
                }
                sleep(LOOK_EVERY).await;
            }
        }
    }

    /// All of it, or what is in progress.
    async fn look(orchestra: &Orchestra) -> Result<Result<Self, Vec<String>>, ApiError> {
        let items = observations(orchestra).await?;
        let open: Vec<String> = items.iter().flat_map(in_progress).collect();
        if !open.is_empty() {
            return Ok(Err(open));
        }
        let mut observations = BTreeMap::new();
        for item in items {
            let view = orchestra.conductor().observation(&item.obs_id).await?;
            observations.insert(item.obs_id, view);
        }
        Ok(Ok(Self {
            observations,
            runs: runs(orchestra).await?,
            records: records(orchestra).await?,
        }))
    }

    /// The cells of an observation; none of one that the conductor does not know.
    pub fn cells(&self, obs_id: &ObsId) -> &[Cell] {
        self.observations
            .get(obs_id)
            .map_or(&[], |observation| &observation.cells)
    }

    /// One cell.
    pub fn cell(&self, obs_id: &ObsId, product: &str) -> Option<&Cell> {
        self.cells(obs_id)
            .iter()
            .find(|cell| cell.product.as_str() == product)
    }

    /// The products that the conductor calls made.
    pub fn made(&self, obs_id: &ObsId) -> BTreeSet<String> {
        let made = |cell: &&Cell| matches!(cell.state, CellState::Done | CellState::Stale);
        let cells = self.cells(obs_id).iter().filter(made);
        cells.map(|cell| cell.product.to_string()).collect()
    }

    /// The products that the SDB has.
    pub fn stored(&self, obs_id: &ObsId) -> BTreeSet<String> {
        let records = self.records.iter().filter(|record| record.obs_id == *obs_id);
        records.map(|record| record.product.to_string()).collect()
    }

    /// The records of one cell, oldest first.
    pub fn versions(&self, obs_id: &ObsId, product: &str) -> Vec<&ProductRecord> {
        let of_cell =
            |record: &&ProductRecord| record.obs_id == *obs_id && record.product.as_str() == product;
        self.records.iter().filter(of_cell).collect()
    }

    /// The runs of one cell, oldest first.
    pub fn runs_of(&self, obs_id: &ObsId, product: &str) -> Vec<&RunView> {
        let of_cell = |run: &&RunView| run.obs_id == *obs_id && run.product.as_str() == product;
        self.runs.iter().filter(of_cell).collect()
    }

    /// What was made twice from the same inputs, or without the conductor's having asked for it: nothing, if
    /// no operator asked for it either.
    pub fn made_twice(&self) -> Vec<String> {
        let mut succeeded: BTreeMap<(&ObsId, &ProductName), Vec<&RunView>> = BTreeMap::new();
        for run in self.runs.iter().filter(|run| run.state == RunState::Succeeded) {
            succeeded
                .entry((&run.obs_id, &run.product))
                .or_default()
                .push(run);
        }
        let mut stored: BTreeMap<(&ObsId, &ProductName), Vec<&ProductRecord>> = BTreeMap::new();
        for record in &self.records {
            let cell = (&record.obs_id, &record.product);
            stored.entry(cell).or_default().push(record);
        }
        let mut found = Vec::new();
        for (cell @ (obs_id, product), records) in stored {
            let runs = succeeded.remove(&cell).unwrap_or_default();
            let (versions, made) = (records.len(), runs.len());
            if versions != made {
                found.push(format!(
                    "{product} of {obs_id}: {versions} versions of {made} runs"
                ));
            }
            let of_runs = runs.iter().map(|run| made_from(&run.inputs, &run.missing));
            let of_records = records.iter().filter_map(|record| {
                let provenance = record.provenance.as_ref()?;
                Some(made_from(provenance.inputs.as_ref()?, &provenance.missing))
            });
            for same in repeated(of_runs).into_iter().chain(repeated(of_records)) {
                found.push(format!("{product} of {obs_id}: twice from {same}"));
            }
        }
        let lost = succeeded.keys();
        found.extend(lost.map(|(obs_id, product)| format!("{product} of {obs_id}: made, but not stored")));
        found
    }

    /// Which products the SDB exports otherwise than their records say: the conductor's `done` cells that it
    /// does not have, and bytes with another checksum.
    pub async fn wrong_exports(&self, orchestra: &Orchestra) -> Result<Vec<String>, ApiError> {
        let sdb = orchestra.sdb();
        let mut wrong = Vec::new();
        for record in &self.records {
            let export = sdb
                .export(&record.obs_id, &record.product, Some(record.version))
                .await?;
            let bytes = export.bytes(MAX_EXPORT_BYTES).await?;
            let is_same = Sha256::digest(&bytes)[..] == *record.sha256.as_bytes();
            if !is_same || bytes.len() as u64 != record.size {
                wrong.push(format!(
                    "{} v{} of {}: other bytes",
                    record.product, record.version, record.obs_id
                ));
            }
        }
        for obs_id in self.observations.keys() {
            let (made, stored) = (self.made(obs_id), self.stored(obs_id));
            wrong.extend(
                made.difference(&stored)
                    .map(|product| format!("{product} of {obs_id}: not in the SDB")),
            );
        }
        Ok(wrong)
    }
}

fn in_progress(item: &ObservationItem) -> Vec<String> {
    let open = |(state, cells): &(&CellState, &u64)| {
        **cells > 0 && (state.is_active() || **state == CellState::Grace)
    };
    let counts = item.counts.iter().filter(open);
    counts
        .map(|(state, cells)| format!("{}: {cells} {state}", item.obs_id))
        .collect()
}

/// What something was made from, to compare it.
pub(crate) fn made_from(inputs: &[InputRef], missing: &[ProductName]) -> String {
    let mut parts: Vec<String> = inputs
        .iter()
        .map(|input| match input.revision {
            Some(revision) => format!("{} r{revision}", input.product),
            None => input.product.to_string(),
        })
        .collect();
    parts.extend(missing.iter().map(|product| format!("no {product}")));
    parts.sort();
    parts.join(", ")
}

fn repeated(all: impl Iterator<Item = String>) -> BTreeSet<String> {
    let mut met = BTreeSet::new();
    all.filter(|one| !met.insert(one.clone())).collect()
}

async fn observations(orchestra: &Orchestra) -> Result<Vec<ObservationItem>, ApiError> {
    let conductor = orchestra.conductor();
    all(async |cursor| {
        let query = ObservationQuery {
            limit: Some(PAGE),
            cursor,
            ..ObservationQuery::default()
        };
        conductor.observations(&query).await
    })
    .await
}

async fn runs(orchestra: &Orchestra) -> Result<Vec<RunView>, ApiError> {
    let conductor = orchestra.conductor();
    let mut runs = all(async |cursor| {
        let query = RunQuery {
            limit: Some(PAGE),
            cursor,
            ..RunQuery::default()
        };
        conductor.runs(&query).await
    })
    .await?;
    runs.reverse();
    Ok(runs)
}

async fn records(orchestra: &Orchestra) -> Result<Vec<ProductRecord>, ApiError> {
    let sdb = orchestra.sdb();
    let mut records = all(async |cursor| {
        let query = RecordQuery {
            limit: Some(PAGE),
            cursor,
            ..RecordQuery::default()
        };
        sdb.records(&query).await
    })
    .await?;
    records.reverse();
    Ok(records)
}

/// Every page of a list.
pub(crate) async fn all<T>(
    page: impl AsyncFn(Option<String>) -> Result<Items<T>, ApiError>,
) -> Result<Vec<T>, ApiError> {
    let mut items = Vec::new();
    let mut cursor = None;
    loop {
        let page = page(cursor).await?;
        items.extend(page.items);
        if page.next.is_none() {
            return Ok(items);
        }
        cursor = page.next;
    }
}
