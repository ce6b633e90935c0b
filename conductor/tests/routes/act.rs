//! `POST /processing` and the audit log.

use crate::scene::{Scene, all, each, text};
use serde_json::{Value, json};

#[tokio::test]
async fn a_request_starts_a_run_that_can_be_read_where_the_answer_says() {
    let scene = Scene::begin().await;
    scene.failed("42").await;
    let answer = scene.ask("QPO", 42).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let run_id = text(&answer.json()["run_id"]);
    assert_eq!(answer.json(), json!({"run_id": run_id, "state": "queued"}));
    assert_eq!(answer.header("location"), format!("/runs/{run_id}"));
    let run = scene.get(answer.header("location")).await.ok();
    assert_eq!(
        (&run["product"], &run["obs_id"], &run["state"], &run["generation"]),
        (&json!("QPO"), &json!(42), &json!("queued"), &json!(1))
    );

    let open = scene.ask("QPO", 42).await;
    assert_eq!(open.ok(), json!({"run_id": run_id, "state": "queued"}));
    assert_eq!(open.header("location"), format!("/runs/{run_id}"));
}

#[tokio::test]
async fn what_is_made_is_the_answer_unless_forced() {
    let scene = Scene::begin().await;
    let run_id = scene.arrive("42", "vhf", "Alert", 1).await.remove(0);
    scene.stored("42", "QPO", 1, &run_id).await;
    let made = scene.ask("QPO", 42).await.ok();
    assert_eq!(made, json!({"run_id": run_id, "state": "done"}));

    let params = json!({"bins": 64});
    let body = json!({"product": "QPO", "obs_id": "42", "force": true, "params": params, "note": "finer"});
    let forced = scene
        .post("/processing", &[("x-operator", "ada")], body.to_string())
        .await;
    assert_eq!(forced.status, 202);
    let run = scene.get(forced.header("location")).await.ok();
    assert_eq!(
        (&run["params"], &run["trigger"]),
        (&params, &json!("request by ada (finer)"))
    );
}

#[tokio::test]
async fn what_was_imported_by_hand_has_no_run_to_name() {
    let scene = Scene::begin().await;
    scene.arrive("42", "sdb", "QPO", 1).await;
    let problem = scene.ask("QPO", 42).await.problem(409, "no-run");
    assert!(text(&problem["detail"]).contains("force"), "{problem}");
}

#[tokio::test]
async fn missing_inputs_are_named_with_why_and_forced_past() {
    let scene = Scene::begin().await;
    scene.failed("42").await;
    let problem = scene.ask("FSC", 42).await.problem(409, "inputs-missing");
    assert_eq!(problem["inputs"], json!(["LC", "QPO"]));
    let blockers = problem["why"]["blockers"].as_array().unwrap();
    assert_eq!(
        (&blockers[0]["kind"], &blockers[0]["what"]),
        (&json!("input"), &json!("LC")),
        "{problem}"
    );
    assert_eq!(blockers[0]["blockers"][0]["what"], "Curve");
    assert!(text(&problem["detail"]).contains("LC, QPO"));
    assert_eq!(scene.state("42", "FSC").await, "not_expected");

    let body = json!({"product": "FSC", "obs_id": 42, "force": true}).to_string();
    let forced = scene.post("/processing", &[], body).await;
    assert_eq!(forced.status, 202, "{forced:?}");
    assert_eq!(scene.state("42", "FSC").await, "queued");
}

#[tokio::test]
async fn what_nobody_makes_cannot_be_asked_for() {
    let scene = Scene::begin().await;
    for product in ["Unheard", "Alert"] {
        let problem = scene.ask(product, 42).await.problem(404, "unknown-product");
        assert!(text(&problem["detail"]).contains(product));
    }
}

#[tokio::test]
async fn a_repeated_key_starts_nothing() {
    let scene = Scene::begin().await;
    let run_id = scene.arrive("42", "vhf", "Alert", 1).await.remove(0);
    scene.stored("42", "QPO", 1, &run_id).await;
    let body = json!({"product": "QPO", "obs_id": 42, "force": true}).to_string();
    let key = [("idempotency-key", "monday-1")];
    let first = scene.post("/processing", &key, body.clone()).await;
    assert_eq!(first.status, 202);
    let begun = first.json()["run_id"].clone();
    // It is over before the repeat comes: without the key, another run would start.
    let second: domain::RunId = text(&begun).parse().unwrap();
    scene.happen("42", admitted(&second)).await;
    scene.stored("42", "QPO", 2, &second).await;
    let repeat = scene.post("/processing", &key, body.clone()).await;
    assert_eq!((repeat.status, repeat.json()), (first.status, first.json()));
    assert_eq!(repeat.header("location"), first.header("location"));
    assert_eq!(
        scene.get("/runs").await.ok()["items"].as_array().unwrap().len(),
        2
    );

    let other = json!({"product": "QPO", "obs_id": 43, "force": true}).to_string();
    let reused = scene.post("/processing", &key, other).await;
    reused.problem(422, "idempotency-key-reused");
    let unkeyed = scene.post("/processing", &[], body).await;
    assert_eq!(unkeyed.status, 202);
    assert_ne!(unkeyed.json()["run_id"], begun);
    let wrong = scene.post("/processing", &[("idempotency-key", "")], "{}").await;
    wrong.problem(422, "invalid-header");
}

fn admitted(run_id: &domain::RunId) -> conductor_core::Event {
    conductor_core::Event::Admitted {
        product: "QPO".parse().unwrap(),
        run_id: run_id.clone(),
    }
}

#[tokio::test]
async fn acts_are_logged_and_read_newest_first() {
    let scene = Scene::begin().await;
    scene.failed("42").await;
    for (operator, note) in [("ada", Some("first")), ("grace", None), ("ada", Some("  "))] {
        let body = json!({"product": "QPO", "obs_id": 42, "note": note}).to_string();
        scene.post("/processing", &[("x-operator", operator)], body).await;
    }
    scene.ask("QPO", 42).await;
    let log = scene.get("/events").await.ok();
    assert_eq!(each(&log, "n"), [json!(4), json!(3), json!(2), json!(1)]);
    assert_eq!(
        each(&log, "by"),
        [json!("anonymous"), json!("ada"), json!("grace"), json!("ada")]
    );
    let last = &log["items"][3];
    assert_eq!(
        (&last["verb"], &last["target"], &last["note"]),
        (&json!("processing"), &json!("QPO of 42"), &json!("first"))
    );
    assert_eq!(each(&log, "note")[..3], [Value::Null, Value::Null, Value::Null]);

    assert_eq!(all(&scene, "/events?", "n").await, each(&log, "n"));
    let since = text(&log["items"][1]["at"]);
    let late = scene.get(&format!("/events?since={since}")).await.ok();
    assert_eq!(each(&late, "n"), [json!(4), json!(3)]);
    for wrong in ["since=monday", "limit=0", "cursor=x"] {
        scene
            .get(&format!("/events?{wrong}"))
            .await
            .problem(422, "invalid-request");
    }
}
