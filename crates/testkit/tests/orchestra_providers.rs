//! Providers that are dead, that hang, and that operators pause or drain: nobody else waits for them, and what waits
//! for them goes on in its order when they are back.

use api::conductor::{BlockerKind, ProviderRequest, ProviderView};
use api::{ConductorClient, Http, PageQuery};
use domain::{CellState, ObsId, ProductName, ProviderName, ProviderState, RunState};
use serde_json::json;
use stage::{CONDUCTOR, MOCK_PIPELINE};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;
use testkit::{Orchestra, OrchestraOptions, Outcome, closure, eventually, eventually_some, free_port, graph};
use tokio::net::TcpListener;

/// All of it takes seconds; a compiler beside it takes the rest.
const DEADLINE: Duration = Duration::from_mins(2);
/// Bursts at once.
const BURSTS: u64 = 20;
/// The pipelines take a moment, and never fail.
const QUICK: [&str; 6] = [
    "--min-delay",
    "50ms",
    "--max-delay",
    "100ms",
    "--failure-rate",
    "0",
];
/// Makes one product of each burst, which many others need.
const QPO: &str = "qpo_ecl_pipeline";

fn obs(number: u64) -> ObsId {
    number.try_into().expect("a small number is an observation")
}

fn product(name: &str) -> ProductName {
    name.parse().expect("a product of the graph has a valid name")
}

fn provider(name: &str) -> ProviderName {
    name.parse().expect("a provider of the graph has a valid name")
}

async fn alert(orchestra: &Orchestra, bursts: impl IntoIterator<Item = u64>) {
    for burst in bursts {
        let body = json!({"product": "EclTmVhfAlert", "obs_id": burst}).to_string();
        orchestra.publish("data.vhf", body).await;
    }
}

async fn board(orchestra: &Orchestra, name: &str) -> ProviderView {
    let page = orchestra.conductor().providers(&PageQuery::default()).await;
    let mut items = page.expect("the conductor lists its providers").items;
    items.retain(|item| item.provider.as_str() == name);
    items.pop().expect("the provider is among them")
}

/// All that an alert leads to, and which of it these providers make.
fn made_by(providers: &[&str]) -> (BTreeSet<String>, BTreeSet<String>) {
    let graph = graph();
    let all = closure(&graph, &BTreeSet::from(["EclTmVhfAlert".to_owned()]));
    let of_these = |name: &&String| {
        let by = graph["products"][name.as_str()]["provider"].as_str();
        by.is_some_and(|by| providers.contains(&by))
    };
    let theirs = all.iter().filter(of_these).cloned().collect();
    (all, theirs)
}

/// Waits until each burst has all products once, made from one set of inputs.
async fn all_made(orchestra: &Orchestra) -> Outcome {
    let (products, _) = made_by(&[]);
    let outcome = Outcome::settled(orchestra, DEADLINE, |outcome| {
        let left = |burst: u64| {
            let made = outcome.made(&obs(burst));
            products
                .difference(&made)
                .map(move |name| format!("{name} of {burst}"))
                .collect::<Vec<_>>()
        };
        (1..=BURSTS).flat_map(left).collect()
    })
    .await;
    assert_eq!(outcome.made_twice(), [""; 0]);
    outcome
}

#[tokio::test]
async fn one_that_is_dead_and_one_that_hangs_delay_nobody_else() {
    let (dead, hanging) = ("ba_tools_pipeline", "notice_pipeline");
    // The kernel takes the connections, and nobody ever answers.
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port can be bound");
    let hangs_at = listener.local_addr().expect("a bound socket has an address");
    let urls = [
        format!("--provider-url={dead}=http://127.0.0.1:{}/p", free_port()),
        format!("--provider-url={hanging}=http://{hangs_at}/p"),
    ];
    let options = OrchestraOptions::default().args(MOCK_PIPELINE, QUICK);
    let orchestra = options.args(CONDUCTOR, urls).start().await;
    alert(&orchestra, 1..=BURSTS).await;

    let (all, theirs) = made_by(&[dead, hanging]);
    let others: BTreeSet<String> = all.difference(&theirs).cloned().collect();
    assert!(others.len() > 3 && theirs.len() > 1);
    let conductor = orchestra.conductor();
    let made = async || {
        for burst in 1..=BURSTS {
            let Ok(view) = conductor.observation(&obs(burst)).await else {
                return false;
            };
            let done = |cell: &&api::conductor::Cell| cell.state == CellState::Done;
            let made: BTreeSet<String> = view
                .cells
                .iter()
                .filter(done)
                .map(|cell| cell.product.to_string())
                .collect();
            if made != others {
                return false;
            }
        }
        true
    };
    eventually(DEADLINE, made).await;

    // Nothing was given up for it: theirs still wait, and say for whom.
    let sent = conductor.cell(&obs(1), &product("NOTICE_N1E")).await;
    let sent = sent.expect("the conductor shows a cell").cell;
    assert!(sent.state.is_active(), "{sent:?}");
    let open = async || board(&orchestra, dead).await.state == ProviderState::Open;
    eventually(DEADLINE, open).await;
    let blocked = async || {
        blockers(&conductor, BURSTS, "BURST_SUM")
            .await
            .contains(&BlockerKind::ProviderOpen)
    };
    eventually(DEADLINE, blocked).await;
    assert!(board(&orchestra, dead).await.queued > 0);
    assert_eq!(board(&orchestra, QPO).await.state, ProviderState::Up);
    drop(listener);
}

async fn blockers(conductor: &ConductorClient, burst: u64, name: &str) -> Vec<BlockerKind> {
    let view = conductor.cell(&obs(burst), &product(name)).await;
    let why = view.expect("the conductor shows a cell").why;
    why.blockers.iter().map(|blocker| blocker.kind).collect()
}

#[tokio::test]
async fn an_outage_of_all_providers_fails_nothing() {
    let orchestra = OrchestraOptions::default()
        .args(MOCK_PIPELINE, QUICK)
        .start()
        .await;
    orchestra.kill(MOCK_PIPELINE).await;
    alert(&orchestra, 1..=BURSTS).await;
    // It is known that nobody is there, and was tried again since.
    let conductor = orchestra.conductor();
    let mut seen = BTreeSet::new();
    let probed = async || {
        let probe_at = board(&orchestra, QPO).await.probe_at;
        seen.extend(probe_at);
        seen.len() > 1
    };
    eventually(DEADLINE, probed).await;
    let cell = conductor.cell(&obs(BURSTS), &product("QPO_ECL")).await;
    assert_eq!(
        cell.expect("the conductor shows a cell").cell.state,
        CellState::Queued
    );
    orchestra.restart(MOCK_PIPELINE).await;
    let outcome = all_made(&orchestra).await;
    assert!(outcome.runs.iter().all(|run| run.state == RunState::Succeeded));
}

#[tokio::test]
async fn a_pause_outlives_a_killed_conductor_and_what_waited_keeps_its_order() {
    restrained("pause").await;
}

#[tokio::test]
async fn a_drain_outlives_a_killed_conductor_and_what_waited_keeps_its_order() {
    restrained("drain").await;
}

async fn restrained(verb: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("graph.json");
    one_at_a_time(&path);
    let options = OrchestraOptions::default().graph(&path);
    let orchestra = options.args(MOCK_PIPELINE, QUICK).start().await;
    alert(&orchestra, 1..=BURSTS / 2).await;
    let at_work = async || board(&orchestra, QPO).await.in_flight > 0;
    eventually(DEADLINE, at_work).await;

    let operator = Http::new().acting_as("ada").expect("a name of an operator");
    let ada = ConductorClient::new(operator, orchestra.url(CONDUCTOR));
    let request = ProviderRequest {
        note: Some("disk is full".to_owned()),
    };
    let name = provider(QPO);
    let answer = match verb {
        "pause" => ada.pause(&name, &request).await,
        _ => ada.drain(&name, &request).await,
    };
    let shown = answer.expect("the provider can be restrained");
    assert!(matches!(
        shown.state,
        ProviderState::Paused | ProviderState::Draining
    ));
    alert(&orchestra, BURSTS / 2 + 1..=BURSTS).await;
    is_held(&orchestra).await;

    orchestra.kill(CONDUCTOR).await;
    orchestra.restart(CONDUCTOR).await;
    let idle = async || {
        let item = board(&orchestra, QPO).await;
        item.in_flight == 0 && item.state == ProviderState::Paused
    };
    eventually(DEADLINE, idle).await;
    is_held(&orchestra).await;
    let item = board(&orchestra, QPO).await;
    assert_eq!(
        (item.by, item.note, item.since),
        (shown.by, shown.note, shown.since)
    );
    assert!(item.queued >= BURSTS / 2);
    // What does not need it was made meanwhile.
    let elsewhere = async || {
        let cell = orchestra.conductor().cell(&obs(BURSTS), &product("TT_ECL")).await;
        cell.is_ok_and(|view| view.cell.state == CellState::Done)
    };
    eventually(DEADLINE, elsewhere).await;

    let resumed = ada.resume(&name, &ProviderRequest::default()).await;
    assert_eq!(
        resumed.expect("the provider can be resumed").state,
        ProviderState::Up
    );
    let outcome = all_made(&orchestra).await;
    let mut runs: Vec<_> = outcome
        .runs
        .iter()
        .filter(|run| run.product == product("QPO_ECL"))
        .collect();
    assert_eq!(runs.len() as u64, BURSTS);
    runs.sort_by_key(|run| run.attempts.first().and_then(|attempt| attempt.requested_at));
    assert!(runs.is_sorted_by_key(|run| run.created_at), "{runs:?}");
    let log = ada
        .events(&PageQuery::default())
        .await
        .expect("the conductor has an audit log");
    let told: Vec<_> = log
        .items
        .iter()
        .map(|act| (act.verb.as_str(), act.target.as_str(), act.by.as_str()))
        .collect();
    assert_eq!(told, [("resume", QPO, "ada"), (verb, QPO, "ada")]);
}

/// The repository's graph, in which the provider of `QPO_ECL` takes one run at a time.
fn one_at_a_time(path: &Path) {
    let mut graph = graph();
    graph["providers"] = json!({ QPO: {"max_in_flight": 1} });
    let written = std::fs::write(path, graph.to_string());
    written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// Waits until the last burst's cell says who holds it and why.
async fn is_held(orchestra: &Orchestra) {
    let cell = eventually_some(DEADLINE, async || {
        let view = orchestra
            .conductor()
            .cell(&obs(BURSTS), &product("QPO_ECL"))
            .await
            .ok()?;
        (view.cell.state == CellState::Held).then_some(view.cell)
    })
    .await;
    let reason = cell.reason.expect("what is held says why");
    for part in [QPO, "ada", "disk is full"] {
        assert!(reason.contains(part), "{reason}");
    }
    let kinds = blockers(&orchestra.conductor(), BURSTS, "QPO_ECL").await;
    let restrained = [BlockerKind::ProviderPaused, BlockerKind::ProviderDraining];
    assert!(kinds.iter().any(|kind| restrained.contains(kind)), "{kinds:?}");
}
