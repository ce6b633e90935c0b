//! Hundreds of failures of three causes: a human is called three times, and told three times that it is over. And
//! whoever does not answer delays nobody.

use api::conductor::{Notice, ObservationQuery, Selector};
use axum::http::StatusCode;
use axum::{Json, Router, routing::post};
use domain::{AlertState, CellState};
use serde_json::json;
use stage::{CONDUCTOR, MOCK_PIPELINE, MOCK_VHF};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testkit::{Orchestra, OrchestraOptions, eventually};
use tokio::net::TcpListener;

/// It takes seconds, and half a minute where failures trickle in beside a compiler.
const DEADLINE: Duration = Duration::from_secs(150);

/// Observations of which each product fails for its own cause: 501 failures.
const OBSERVATIONS: u64 = 167;

/// Fewer where something else is looked at.
const SOME: u64 = 30;

const MISBEHAVE: &str = "ORCHESTRA_MISBEHAVE";

/// Where notices are POSTed.
#[derive(Debug, Clone, Default)]
struct Webhook {
    heard: Arc<Mutex<Vec<Notice>>>,
}

impl Webhook {
    /// Answers on this socket until the test is over.
    fn serve(&self, listener: TcpListener) {
        let heard = Arc::clone(&self.heard);
        let hear = async move |Json(notice): Json<Notice>| {
            // The machine of the test may have alarms of its own: a disk that is nearly full.
            if notice.fingerprint.starts_with("failure-") {
                heard.lock().expect("nobody panics here").push(notice);
            }
            StatusCode::NO_CONTENT
        };
        let router = Router::new().route("/", post(hear));
        #[expect(
            clippy::disallowed_methods,
            reason = "it ends with the test, whatever becomes of it"
        )]
        tokio::spawn(async { axum::serve(listener, router).await });
    }

    fn heard(&self) -> Vec<Notice> {
        self.heard.lock().expect("nobody panics here").clone()
    }

    /// Waits until there are so many notices in this state.
    async fn has_heard(&self, state: AlertState, wanted: usize) {
        let of_state = |heard: Vec<Notice>| heard.iter().filter(|heard| heard.state == state).count();
        eventually(DEADLINE, async || of_state(self.heard()) >= wanted).await;
    }
}

/// A socket for a webhook, and its URL.
async fn socket() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    (listener, format!("http://{address}/"))
}

/// Three products that need nothing but the same packet.
fn write_graph(folder: &Path) -> std::path::PathBuf {
    let product = |provider: &str| json!({"m_input": ["IN"], "provider": provider, "url": format!("http://{provider}:5000/pipeline"), "attempts": 1});
    let products = json!({"A": product("a"), "B": product("b"), "C": product("c")});
    let path = folder.join("graph.json");
    let graph = json!({"inputs": ["IN"], "products": products}).to_string();
    std::fs::write(&path, graph).expect("the graph can be written");
    path
}

async fn start(graph: &Path, webhook: &str, misbehave: &str) -> Orchestra {
    let pipelines = ["--min-delay", "0s", "--max-delay", "0s", "--failure-rate", "0"];
    OrchestraOptions::default()
        .graph(graph)
        .without(MOCK_VHF)
        .args(CONDUCTOR, ["--notify-webhook", webhook])
        .args(MOCK_PIPELINE, pipelines)
        .env(MOCK_PIPELINE, MISBEHAVE, misbehave)
        .start()
        .await
}

async fn announce(orchestra: &Orchestra, observations: u64) {
    for obs_id in 1..=observations {
        let packet = json!({"product": "IN", "obs_id": obs_id}).to_string();
        orchestra.publish("data.vhf", packet).await;
    }
}

/// How many cells of all observations are in this state.
async fn count(orchestra: &Orchestra, state: CellState) -> u64 {
    let query = ObservationQuery {
        limit: Some(1000),
        ..ObservationQuery::default()
    };
    let page = orchestra.conductor().observations(&query).await;
    let items = page.expect("the conductor lists observations").items;
    items.iter().filter_map(|item| item.counts.get(&state)).sum()
}

#[tokio::test]
async fn three_causes_are_three_calls_and_three_all_clears() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (listener, url) = socket().await;
    let webhook = Webhook::default();
    webhook.serve(listener);
    let orchestra = start(&write_graph(folder.path()), &url, "*=permanent").await;
    announce(&orchestra, OBSERVATIONS).await;
    webhook.has_heard(AlertState::Raised, 3).await;
    assert_eq!(count(&orchestra, CellState::Failed).await, 3 * OBSERVATIONS);

    let alerts = orchestra.conductor().alerts().await.expect("alerts are listed");
    let failing = |count: u64| alerts.items.iter().filter(|alert| alert.count == count).count();
    assert_eq!(failing(OBSERVATIONS), 3, "{alerts:?}");
    let of_cell = |product: &'static str| {
        let orchestra = &orchestra;
        async move {
            let cell = orchestra
                .conductor()
                .cell(&"1".parse().expect("an id"), &product.parse().expect("a name"))
                .await;
            cell.expect("the cell is there").cell.fingerprint
        }
    };
    let carried: BTreeSet<_> = [of_cell("A").await, of_cell("B").await, of_cell("C").await].into();
    let called: BTreeSet<_> = webhook
        .heard()
        .iter()
        .map(|told| Some(told.fingerprint.clone()))
        .collect();
    assert_eq!(carried, called);

    // Whoever was called is not called again by a restart, nor while it is tried again.
    orchestra.kill(CONDUCTOR).await;
    orchestra.set_env(MOCK_PIPELINE, MISBEHAVE, None);
    orchestra.stop(MOCK_PIPELINE).await;
    orchestra.restart(MOCK_PIPELINE).await;
    orchestra.restart(CONDUCTOR).await;
    for provider in ["a", "b", "c"] {
        let selector = Selector {
            provider: Some(provider.parse().expect("a name")),
            ..Selector::default()
        };
        let touched = orchestra.conductor().retry(&selector).await;
        let touched = touched.expect("cells are retried");
        assert_eq!(touched.items.len() as u64, OBSERVATIONS);
    }
    webhook.has_heard(AlertState::Cleared, 3).await;
    assert_eq!(count(&orchestra, CellState::Done).await, 3 * OBSERVATIONS);
    let heard = webhook.heard();
    let said: Vec<_> = heard.iter().map(|told| (told.state, told.count)).collect();
    assert_eq!(said.len(), 6, "{heard:?}");
    let alerts = orchestra.conductor().alerts().await.expect("alerts are listed");
    let failures = alerts
        .items
        .iter()
        .filter(|alert| alert.fingerprint.starts_with("failure-"));
    assert_eq!(failures.count(), 0, "{alerts:?}");
}

#[tokio::test]
async fn a_webhook_that_does_not_answer_delays_no_cell_and_is_told_later() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    // Connections are taken by the system, and nobody ever answers.
    let (listener, url) = socket().await;
    let orchestra = start(&write_graph(folder.path()), &url, "A=permanent").await;
    announce(&orchestra, SOME).await;
    let alerted = async || {
        let alerts = orchestra.conductor().alerts().await;
        !alerts.expect("alerts are listed").items.is_empty()
    };
    eventually(DEADLINE, alerted).await;
    // With a call under way.
    let more = SOME + SOME;
    announce(&orchestra, more).await;
    eventually(DEADLINE, async || {
        count(&orchestra, CellState::Done).await == 2 * more
    })
    .await;

    orchestra.kill(CONDUCTOR).await;
    let webhook = Webhook::default();
    webhook.serve(listener);
    orchestra.restart(CONDUCTOR).await;
    webhook.has_heard(AlertState::Raised, 1).await;
}
