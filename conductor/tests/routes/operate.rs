//! `POST /cancel` and the other verbs.

use crate::scene::{Scene, each, text};
use serde_json::{Value, json};
use testkit::Answered;

async fn post(scene: &Scene, route: &str, body: Value) -> Answered {
    let headers = [("x-operator", "ada")];
    scene.post(route, &headers, body.to_string()).await
}

#[tokio::test]
async fn what_waits_is_cancelled_and_its_downstream_named() {
    let scene = Scene::begin().await;
    scene.failed("42").await;
    scene.arrive("42", "vhf", "Curve", 1).await;
    let selector = json!({"obs_id": 42, "product": "FSC", "note": "nobody needs it"});
    let mut dry = selector.clone();
    dry["dry_run"] = json!(true);
    let foreseen = post(&scene, "/cancel", dry).await.ok();
    assert_eq!(each(&foreseen, "outcome"), [json!("would be cancelled")]);
    assert_eq!(each(&foreseen, "state"), [json!("cancelled")]);
    assert_eq!(
        scene.state("42", "FSC").await,
        "waiting",
        "a dry run does nothing"
    );

    let touched = post(&scene, "/cancel", selector).await.ok();
    assert_eq!(
        touched["items"],
        json!([{
            "obs_id": 42, "product": "FSC", "was": "waiting", "state": "cancelled",
            "outcome": "cancelled", "downstream": [],
        }])
    );
    let log = scene.get("/events").await.ok();
    assert_eq!(each(&log, "verb"), [json!("cancel")]);
    assert_eq!(each(&log, "outcome"), [json!("waiting -> cancelled")]);
    assert_eq!(each(&log, "note"), [json!("nobody needs it")]);
    assert_eq!(scene.state("42", "FSC").await, "cancelled");
}

#[tokio::test]
async fn a_retry_names_what_waits_for_it() {
    let scene = Scene::begin().await;
    scene.failed("42").await;
    scene.arrive("42", "vhf", "Curve", 1).await;
    let foreseen = post(&scene, "/retry", json!({"product": "QPO", "dry_run": true}))
        .await
        .ok();
    assert_eq!(each(&foreseen, "downstream"), [json!(["FSC"])]);
}

#[tokio::test]
async fn a_verb_that_does_not_apply_leaves_the_cell_alone_and_says_why() {
    let scene = Scene::begin().await;
    let run_id = scene.arrive("42", "vhf", "Alert", 1).await.remove(0);
    scene.stored("42", "QPO", 1, &run_id).await;
    for (route, body) in [
        ("/cancel", json!({"obs_id": 42, "state": "done"})),
        ("/release", json!({"obs_id": 42, "state": "done"})),
        ("/approve", json!({"obs_id": 42, "state": "done"})),
        ("/grace", json!({"obs_id": 42, "state": "done", "action": "end"})),
        (
            "/grace",
            json!({"obs_id": 42, "state": "done", "action": "extend", "by": "10m"}),
        ),
    ] {
        let touched = post(&scene, route, body).await.ok();
        assert_eq!(each(&touched, "product"), [json!("QPO")], "{route}");
        assert_eq!(each(&touched, "state"), [json!("done")], "{route}");
        let outcome = text(&each(&touched, "outcome")[0]);
        assert!(outcome.starts_with("left alone: "), "{route}: {outcome}");
    }
    // Nothing is in these states.
    for route in ["/cancel", "/release", "/approve"] {
        let touched = post(&scene, route, json!({"obs_id": 42})).await.ok();
        assert_eq!(touched["items"], json!([]), "{route}");
    }
}

#[tokio::test]
async fn a_release_finds_what_is_held_for_what_comes_whatever_it_shows() {
    let scene = Scene::begin().await;
    let run_id = scene.arrive("42", "vhf", "Alert", 1).await.remove(0);
    post(&scene, "/hold", json!({"obs_id": 42, "note": "look first"}))
        .await
        .ok();
    scene.stored("42", "QPO", 1, &run_id).await;
    assert_eq!(scene.state("42", "QPO").await, "done", "its run went on");
    let report = scene.get("/report").await.ok();
    let held: Vec<_> = report["held"].as_array().unwrap().iter().collect();
    let done = held.iter().find(|held| held["product"] == json!("QPO")).unwrap();
    assert_eq!(
        done["reason"],
        json!("held by ada (look first), for what comes; it is done now")
    );

    let released = post(&scene, "/release", json!({"obs_id": 42})).await.ok();
    assert_eq!(
        each(&released, "product"),
        [json!("FSC"), json!("LC"), json!("QPO")],
        "all that is held, and nothing of it shows so"
    );
    assert_eq!(scene.get("/report").await.ok()["held"], json!([]));
    scene.arrive("42", "vhf", "Alert", 2).await;
    assert_ne!(scene.state("42", "QPO").await, "held");
}

#[tokio::test]
async fn what_was_never_expected_is_among_what_is_not_made() {
    let scene = Scene::begin().await;
    scene.arrive("42", "vhf", "Alert", 1).await;
    let touched = post(&scene, "/hold", json!({"obs_id": 42, "dry_run": true}))
        .await
        .ok();
    assert_eq!(
        each(&touched, "product"),
        [json!("QPO"), json!("LC"), json!("FSC")]
    );
    let by_product = post(&scene, "/hold", json!({"product": "FSC", "dry_run": true}))
        .await
        .ok();
    assert_eq!(by_product["items"], json!([]), "of no named observation");
}

#[tokio::test]
async fn what_a_verb_is_not_told_right_is_refused() {
    let scene = Scene::begin().await;
    scene.arrive("42", "vhf", "Alert", 1).await;
    for (route, body, code) in [
        ("/cancel", json!({}), "selector-empty"),
        ("/hold", json!({"state": "waiting"}), "selector-empty"),
        ("/priority", json!({"obs_id": 42}), "invalid-request"),
        (
            "/priority",
            json!({"obs_id": 42, "priority": "high"}),
            "invalid-request",
        ),
        ("/grace", json!({"obs_id": 42}), "invalid-request"),
        (
            "/grace",
            json!({"obs_id": 42, "action": "stop"}),
            "invalid-request",
        ),
        (
            "/grace",
            json!({"obs_id": 42, "action": "end", "by": "5m"}),
            "invalid-request",
        ),
        (
            "/grace",
            json!({"obs_id": 42, "action": "extend", "by": "soon"}),
            "invalid-request",
        ),
        (
            "/grace",
            json!({"obs_id": 42, "action": "extend", "by": "0s"}),
            "invalid-request",
        ),
        (
            "/grace",
            json!({"obs_id": 42, "action": "extend", "by": "2days"}),
            "invalid-request",
        ),
    ] {
        post(&scene, route, body).await.problem(422, code);
    }
    post(&scene, "/approve", json!({"obs_id": 43}))
        .await
        .problem(404, "unknown-observation");
}

#[tokio::test]
async fn a_repeated_key_acts_once() {
    let scene = Scene::begin().await;
    scene.failed("42").await;
    scene.arrive("42", "vhf", "Curve", 1).await;
    let body = json!({"obs_id": 42, "product": "FSC"}).to_string();
    let key = [("idempotency-key", "k")];
    let first = scene.post("/cancel", &key, body.clone()).await.ok();
    let repeat = scene.post("/cancel", &key, body).await.ok();
    assert_eq!(first, repeat);
    assert_eq!(each(&scene.get("/events").await.ok(), "verb"), [json!("cancel")]);
}
