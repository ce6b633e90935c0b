//! What the conductor and a pipeline think of each other's runs is compared: a run that only one of them knows is
//! adopted, or made again. And what nobody heard of for a long time is made all the same.

#![expect(
    clippy::disallowed_methods,
    reason = "the tasks of a test end with its runtime"
)]

use api::conductor::{Cell, ObservationItem, ObservationQuery};
use api::pipeline::ProcessingRequest;
use api::vhf::{ReplayRequest, ReplayState};
use api::{Http, PipelineClient};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use domain::{CellState, ObsId, ProductName};
use serde_json::{Value, json};
use stage::{CONDUCTOR, MOCK_PIPELINE, NATS};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testkit::{Orchestra, OrchestraOptions, Promise, eventually, eventually_some, write_graph};
use tokio::net::TcpListener;

/// What is waited for takes some seconds; a compiler beside it takes the rest.
const DEADLINE: Duration = Duration::from_secs(25);
/// The whole of a replay, with what asks after half a minute of silence.
const REPLAYED_WITHIN: Duration = Duration::from_secs(150);
/// Who makes the product of these tests.
const PROVIDER: &str = "qpo_ecl_pipeline";
/// One run at a time, which takes longer than any wait of these tests.
const ENDLESS: [&str; 8] = [
    "--workers",
    "1",
    "--min-delay",
    "120s",
    "--max-delay",
    "120s",
    "--failure-rate",
    "0",
];

fn obs(number: u64) -> ObsId {
    number.try_into().expect("a small number is an observation")
}

fn qpo() -> ProductName {
    "QPO_ECL"
        .parse()
        .expect("a product of the graph has a valid name")
}

/// The cell, once it is in this state.
async fn cell_in(orchestra: &Orchestra, number: u64, state: CellState) -> Cell {
    let conductor = orchestra.conductor();
    eventually_some(DEADLINE, async || {
        let view = conductor.cell(&obs(number), &qpo()).await.ok()?;
        (view.cell.state == state).then_some(view.cell)
    })
    .await
}

/// The second of them waits, and says nothing until the first is over: nobody would hear of it.
#[tokio::test]
async fn a_run_that_was_started_while_the_conductor_was_away_is_adopted() {
    let options = OrchestraOptions::default().args(MOCK_PIPELINE, ENDLESS);
    let orchestra = options.start().await;
    orchestra.kill(CONDUCTOR).await;
    let url = orchestra
        .url(MOCK_PIPELINE)
        .join(PROVIDER)
        .expect("a name is a path");
    let pipeline = PipelineClient::new(Http::new());
    for number in [41, 42] {
        let request = ProcessingRequest::of(qpo(), obs(number));
        pipeline
            .post(&url, &request)
            .await
            .expect("the pipeline takes it");
    }
    orchestra.restart(CONDUCTOR).await;
    cell_in(&orchestra, 41, CellState::Running).await;
    let waits = cell_in(&orchestra, 42, CellState::Requested).await;
    let by = format!("started at {PROVIDER} by somebody else");
    assert_eq!(waits.trigger.as_deref(), Some(by.as_str()));
}

/// A pipeline of the test: it takes a run and forgets it.
#[derive(Default)]
struct Forgetful {
    posts: Vec<Value>,
    questions: u32,
}

type Shared = State<Arc<Mutex<Forgetful>>>;

impl Forgetful {
    /// Serves it; gives its base.
    async fn serve(shared: &Arc<Mutex<Self>>) -> String {
        let take = |State(it): Shared, Json(request): Json<Value>| async move {
            it.lock().expect("no test thread panicked").posts.push(request);
            StatusCode::ACCEPTED
        };
        let list = || async { Json(json!({"items": [], "next": null})) };
        // The first time it does not understand the question: whoever asked does not ask again by himself.
        let tell = |State(it): Shared, Path(_): Path<String>| async move {
            let mut it = it.lock().expect("no test thread panicked");
            it.questions += 1;
            let code = if it.questions == 1 {
                "not-found"
            } else {
                "unknown-run"
            };
            (StatusCode::NOT_FOUND, Json(json!({"code": code})))
        };
        let router = axum::Router::new()
            .route("/processing", post(take).get(list))
            .route("/processing/{run_id}", get(tell))
            .with_state(Arc::clone(shared));
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a free port can be bound");
        let at = listener.local_addr().expect("a bound socket has an address");
        tokio::spawn(async { axum::serve(listener, router).await });
        format!("http://{at}")
    }
}

#[tokio::test]
async fn a_run_that_its_pipeline_does_not_have_is_made_again() {
    let shared = Arc::new(Mutex::new(Forgetful::default()));
    let url = format!("--provider-url={PROVIDER}={}", Forgetful::serve(&shared).await);
    let orchestra = OrchestraOptions::default().args(CONDUCTOR, [url]).start().await;
    let posted = |attempt: u32| {
        let shared = Arc::clone(&shared);
        eventually_some(DEADLINE, async move || {
            let it = shared.lock().expect("no test thread panicked");
            it.posts.iter().find(|post| post["attempt"] == attempt).cloned()
        })
    };
    let body = r#"{"product":"EclTmVhfAlert","obs_id":42,"version":1}"#;
    orchestra.publish("data.vhf", body).await;
    let post = posted(1).await;
    let at_work = json!({
        "kind": "processing", "service": PROVIDER, "run_id": post["run_id"], "product": "QPO_ECL", "obs_id": 42,
        "attempt": 1, "state": "running"
    });
    eventually(DEADLINE, async || {
        orchestra
            .publish(&format!("activity.{PROVIDER}"), at_work.to_string())
            .await;
        let view = orchestra.conductor().cell(&obs(42), &qpo()).await;
        view.is_ok_and(|view| view.cell.state == CellState::Running)
    })
    .await;
    orchestra.kill(CONDUCTOR).await;
    orchestra.restart(CONDUCTOR).await;
    let again = posted(2).await;
    assert_eq!(again["run_id"], post["run_id"]);
}

/// The stream is lost with all that it held while nobody listens, the pipelines go on, and packets come.
#[tokio::test]
async fn what_came_during_a_long_gap_is_made() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let graph = folder.path().join("graph.json");
    write_graph(&graph, |_, product| {
        product.insert("attempts".to_owned(), 20.into());
        product.insert("backoff".to_owned(), "50ms".into());
    });
    let options = OrchestraOptions::default().graph(&graph);
    let delays = ["--min-delay", "100ms", "--max-delay", "900ms", "--seed", "5"];
    let orchestra = options.args(MOCK_PIPELINE, delays).start().await;
    let replay = async |burst: &str| {
        let request = ReplayRequest {
            burst: Some(burst.to_owned()),
            speed: Some(20_000.0),
            ..ReplayRequest::default()
        };
        let replay = orchestra.vhf().replay(&request).await;
        replay.expect("the source takes up a replay")
    };
    replay("sb26022501").await;
    // Some is being made.
    eventually(DEADLINE, async || {
        let page = orchestra
            .conductor()
            .observations(&ObservationQuery::default())
            .await;
        let some_done = |item: &ObservationItem| item.counts.contains_key(&CellState::Done);
        page.is_ok_and(|page| page.items.iter().any(some_done))
    })
    .await;
    orchestra.kill(CONDUCTOR).await;
    let packets = replay("sb26042105").await;
    eventually(DEADLINE, async || {
        let replay = orchestra.vhf().progress(packets.id).await;
        replay.is_ok_and(|replay| replay.state == ReplayState::Done)
    })
    .await;
    // What it published last may not have arrived: with the server its whole memory goes.
    orchestra.kill(NATS).await;
    let stream = orchestra.folder().join(NATS);
    for entry in std::fs::read_dir(&stream).expect("the server has a folder") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            std::fs::remove_dir_all(&path).expect("the data can be removed");
        }
    }
    orchestra.restart(NATS).await;
    orchestra.restart(CONDUCTOR).await;
    Promise::of(&graph, &[]).kept(&orchestra, REPLAYED_WITHIN).await;
}
