//! `GET /alerts`, `POST /acknowledge`, `GET /report`.

use crate::scene::{START, Scene, all, each, text};
use conductor::alerts::{Alert, Book, Condition, Fingerprint};
use conductor::ledger::AlertBatch;
use domain::Severity;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Alerts that stand, each a second after the one before.
async fn stand(scene: &Scene, alerts: &[(&str, Severity)]) -> Vec<Alert> {
    let mut book = Book::default();
    let start: Timestamp = START.parse().unwrap();
    let mut stood = Vec::new();
    for (second, (fingerprint, severity)) in (0..).zip(alerts) {
        let target = "the ledger's disk";
        let title = format!("{fingerprint} stands");
        let condition = Condition::of(Fingerprint::from(*fingerprint), *severity, title, target);
        let entry = book.stands(start + SignedDuration::from_secs(second), condition);
        stood.push(entry.unwrap().alert);
    }
    let batch = AlertBatch {
        alerts: stood.clone(),
        ..AlertBatch::default()
    };
    scene.ledger.store_alerts(&batch).await.unwrap();
    stood
}

async fn acknowledge(scene: &Scene, body: Value) -> Value {
    scene
        .post("/acknowledge", &[("x-operator", "ada")], body.to_string())
        .await
        .ok()
}

async fn cell(scene: &Scene, obs_id: &str) -> Value {
    let path = format!("/observations/{obs_id}/products/QPO");
    scene.get(&path).await.ok()["cell"].clone()
}

#[tokio::test]
async fn the_worst_alert_comes_first_and_then_the_oldest() {
    let scene = Scene::begin().await;
    let (warning, critical) = (Severity::Warning, Severity::Critical);
    let mut stood = stand(
        &scene,
        &[("a", warning), ("b", critical), ("c", warning), ("d", critical)],
    )
    .await;
    let order = [json!("b"), json!("d"), json!("a"), json!("c")];
    let list = scene.get("/alerts").await.ok();
    assert_eq!(each(&list, "fingerprint"), order);
    assert_eq!(all(&scene, "/alerts?", "fingerprint").await, order);
    scene
        .get("/alerts?cursor=z")
        .await
        .problem(422, "invalid-request");

    let mut over = stood.remove(1);
    over.cleared_at = Some(scene.clock.now());
    let batch = AlertBatch {
        alerts: vec![over],
        ..AlertBatch::default()
    };
    scene.ledger.store_alerts(&batch).await.unwrap();
    let list = scene.get("/alerts").await.ok();
    assert_eq!(each(&list, "fingerprint"), [json!("d"), json!("a"), json!("c")]);
    // What is over stands in the report of its shift.
    let report = scene.get("/report").await.ok();
    assert_eq!(report["alerts"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn failed_cells_carry_the_fingerprint_of_their_cause() {
    let scene = Scene::begin().await;
    scene.failed("41").await;
    scene.failed("42").await;
    let (one, other) = (cell(&scene, "41").await, cell(&scene, "42").await);
    assert!(text(&one["fingerprint"]).starts_with("failure-"));
    assert_eq!(one["fingerprint"], other["fingerprint"]);
    assert_eq!(one["acknowledged"], Value::Null);
    let observation = scene.get("/observations/41").await.ok();
    let cells = observation["cells"].as_array().unwrap();
    let lc = cells.iter().find(|cell| cell["product"] == "LC").unwrap();
    assert_eq!(lc["fingerprint"], Value::Null);
}

#[tokio::test]
async fn a_cause_is_acknowledged_by_any_of_its_cells() {
    let scene = Scene::begin().await;
    scene.failed("41").await;
    scene.failed("42").await;
    let fingerprint = cell(&scene, "41").await["fingerprint"].clone();
    let only_looked = acknowledge(&scene, json!({"obs_id": 41, "dry_run": true})).await;
    assert_eq!(only_looked["acknowledgements"][0]["fingerprint"], fingerprint);
    assert_eq!(cell(&scene, "41").await["acknowledged"], Value::Null);

    let answer = acknowledge(&scene, json!({"obs_id": 41, "note": "known", "for": "2h"})).await;
    assert_eq!(each(&answer, "obs_id"), [json!(41)]);
    assert_eq!(each(&answer, "outcome"), [json!("acknowledged")]);
    let seen = cell(&scene, "42").await["acknowledged"].clone();
    assert_eq!(seen, answer["acknowledgements"][0]);
    assert_eq!((&seen["by"], &seen["note"]), (&json!("ada"), &json!("known")));
    let time = |member: &str| text(&seen[member]).parse::<Timestamp>().unwrap();
    assert_eq!(
        time("until").duration_since(time("at")),
        SignedDuration::from_hours(2)
    );

    let log = scene.get("/events").await.ok();
    assert_eq!(each(&log, "verb"), [json!("acknowledge")]);
    assert_eq!(each(&log, "target"), [fingerprint]);
    let scene = scene.restart().await;
    assert_eq!(cell(&scene, "41").await["acknowledged"], seen);
}

#[tokio::test]
async fn an_alert_is_acknowledged_by_its_fingerprint_and_not_for_ever() {
    let scene = Scene::begin().await;
    stand(&scene, &[("disk-ledger", Severity::Critical)]).await;
    let answer = acknowledge(&scene, json!({"fingerprint": "disk-ledger", "for": "1s"})).await;
    assert_eq!(answer["items"], json!([]));
    let shown = async || scene.get("/alerts").await.ok()["items"][0]["acknowledged"].clone();
    assert_eq!(shown().await, answer["acknowledgements"][0]);
    let deadline = std::time::Duration::from_secs(10);
    testkit::eventually(deadline, async || shown().await.is_null()).await;
}

#[tokio::test]
async fn what_cannot_be_acknowledged_is_refused() {
    let scene = Scene::begin().await;
    scene.failed("42").await;
    for (body, status, code) in [
        (json!({}), 422, "selector-empty"),
        (
            json!({"fingerprint": "failure-unheard"}),
            404,
            "unknown-fingerprint",
        ),
        (json!({"obs_id": 43}), 404, "unknown-observation"),
        (json!({"product": "Unheard"}), 404, "unknown-product"),
        (json!({"obs_id": 42, "for": "soon"}), 422, "invalid-request"),
        (json!({"obs_id": 42, "for": "32d"}), 422, "invalid-request"),
        (
            json!({"obs_id": 42, "until": "2026-01-01T00:00:00Z"}),
            422,
            "invalid-request",
        ),
        (
            json!({"obs_id": 42, "until": "2126-01-01T00:00:00Z", "for": "1h"}),
            422,
            "invalid-request",
        ),
    ] {
        scene
            .post("/acknowledge", &[], body.to_string())
            .await
            .problem(status, code);
    }
    // Cells that have not failed, and those that failed for something else, are not meant.
    for body in [
        json!({"obs_id": 42, "product": "LC"}),
        json!({"obs_id": 42, "fingerprint": "failure-unheard"}),
    ] {
        let answer = acknowledge(&scene, body).await;
        assert_eq!(
            (&answer["items"], &answer["acknowledgements"]),
            (&json!([]), &json!([]))
        );
    }
    assert_eq!(each(&scene.get("/events").await.ok(), "verb"), [] as [Value; 0]);
}

#[tokio::test]
async fn a_report_is_json_or_markdown() {
    let scene = Scene::begin().await;
    scene.failed("42").await;
    let since = format!("since={START}");
    let report = scene.get(&format!("/report?{since}")).await.ok();
    assert_eq!(report["since"], json!(START));
    assert_eq!(report["runs"], json!({"failed": 1}));
    assert_eq!(report["failed"][0]["targets"], json!(["QPO of 42"]));

    let in_words = |path: String, accept: &'static str| {
        let scene = &scene;
        async move {
            let request = axum::http::Request::get(path).header("accept", accept);
            let answer = scene.send(request.body(axum::body::Body::empty()).unwrap()).await;
            let kind = answer.headers["content-type"].to_str().unwrap().to_owned();
            (kind, String::from_utf8(answer.body.to_vec()).unwrap())
        }
    };
    for (query, accept) in [("", "text/markdown"), ("&format=markdown", "*/*")] {
        let (kind, words) = in_words(format!("/report?{since}{query}"), accept).await;
        assert_eq!(kind, "text/markdown; charset=utf-8");
        assert!(
            words.contains("- **qpo** no-luck: the dice fell badly"),
            "{words}"
        );
    }
    let (kind, _) = in_words("/report?format=json".to_owned(), "text/markdown").await;
    assert_eq!(kind, "application/json");
    scene
        .get("/report?since=yesterday")
        .await
        .problem(422, "invalid-request");
}
