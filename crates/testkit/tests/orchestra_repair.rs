//! Somebody deletes the conductor's consumer, or the whole stream, while bursts are replayed: it is there again
//! within ten seconds, and nothing is lost, since the feeds of the SDB and of the source have what the stream
//! had.

use api::feed::FeedQuery;
use api::vhf::ReplayRequest;
use api::{FeedClient, Http};
use serde_json::{Value, json};
use stage::{CONDUCTOR, MOCK_PIPELINE, SDB};
use std::path::PathBuf;
use std::time::Duration;
use testkit::{Orchestra, OrchestraOptions, Promise, eventually, exchange, write_graph};

/// It takes seconds; a word that is lost is asked about after half a minute.
const DEADLINE: Duration = Duration::from_secs(150);

/// PROTOCOL.md and the issue: within it what was deleted is there again.
const REPAIRED_WITHIN: Duration = Duration::from_secs(10);

/// A fifth of the attempts fails.
const PIPELINES: [&str; 6] = ["--min-delay", "1ms", "--max-delay", "60ms", "--seed", "9"];

const CONSUMER_INFO: &str = "CONSUMER.INFO.DATA.conductor";
const CONSUMER_DELETE: &str = "CONSUMER.DELETE.DATA.conductor";
const STREAM_DELETE: &str = "STREAM.DELETE.DATA";

struct Play {
    orchestra: Orchestra,
    promise: Promise,
    feed: FeedClient,
    _folder: tempfile::TempDir,
}

impl Play {
    /// All bursts are being replayed, and nothing is made yet.
    async fn begin() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let graph: PathBuf = folder.path().join("graph.json");
        write_graph(&graph, |_, product| {
            product.insert("attempts".to_owned(), 20.into());
            product.insert("backoff".to_owned(), "50ms".into());
        });
        let options = OrchestraOptions::default().graph(&graph);
        let orchestra = options.args(MOCK_PIPELINE, PIPELINES).start().await;
        let all = ReplayRequest {
            all: true,
            speed: Some(20_000.0),
            gap: Some("50ms".to_owned()),
            ..ReplayRequest::default()
        };
        let replay = orchestra.vhf().replay(&all).await;
        replay.expect("the source takes up a replay");
        Self {
            promise: Promise::of(&graph, &[]),
            feed: FeedClient::new(Http::new(), orchestra.url(SDB)),
            orchestra,
            _folder: folder,
        }
    }

    /// Waits until so many products are made.
    async fn made(&self, products: u64) {
        let query = FeedQuery {
            limit: Some(1),
            ..FeedQuery::default()
        };
        let enough = async || {
            let page = self.feed.page(&query).await.expect("the SDB answers");
            page.head.is_some_and(|head| head >= products)
        };
        eventually(DEADLINE, enough).await;
    }

    async fn ask(&self, requests: &[(&str, Value)]) -> Vec<Value> {
        let answers = self.orchestra.jetstream(requests).await;
        for (answer, (subject, _)) in answers.iter().zip(requests) {
            assert!(answer["error"].is_null(), "{subject}: {answer}");
        }
        answers
    }

    /// Waits until there is a consumer again, another one than that of `before`, and the conductor calls
    /// itself ready.
    async fn repaired(&self, before: &Value) {
        let repaired = async || {
            let info = self.orchestra.jetstream(&[(CONSUMER_INFO, Value::Null)]).await;
            let created = &info[0]["created"];
            created.is_string() && *created != before["created"] && self.conductor_is_ready().await
        };
        eventually(REPAIRED_WITHIN, repaired).await;
    }

    async fn conductor_is_ready(&self) -> bool {
        let url = self.orchestra.url(CONDUCTOR);
        let answer = exchange(&url, "GET", "/health/ready", &[], b"").await;
        answer.expect("the conductor answers").status == 200
    }

    async fn consumer(&self) -> Value {
        self.ask(&[(CONSUMER_INFO, Value::Null)]).await.remove(0)
    }
}

#[tokio::test]
async fn a_deleted_consumer_is_there_again() {
    let play = Play::begin().await;
    for products in [40, 150, 300] {
        play.made(products).await;
        let before = play.consumer().await;
        play.ask(&[(CONSUMER_DELETE, Value::Null)]).await;
        play.repaired(&before).await;
    }
    play.promise.kept(&play.orchestra, DEADLINE).await;
}

#[tokio::test]
async fn a_deleted_stream_is_there_again_and_nothing_is_lost() {
    let play = Play::begin().await;
    for products in [40, 150, 300] {
        play.made(products).await;
        let before = play.consumer().await;
        play.ask(&[(STREAM_DELETE, Value::Null)]).await;
        play.repaired(&before).await;
    }
    play.promise.kept(&play.orchestra, DEADLINE).await;
}

#[tokio::test]
async fn while_the_stream_cannot_be_made_again_the_conductor_is_not_ready() {
    let play = Play::begin().await;
    play.made(40).await;
    let before = play.consumer().await;
    // Another stream takes one of its subjects: what the source publishes is acknowledged by it and goes nowhere.
    // Whoever publishes makes the stream again at once, so it takes some tries to be first.
    let other = json!({
        "name": "OTHER", "subjects": ["data.vhf"], "retention": "limits", "storage": "memory", "num_replicas": 1
    });
    let requests = [(STREAM_DELETE, Value::Null), ("STREAM.CREATE.OTHER", other)];
    eventually(REPAIRED_WITHIN, async || {
        play.orchestra.jetstream(&requests).await[1]["error"].is_null()
    })
    .await;
    eventually(REPAIRED_WITHIN, async || !play.conductor_is_ready().await).await;
    eventually(REPAIRED_WITHIN, async || {
        let info = play.ask(&[("STREAM.INFO.OTHER", Value::Null)]).await;
        info[0]["state"]["messages"].as_u64() > Some(0)
    })
    .await;
    let answer = exchange(&play.orchestra.url(CONDUCTOR), "GET", "/health/ready", &[], b"").await;
    let told = answer.expect("the conductor answers").body;
    assert!(told.contains("OTHER"), "it says what is in the way: {told}");
    play.ask(&[("STREAM.DELETE.OTHER", Value::Null)]).await;
    play.repaired(&before).await;
    play.promise.kept(&play.orchestra, DEADLINE).await;
}
