//! What must have come of everything that the VHF source announced, whatever died meanwhile.

use crate::graph::{closure, inputs};
use crate::http::exchange;
use crate::orchestra::Orchestra;
use crate::outcome::Outcome;
use api::feed::FeedQuery;
use api::vhf::ReplayState;
use api::{ApiError, FeedClient, Http, PageQuery};
use domain::{Announcement, CellState, ObsId, Version};
use serde_json::Value;
use stage::{CONDUCTOR, MOCK_PIPELINE, MOCK_VHF, SDB};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::Location;
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The largest page of a list.
const PAGE: u32 = 1000;
/// Between two looks at a source that is away, or a service that is not ready.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How long after all is made every service has to say that it is ready again.
const READY_WITHIN: Duration = Duration::from_secs(15);

/// What a graph promises of any inputs: exactly what can be made is made, from the same inputs once, and
/// what is not made says why.
#[derive(Debug, Clone)]
pub struct Promise {
    /// The graph as its document alone tells it.
    graph: Value,
    /// The same without what always fails.
    sound: Value,
    broken: BTreeSet<String>,
}

/// What was announced of one observation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arrived {
    /// The newest version of each input.
    pub(crate) newest: BTreeMap<String, Option<Version>>,
    /// Every version of each input that was announced.
    pub(crate) versions: BTreeMap<String, BTreeSet<Version>>,
    /// The inputs that were withdrawn in the end.
    pub(crate) withdrawn: BTreeSet<String>,
}

impl Arrived {
    pub(crate) fn note(&mut self, product: &str, version: Option<Version>, retracted: bool) {
        if retracted {
            self.withdrawn.insert(product.to_owned());
        } else {
            self.withdrawn.remove(product);
            let newest = self.newest.entry(product.to_owned()).or_default();
            *newest = version.max(*newest);
            let versions = self.versions.entry(product.to_owned()).or_default();
            versions.extend(version);
        }
    }

    pub(crate) fn came(&self) -> BTreeSet<String> {
        self.newest.keys().cloned().collect()
    }

    pub(crate) fn stayed(&self) -> BTreeSet<String> {
        self.came().difference(&self.withdrawn).cloned().collect()
    }
}

/// What was announced of every observation.
pub(crate) type Arrivals = BTreeMap<ObsId, Arrived>;

impl Promise {
    /// What the graph of this file promises, where the pipelines of some products always fail.
    pub fn of(graph: &Path, broken: &[&str]) -> Self {
        let text = fs::read(graph).unwrap_or_else(|error| panic!("{}: {error}", graph.display()));
        let graph: Value = serde_json::from_slice(&text).expect("the graph is JSON");
        let mut sound = graph.clone();
        let products = sound["products"]
            .as_object_mut()
            .expect("`products` is an object");
        for product in broken {
            let known = products.remove(*product);
            assert!(known.is_some(), "the graph has no {product}");
        }
        let broken = broken.iter().map(|&product| product.to_owned()).collect();
        Self { graph, sound, broken }
    }

    /// What is made where these inputs are available, and what fails.
    pub fn made_of(&self, available: &BTreeSet<String>) -> (BTreeSet<String>, BTreeSet<String>) {
        let made = closure(&self.sound, available);
        let is_there = |input: &str| made.contains(input) || available.contains(input);
        let begins = |product: &&String| inputs(&self.graph, product, "m_input").all(is_there);
        let failed = self.broken.iter().filter(begins).cloned().collect();
        (made, failed)
    }

    /// Waits until every replay has ended, all that can be made is made and nothing is in progress; then the
    /// whole promise must hold, and every service be ready. Panics with what does not.
    #[track_caller]
    pub fn kept<'a>(
        &'a self,
        orchestra: &'a Orchestra,
        deadline: Duration,
    ) -> impl Future<Output = Outcome> + 'a {
        let caller = Location::caller();
        async move {
            let (outcome, arrivals) = self
                .settled(orchestra, deadline)
                .await
                .unwrap_or_else(|why| panic!("{caller}: {why}"));
            let mut wrong = self.breaches(&outcome, &arrivals);
            match outcome.wrong_exports(orchestra).await {
                Ok(exports) => wrong.extend(exports),
                Err(error) => wrong.push(error.to_string()),
            }
            wrong.extend(not_ready(orchestra).await);
            let said = wrong.join("\n");
            assert!(wrong.is_empty(), "{caller}: the promise is not kept:\n{said}");
            outcome
        }
    }

    /// Waits until every replay has ended, all that can be made is made and nothing is in progress: what came of
    /// it, and what it came of.
    pub(crate) async fn settled(
        &self,
        orchestra: &Orchestra,
        deadline: Duration,
    ) -> Result<(Outcome, Arrivals), String> {
        let announced = announced(orchestra, deadline).await?;
        let missing = |outcome: &Outcome| self.missing(outcome, &self.arrivals(outcome, &announced));
        let outcome = Outcome::settled(orchestra, deadline, missing).await;
        let arrivals = self.arrivals(&outcome, &announced);
        Ok((outcome, arrivals))
    }

    /// Whether the graph calls it an input.
    pub(crate) fn is_input(&self, product: &str) -> bool {
        let listed = self.graph["inputs"].as_array().expect("`inputs` is a list");
        listed.iter().any(|input| input == product)
    }

    /// What the source announced, and the inputs that were imported into the SDB.
    fn arrivals(&self, outcome: &Outcome, announced: &Arrivals) -> Arrivals {
        let mut arrivals = announced.clone();
        for record in &outcome.records {
            let product = record.product.as_str();
            if self.is_input(product) {
                let arrived = arrivals.entry(record.obs_id.clone()).or_default();
                arrived.note(product, Some(record.version), record.retracted.is_some());
            }
        }
        arrivals
    }

    /// What is still to come: made, failed, or folded by the conductor.
    fn missing(&self, outcome: &Outcome, arrivals: &Arrivals) -> Vec<String> {
        // A run whose product is there ends with the pipeline's word; one that was lost is asked for.
        let open = outcome.runs.iter().filter(|run| !run.state.is_ended());
        let mut missing: Vec<String> = open
            .map(|run| format!("{} of {}: its run is {}", run.product, run.obs_id, run.state))
            .collect();
        for (obs_id, arrived) in arrivals {
            let (made, failed) = self.made_of(&arrived.stayed());
            let mut wait_for = |product: &str, ok: bool, what: &str| {
                if !ok {
                    missing.push(format!("{product} of {obs_id}: not {what} yet"));
                }
            };
            let state = |product: &str| outcome.cell(obs_id, product).map(|cell| cell.state);
            let there = outcome.made(obs_id);
            for product in &made {
                wait_for(product, there.contains(product), "made");
            }
            for product in &failed {
                wait_for(product, state(product) == Some(CellState::Failed), "failed");
            }
            // What was withdrawn before it came is remembered, and shows when it comes.
            for product in arrived.withdrawn.intersection(&arrived.came()) {
                wait_for(product, state(product) == Some(CellState::Retracted), "withdrawn");
            }
            let inputs = arrived
                .newest
                .iter()
                .map(|(input, newest)| (input.as_str(), *newest));
            let stored = outcome
                .records
                .iter()
                .filter(|record| record.obs_id == *obs_id)
                .map(|record| (record.product.as_str(), Some(record.version)));
            for (product, version) in inputs.chain(stored) {
                let known = outcome.cell(obs_id, product).and_then(|cell| cell.version);
                wait_for(product, known >= version, "known in its newest version");
            }
        }
        missing
    }

    /// Where the promise is not kept, once nothing is in progress any more.
    fn breaches(&self, outcome: &Outcome, arrivals: &Arrivals) -> Vec<String> {
        let mut wrong: Vec<String> = outcome.made_twice();
        // No run of ours makes an input.
        wrong.retain(|line| {
            !line
                .split(' ')
                .next()
                .is_some_and(|product| self.is_input(product))
        });
        for obs_id in outcome.observations.keys() {
            if !arrivals.contains_key(obs_id) {
                wrong.push(format!("{obs_id}: nobody announced it"));
            }
        }
        for (obs_id, arrived) in arrivals {
            let (least, fail_least) = self.made_of(&arrived.stayed());
            // A retraction takes nothing back: what began before it came may be made. Without one, both are one.
            let (most, fail_most) = self.made_of(&arrived.came());
            let (mut made, mut stored) = (outcome.made(obs_id), outcome.stored(obs_id));
            // An input that was imported is `done` and stored, and nobody made it.
            made.retain(|product| !self.is_input(product));
            stored.retain(|product| !self.is_input(product));
            if made != stored || !made.is_superset(&least) || !made.is_subset(&most) {
                wrong.push(format!("{obs_id}: made {made:?}, stored {stored:?}, of {most:?}"));
            }
            let failed = failed(outcome, obs_id);
            if !failed.is_superset(&fail_least) || !failed.is_subset(&fail_most) {
                wrong.push(format!("{obs_id}: failed {failed:?} instead of {fail_most:?}"));
            }
            wrong.extend(silent(outcome, obs_id));
        }
        wrong
    }
}

fn failed(outcome: &Outcome, obs_id: &ObsId) -> BTreeSet<String> {
    let failed = outcome
        .cells(obs_id)
        .iter()
        .filter(|cell| cell.state == CellState::Failed);
    failed.map(|cell| cell.product.to_string()).collect()
}

/// The cells that are not there and do not say why.
pub(crate) fn silent(outcome: &Outcome, obs_id: &ObsId) -> Vec<String> {
    let is_silent = |cell: &&api::conductor::Cell| {
        let is_there = matches!(cell.state, CellState::Done | CellState::Received);
        !is_there && cell.reason.as_ref().is_none_or(String::is_empty)
    };
    let silent = outcome.cells(obs_id).iter().filter(is_silent);
    silent
        .map(|cell| {
            format!(
                "{} of {obs_id}: {}, and does not say why",
                cell.product, cell.state
            )
        })
        .collect()
}

/// All that the source has announced, once its replays have ended.
async fn announced(orchestra: &Orchestra, deadline: Duration) -> Result<Arrivals, String> {
    let end = Instant::now() + deadline;
    loop {
        let why = match look_at_source(orchestra).await {
            Ok(Some(arrivals)) => return Ok(arrivals),
            Ok(None) => "the replays have not ended".to_owned(),
            // A source that was killed comes back.
            Err(error) => error.to_string(),
        };
        if Instant::now() >= end {
            return Err(format!("after {deadline:?}: {why}"));
        }
        sleep(LOOK_EVERY).await;
    }
}

async fn look_at_source(orchestra: &Orchestra) -> Result<Option<Arrivals>, ApiError> {
    let page = PageQuery {
        limit: Some(PAGE),
        cursor: None,
    };
    let replays = orchestra.vhf().replays(&page).await?;
    if replays
        .items
        .iter()
        .any(|replay| replay.state == ReplayState::Running)
    {
        return Ok(None);
    }
    let feed = FeedClient::new(Http::new(), orchestra.url(MOCK_VHF));
    let mut arrivals = Arrivals::new();
    let mut after = Some(0);
    while let Some(n) = after {
        let query = FeedQuery {
            after: n,
            limit: Some(PAGE),
            feed: None,
        };
        let page = feed.page(&query).await?;
        for item in page.items {
            let Announcement {
                product: Some(product),
                obs_id,
                version,
                retracted,
                ..
            } = item.announcement
            else {
                continue;
            };
            let arrived = arrivals.entry(obs_id).or_default();
            arrived.note(product.as_str(), version, retracted);
        }
        after = page.next;
    }
    Ok(Some(arrivals))
}

/// The services that are not ready, with what they say, after some patience.
pub(crate) async fn not_ready(orchestra: &Orchestra) -> Vec<String> {
    let end = Instant::now() + READY_WITHIN;
    loop {
        let mut not_ready = Vec::new();
        for program in [SDB, CONDUCTOR, MOCK_VHF, MOCK_PIPELINE] {
            match exchange(&orchestra.url(program), "GET", "/health/ready", &[], b"").await {
                Ok(answer) if answer.status == 200 => {}
                Ok(answer) => not_ready.push(format!("{program} is not ready: {}", answer.body)),
                Err(error) => not_ready.push(format!("{program} does not answer: {error}")),
            }
        }
        if not_ready.is_empty() || Instant::now() >= end {
            return not_ready;
        }
        sleep(LOOK_EVERY).await;
    }
}
