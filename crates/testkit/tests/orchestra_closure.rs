//! Fifty real bursts at once, and a fifth of all attempts fails: what is made is what `graph.json` says can be
//! made, burst by burst, told by a closure of a few lines that knows nothing of ours.

#![expect(clippy::print_stdout, reason = "the time it takes is a figure to look at")]

use api::feed::FeedQuery;
use api::vhf::{ReplayRequest, ReplayState};
use api::{FeedClient, Http};
use domain::{Announcement, CellState, InputRef, ObsId, Revision};
use serde_json::Value;
use stage::{MOCK_PIPELINE, MOCK_VHF};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use testkit::{Orchestra, OrchestraOptions, Outcome, closure, eventually, graph, inputs, write_graph};

/// It takes 10 to 30 s alone on two cores; a compiler beside it takes the rest.
const DEADLINE: Duration = Duration::from_secs(150);
/// All that the bursts come to, packets and retractions.
const MESSAGES: u64 = 207;
/// A fifth of the attempts fails, the same ones each time.
const PIPELINES: [&str; 6] = ["--min-delay", "0s", "--max-delay", "0s", "--seed", "7"];

/// What the source has announced of one observation.
#[derive(Debug, Default)]
struct Arrived {
    /// How many packets of each input.
    packets: BTreeMap<String, u64>,
    /// The inputs that were withdrawn in the end.
    withdrawn: BTreeSet<String>,
}

impl Arrived {
    fn note(&mut self, announcement: &Announcement) {
        let product = announcement
            .product
            .as_ref()
            .expect("each message names its input");
        if announcement.retracted {
            self.withdrawn.insert(product.to_string());
        } else {
            self.withdrawn.remove(product.as_str());
            *self.packets.entry(product.to_string()).or_default() += 1;
        }
    }

    fn came(&self) -> BTreeSet<String> {
        self.packets.keys().cloned().collect()
    }

    fn stayed(&self) -> BTreeSet<String> {
        self.came().difference(&self.withdrawn).cloned().collect()
    }
}

#[tokio::test]
async fn what_can_be_made_is_made_and_nothing_else() {
    play(&[], |product| {
        product.insert("wait_in_progress".to_owned(), "1s".into());
    })
    .await;
}

#[tokio::test]
async fn so_it_is_with_the_least_pipelines() {
    // Their failures are silent: what was not imported in time is asked for again.
    play(&["--least"], |product| {
        product.insert("timeout".to_owned(), "4s".into());
    })
    .await;
}

async fn play(more: &[&str], edit: impl Fn(&mut serde_json::Map<String, Value>)) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("graph.json");
    write_graph(&path, |_, product| {
        product.insert("attempts".to_owned(), 20.into());
        product.insert("backoff".to_owned(), "50ms".into());
        edit(product);
    });
    let options = OrchestraOptions::default().graph(&path);
    let orchestra = options
        .args(MOCK_PIPELINE, PIPELINES.iter().chain(more))
        .start()
        .await;
    let begun = Instant::now();
    let arrived = replay(&orchestra).await;
    assert_eq!(arrived.len(), 50);
    let replayed = begun.elapsed();

    let graph = graph();
    let outcome = Outcome::settled(&orchestra, DEADLINE, |outcome| missing(outcome, &arrived)).await;
    println!(
        "{} products of {} runs and {} attempts, {:.1} s after the first message ({:.1} s to announce them)",
        outcome.records.len(),
        outcome.runs.len(),
        outcome
            .runs
            .iter()
            .filter_map(|run| run.attempt)
            .map(|attempt| attempt.0)
            .sum::<u32>(),
        begun.elapsed().as_secs_f64(),
        replayed.as_secs_f64(),
    );

    let mut wrong = outcome.made_twice();
    wrong.extend(outcome.wrong_exports(&orchestra).await.expect("the SDB exports"));
    for (obs_id, arrived) in &arrived {
        wrong.extend(not_as_the_graph_says(&outcome, obs_id, arrived, &graph));
        wrong.extend(not_from_the_newest(&outcome, obs_id, arrived, &graph));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Announces all bursts, about as fast as they can be, and says what came of each.
async fn replay(orchestra: &Orchestra) -> BTreeMap<ObsId, Arrived> {
    let vhf = orchestra.vhf();
    let all = ReplayRequest {
        all: true,
        speed: Some(1e6),
        gap: Some("10ms".to_owned()),
        ..ReplayRequest::default()
    };
    let replay = vhf.replay(&all).await.expect("the source replays");
    assert_eq!(replay.total, MESSAGES);
    eventually(DEADLINE, async || {
        let progress = vhf
            .progress(replay.id)
            .await
            .expect("the source says how far it is");
        progress.state == ReplayState::Done
    })
    .await;
    let feed = FeedClient::new(Http::new(), orchestra.url(MOCK_VHF));
    let query = FeedQuery {
        limit: Some(1000),
        ..FeedQuery::default()
    };
    let page = feed.page(&query).await.expect("the source has a feed");
    assert_eq!(page.items.len() as u64, MESSAGES);
    let mut arrived: BTreeMap<ObsId, Arrived> = BTreeMap::new();
    for item in &page.items {
        let observation = arrived.entry(item.announcement.obs_id.clone()).or_default();
        observation.note(&item.announcement);
    }
    arrived
}

/// The packets that the conductor has not folded yet.
fn missing(outcome: &Outcome, arrived: &BTreeMap<ObsId, Arrived>) -> Vec<String> {
    let mut missing = Vec::new();
    for (obs_id, arrived) in arrived {
        if !outcome.observations.contains_key(obs_id) {
            missing.push(format!("{obs_id}: not known"));
        }
        for (input, packets) in &arrived.packets {
            let cell = outcome.cell(obs_id, input);
            let known = cell
                .and_then(|cell| cell.revision)
                .map_or(0, |revision| revision.0);
            let withdrawn = arrived.withdrawn.contains(input);
            if known < *packets || withdrawn && cell.is_some_and(|cell| cell.state != CellState::Retracted) {
                missing.push(format!("{input} of {obs_id}: {known} of {packets} packets"));
            }
        }
    }
    missing
}

/// Where what was made is not what the graph says can be made, or the rest does not say why it was not.
fn not_as_the_graph_says(outcome: &Outcome, obs_id: &ObsId, arrived: &Arrived, graph: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let (made, stored) = (outcome.made(obs_id), outcome.stored(obs_id));
    // A retraction starts nothing, and withdraws what was made from it. It comes in the same instant as what it
    // withdraws, so it is open whether anything was.
    let (least, most) = (closure(graph, &arrived.stayed()), closure(graph, &arrived.came()));
    let withdrawn: BTreeSet<String> = outcome
        .cells(obs_id)
        .iter()
        .filter(|cell| cell.state == CellState::Retracted)
        .map(|cell| cell.product.to_string())
        .filter(|product| most.contains(product) && !least.contains(product))
        .collect();
    let all: BTreeSet<String> = made.union(&withdrawn).cloned().collect();
    if !made.is_subset(&stored)
        || !stored.is_subset(&all)
        || !made.is_superset(&least)
        || !made.is_subset(&most)
    {
        wrong.push(format!("{obs_id}: made {made:?}, stored {stored:?}, of {most:?}"));
    }
    if arrived.stayed() == arrived.came() && made != least {
        wrong.push(format!("{obs_id}: made {made:?} instead of {least:?}"));
    }
    for cell in outcome.cells(obs_id) {
        let product = cell.product.as_str();
        let fits = if made.contains(product) {
            matches!(cell.state, CellState::Done | CellState::Stale)
        } else if arrived.packets.contains_key(product) {
            let withdrawn = arrived.withdrawn.contains(product);
            cell.state
                == if withdrawn {
                    CellState::Retracted
                } else {
                    CellState::Received
                }
        } else {
            matches!(cell.state, CellState::NotExpected | CellState::Waiting) || withdrawn.contains(product)
        };
        let says_why = cell.reason.as_ref().is_some_and(|reason| !reason.is_empty())
            || matches!(cell.state, CellState::Done | CellState::Received);
        if !fits || !says_why {
            wrong.push(format!(
                "{product} of {obs_id}: {} ({:?})",
                cell.state, cell.reason
            ));
        }
    }
    let told = outcome.cells(obs_id).len();
    let all = graph["products"].as_object().map_or(0, serde_json::Map::len);
    if told < all {
        wrong.push(format!("{obs_id}: {told} cells of {all} products"));
    }
    wrong
}

/// Where a product was not made from the newest of its inputs: none for a mandatory one; for an optional one
/// exactly the `stale`.
fn not_from_the_newest(outcome: &Outcome, obs_id: &ObsId, arrived: &Arrived, graph: &Value) -> Vec<String> {
    let newest: BTreeMap<&str, Revision> = outcome
        .cells(obs_id)
        .iter()
        .filter(|cell| cell.state.is_available())
        .filter_map(|cell| Some((cell.product.as_str(), cell.revision?)))
        .collect();
    let mut wrong = Vec::new();
    for cell in outcome.cells(obs_id) {
        let product = cell.product.as_str();
        if !matches!(cell.state, CellState::Done | CellState::Stale) || !arrived.withdrawn.is_empty() {
            continue;
        }
        let runs = outcome.runs_of(obs_id, product);
        let Some(run) = runs.iter().find(|run| cell.run_id.as_ref() == Some(&run.run_id)) else {
            wrong.push(format!("{product} of {obs_id}: of no run"));
            continue;
        };
        let older = |kind| older(inputs(graph, product, kind), &run.inputs, &newest);
        let (mandatory, optional) = (older("m_input"), older("o_input"));
        if !mandatory.is_empty() || optional.is_empty() == (cell.state == CellState::Stale) {
            let state = cell.state;
            wrong.push(format!(
                "{product} of {obs_id}: {state}, older {mandatory:?} {optional:?}"
            ));
        }
    }
    wrong
}

fn older<'a>(
    names: impl Iterator<Item = &'a str>,
    used: &[InputRef],
    newest: &BTreeMap<&str, Revision>,
) -> Vec<&'a str> {
    let is_older = |name: &&str| {
        let of_run = used.iter().find(|input| input.product.as_str() == *name);
        of_run.and_then(|input| input.revision) < newest.get(name).copied()
    };
    names.filter(is_older).collect()
}
