//! Another graph for a running conductor: what is unfinished follows it, also over kills, and nothing is made twice.

use api::conductor::{GraphQuery, RunQuery};
use api::{ApiError, ConductorClient, PageQuery};
use domain::{CellState, ObsId, ProductName, RunState};
use serde_json::{Value, json};
use stage::{CONDUCTOR, MOCK_PIPELINE};
use std::path::Path;
use std::time::Duration;
use testkit::{Orchestra, OrchestraOptions, eventually};

/// What comes of a change takes a second; a compiler beside it takes the rest.
const DEADLINE: Duration = Duration::from_mins(2);

/// Lets a program die at a point.
const CRASH_AT: &str = "ORCHESTRA_CRASH_AT";

/// Observations that are unfinished when the graph changes: several turns of the writer.
const MANY: u64 = 200;

fn name(product: &str) -> ProductName {
    product.parse().expect("a product has a valid name")
}

fn obs(number: u64) -> ObsId {
    number.try_into().expect("a small number is an observation")
}

fn product(provider: &str, more: &Value) -> Value {
    let mut product =
        json!({"m_input": ["EclTmVhfAlert"], "provider": provider, "url": "http://nowhere:1/p"});
    let more = more.as_object().expect("keys").clone();
    product.as_object_mut().expect("keys").extend(more);
    product
}

fn graph(products: &Value) -> String {
    json!({"inputs": ["EclTmVhfAlert"], "products": products}).to_string()
}

fn write(file: &Path, text: &str) {
    std::fs::write(file, text).expect("the graph is written");
}

async fn alert(orchestra: &Orchestra, number: u64) {
    let body = json!({"product": "EclTmVhfAlert", "obs_id": number}).to_string();
    orchestra.publish("data.vhf", body).await;
}

async fn is(conductor: &ConductorClient, number: u64, product: &str, state: CellState) -> bool {
    let cell = conductor.cell(&obs(number), &name(product)).await;
    cell.is_ok_and(|view| view.cell.state == state)
}

async fn put(conductor: &ConductorClient, text: &str, dry_run: bool) -> api::conductor::GraphChange {
    let query = GraphQuery {
        dry_run,
        note: Some("shift 2".to_owned()),
    };
    let change = conductor.put_graph(text.to_owned(), &query).await;
    change.expect("the conductor takes the graph")
}

/// The runs of a product, with what caused each.
async fn runs(conductor: &ConductorClient, provider: &str) -> Vec<(ObsId, RunState, String)> {
    let query = RunQuery {
        provider: Some(provider.parse().expect("a name")),
        limit: Some(1000),
        ..RunQuery::default()
    };
    let runs = conductor.runs(&query).await.expect("the conductor lists runs");
    let of = |run: api::conductor::RunView| (run.obs_id, run.state, run.trigger.unwrap_or_default());
    runs.items.into_iter().map(of).collect()
}

/// How many observations were left to be looked at, at each start that found some.
fn left(log: &str) -> Vec<u64> {
    let lines = log.lines().filter(|line| line.contains("still to be looked at"));
    let number = |line: &str| line.rsplit_once("observations=")?.1.trim().parse().ok();
    lines.filter_map(number).collect()
}

#[tokio::test]
async fn a_graph_that_is_put_reaches_all_that_is_unfinished_over_a_kill_and_stays_until_the_file_changes() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("graph.json");
    // It fails once and is tried again after an hour, so the observations stay unfinished.
    let slow = product("slow", &json!({"attempts": 2, "backoff": "1h"}));
    write(&file, &graph(&json!({"SLOW": slow})));
    let orchestra = OrchestraOptions::default()
        .graph(&file)
        .args(
            MOCK_PIPELINE,
            ["--min-delay", "0s", "--max-delay", "0s", "--failure-rate", "0"],
        )
        .env(MOCK_PIPELINE, "ORCHESTRA_MISBEHAVE", "SLOW=refuse-500")
        .start()
        .await;
    let conductor = orchestra.conductor();
    for number in 0..MANY {
        alert(&orchestra, number).await;
    }
    eventually(DEADLINE, async || {
        let runs = runs(&conductor, "slow").await;
        let retrying = |run: &&(ObsId, RunState, String)| run.1 == RunState::Retrying;
        runs.iter().filter(retrying).count() as u64 == MANY
    })
    .await;

    // The pipelines learn it from the file; the conductor does not look there.
    let new = graph(&json!({"SLOW": slow, "NEW": product("new", &json!({}))}));
    write(&file, &new);
    orchestra.stop(MOCK_PIPELINE).await;
    orchestra.restart(MOCK_PIPELINE).await;
    let told = put(&conductor, &new, true).await;
    assert_eq!(
        (told.products.added.as_slice(), told.dry_run),
        (&["NEW".to_owned()][..], true)
    );
    assert_eq!(
        (told.unfinished.observations, told.unfinished.requests),
        (MANY, MANY)
    );
    let before = conductor.graph().await.expect("it has a graph");
    assert_eq!(before.sha256, told.replaces, "nothing was changed");
    let bad = conductor.put_graph("{}".to_owned(), &GraphQuery::default()).await;
    assert!(matches!(bad, Err(ApiError::Problem(problem)) if problem.code == "invalid-graph"));

    let put = put(&conductor, &new, false).await;
    // At once, and again in the midst of it.
    orchestra.kill(CONDUCTOR).await;
    orchestra.set_env(CONDUCTOR, CRASH_AT, Some("after-commit:1"));
    orchestra.restart_doomed(CONDUCTOR).await;
    alert(&orchestra, MANY).await;
    let ended = tokio::time::timeout(DEADLINE, orchestra.ended(CONDUCTOR)).await;
    assert!(ended.is_ok(), "it does not come to its first commit");
    orchestra.set_env(CONDUCTOR, CRASH_AT, None);
    orchestra.restart(CONDUCTOR).await;
    // What was stored with a commit is not looked at again. A kill may come too late to leave anything.
    let left = left(&orchestra.log(CONDUCTOR));
    assert!(left.is_sorted_by(|before, after| before > after), "{left:?}");
    let after = conductor.graph().await.expect("it has a graph");
    assert_eq!(
        (after.sha256, after.note.as_deref()),
        (put.sha256, Some("shift 2"))
    );
    eventually(DEADLINE, async || {
        let runs = runs(&conductor, "new").await;
        runs.iter().filter(|run| run.1 == RunState::Succeeded).count() as u64 == MANY + 1
    })
    .await;
    let mut made = runs(&conductor, "new").await;
    assert_eq!(made.len() as u64, MANY + 1, "each was made once");
    // One came when it was in force already.
    made.retain(|(obs_id, _, _)| *obs_id != obs(MANY));
    assert!(
        made.iter().all(|(_, _, trigger)| trigger == "graph changed"),
        "{made:?}"
    );
    let mut kept = runs(&conductor, "slow").await;
    kept.retain(|(obs_id, _, _)| *obs_id != obs(MANY));
    assert!(kept.iter().all(|(_, state, _)| *state == RunState::Retrying));

    // It stays over any restart, until the file is another one.
    orchestra.stop(CONDUCTOR).await;
    orchestra.restart(CONDUCTOR).await;
    assert_eq!(
        conductor.graph().await.expect("it has a graph").sha256,
        put.sha256
    );
    let third = graph(&json!({"NEW": product("new", &json!({"priority": 1}))}));
    write(&file, &third);
    orchestra.stop(CONDUCTOR).await;
    orchestra.restart(CONDUCTOR).await;
    let file_again = conductor.graph().await.expect("it has a graph");
    assert_eq!((file_again.document.to_string(), file_again.by), (third, None));
    eventually(DEADLINE, async || {
        is(&conductor, 0, "SLOW", CellState::NotExpected).await
    })
    .await;
    assert_eq!(
        runs(&conductor, "new").await.len() as u64,
        MANY + 1,
        "nothing was made again"
    );
    let events = conductor
        .events(&PageQuery::default())
        .await
        .expect("there is an audit log");
    let graphs = events.items.iter().filter(|event| event.verb == "graph");
    assert_eq!(graphs.count(), 2, "the one that was put, and the file's");
}

#[tokio::test]
async fn what_is_under_way_at_a_provider_that_is_gone_ends_there_and_what_waits_does_not_begin() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("graph.json");
    let (x, y, z) = (
        product("old", &json!({"priority": 1})),
        product("old", &json!({})),
        product("new", &json!({})),
    );
    let providers = json!({"old": {"max_in_flight": 1}});
    let with_limit = |products: Value| {
        let mut document: Value = serde_json::from_str(&graph(&products)).expect("it is JSON");
        document["providers"] = providers.clone();
        document.to_string()
    };
    write(&file, &with_limit(json!({"X": x, "Y": y})));
    let orchestra = OrchestraOptions::default()
        .graph(&file)
        .args(
            MOCK_PIPELINE,
            ["--min-delay", "4s", "--max-delay", "4s", "--failure-rate", "0"],
        )
        .start()
        .await;
    let conductor = orchestra.conductor();
    write(&file, &with_limit(json!({"X": x, "Y": y, "Z": z})));
    orchestra.stop(MOCK_PIPELINE).await;
    orchestra.restart(MOCK_PIPELINE).await;
    alert(&orchestra, 42).await;
    eventually(DEADLINE, async || {
        is(&conductor, 42, "X", CellState::Running).await
    })
    .await;
    assert!(is(&conductor, 42, "Y", CellState::Queued).await);

    put(&conductor, &graph(&json!({"Z": z})), false).await;
    eventually(DEADLINE, async || {
        is(&conductor, 42, "Y", CellState::NotExpected).await
    })
    .await;
    eventually(DEADLINE, async || {
        is(&conductor, 42, "X", CellState::Done).await && is(&conductor, 42, "Z", CellState::Done).await
    })
    .await;
    let mut ends: Vec<RunState> = runs(&conductor, "old")
        .await
        .into_iter()
        .map(|run| run.1)
        .collect();
    ends.sort_by_key(|state| state.as_str());
    assert_eq!(ends, [RunState::Succeeded, RunState::Superseded]);
    // With nothing left to do it is no longer on the board.
    eventually(DEADLINE, async || {
        let board = conductor.providers(&PageQuery::default()).await;
        board.is_ok_and(|board| {
            let names: Vec<&str> = board.items.iter().map(|shown| shown.provider.as_str()).collect();
            names == ["new"]
        })
    })
    .await;
}
