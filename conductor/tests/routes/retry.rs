//! `POST /retry`.

use crate::scene::{Scene, each, text};
use conductor::ledger::Batch;
use conductor_core::{Cell, Changes};
use domain::CellState;
use serde_json::{Value, json};
use testkit::Answered;

async fn retry(scene: &Scene, selector: Value) -> Answered {
    let headers = [("x-operator", "ada")];
    scene.post("/retry", &headers, selector.to_string()).await
}

#[tokio::test]
async fn failed_cells_are_retried_and_listed() {
    let scene = Scene::begin().await;
    for obs_id in ["42", "43"] {
        scene.failed(obs_id).await;
    }
    let touched = retry(
        &scene,
        json!({"product": "QPO", "note": "the pipeline is mended"}),
    )
    .await
    .ok();
    assert_eq!(
        touched,
        json!({
            "dry_run": false,
            "items": [
                {"obs_id": 42, "product": "QPO", "was": "failed", "state": "queued", "outcome": "retried",
                 "downstream": []},
                {"obs_id": 43, "product": "QPO", "was": "failed", "state": "queued", "outcome": "retried",
                 "downstream": []},
            ],
            "next": null
        })
    );
    assert_eq!(scene.state("43", "QPO").await, "queued");
    let log = scene.get("/events").await.ok();
    assert_eq!(each(&log, "verb"), [json!("retry"), json!("retry")]);
    assert_eq!(each(&log, "by"), [json!("ada"), json!("ada")]);
    assert_eq!(each(&log, "note")[0], "the pipeline is mended");

    let again = retry(&scene, json!({"product": "QPO"})).await.ok();
    assert_eq!(again["items"], json!([]));
}

#[tokio::test]
async fn cells_are_selected_by_all_that_is_given() {
    let scene = Scene::begin().await;
    for obs_id in ["42", "43"] {
        scene.failed(obs_id).await;
    }
    scene.arrive("42", "vhf", "Curve", 1).await;
    for (selector, expected) in [
        (json!({"obs_id": 42}), 1),
        (json!({"obs_id": "42", "product": "QPO", "provider": "qpo"}), 1),
        (json!({"provider": "qpo"}), 2),
        (json!({"provider": "lc"}), 0),
        (json!({"provider": "lc", "product": "QPO"}), 0),
        (json!({"obs_id": 42, "state": "requested"}), 1),
        (json!({"obs_id": 42, "state": "done"}), 0),
        (json!({"product": "Alert", "state": "received"}), 2),
    ] {
        let mut dry = selector.clone();
        dry["dry_run"] = json!(true);
        let touched = retry(&scene, dry).await.ok();
        assert_eq!(touched["items"].as_array().unwrap().len(), expected, "{selector}");
        assert_eq!(touched["dry_run"], true);
    }
    assert_eq!(scene.state("42", "QPO").await, "failed", "a dry run does nothing");
    assert_eq!(scene.get("/events").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn what_is_not_failed_is_left_alone() {
    let scene = Scene::begin().await;
    scene.arrive("42", "vhf", "Alert", 1).await;
    let selector = json!({"obs_id": 42, "state": "requested"});
    let mut dry = selector.clone();
    dry["dry_run"] = json!(true);
    let said = retry(&scene, dry).await.ok();
    assert_eq!(
        each(&said, "outcome"),
        [json!(
            "would be left alone: it is requested from its provider, and only what failed, was cancelled or is held is retried"
        )]
    );
    let touched = retry(&scene, selector).await.ok();
    assert_eq!(
        each(&touched, "outcome"),
        [json!(
            "left alone: it is requested from its provider, and only what failed, was cancelled or is held is retried"
        )]
    );
    assert_eq!(scene.state("42", "QPO").await, "requested");
}

#[tokio::test]
async fn force_makes_again_what_is_done() {
    let scene = Scene::begin().await;
    let run_id = scene.arrive("42", "vhf", "Alert", 1).await.remove(0);
    scene.stored("42", "QPO", 1, &run_id).await;
    scene.failed("43").await;
    let selector = json!({"product": "QPO", "force": true, "params": {"bins": 64}, "note": "finer"});
    let touched = retry(&scene, selector).await.ok();
    assert_eq!(each(&touched, "was"), [json!("done"), json!("failed")]);
    assert_eq!(each(&touched, "state"), [json!("queued"), json!("queued")]);
    let outcome = text(&each(&touched, "outcome")[0]);
    let run = scene
        .get(&format!(
            "/runs/{}",
            outcome.strip_suffix(" was started").unwrap()
        ))
        .await
        .ok();
    assert_eq!((&run["params"]["bins"], &run["obs_id"]), (&json!(64), &json!(42)));
    assert_eq!(run["trigger"], "request by ada (finer)");

    let open = retry(
        &scene,
        json!({"product": "QPO", "force": true, "state": "queued"}),
    )
    .await
    .ok();
    assert!(
        text(&each(&open, "outcome")[0]).starts_with("left alone: run_"),
        "{open}"
    );
    let inputs = json!({"product": "Alert", "force": true, "state": "received"});
    let inputs = retry(&scene, inputs).await.ok();
    assert_eq!(
        each(&inputs, "outcome")[0],
        "left alone: the graph does not make it"
    );
}

#[tokio::test]
async fn params_alone_do_not_reach_past_missing_inputs() {
    let scene = Scene::begin().await;
    scene.failed("42").await;
    scene.arrive("42", "vhf", "Curve", 1).await;
    let selector = json!({"product": "FSC", "state": "waiting", "params": {"bins": 64}});
    let touched = retry(&scene, selector).await.ok();
    assert_eq!(each(&touched, "outcome"), [json!("left alone: without LC, QPO")]);
    assert_eq!(scene.state("42", "FSC").await, "waiting");
}

#[tokio::test]
async fn a_selector_says_which_and_means_what_there_is() {
    let scene = Scene::begin().await;
    scene.failed("42").await;
    for nothing in [
        json!({}),
        json!({"state": "failed"}),
        json!({"dry_run": true, "force": true}),
    ] {
        retry(&scene, nothing).await.problem(422, "selector-empty");
    }
    for (selector, code) in [
        (json!({"obs_id": 43}), "unknown-observation"),
        (json!({"product": "Unheard"}), "unknown-product"),
        (json!({"provider": "unheard"}), "unknown-provider"),
        (json!({"obs_id": 42, "provider": "unheard"}), "unknown-provider"),
    ] {
        retry(&scene, selector).await.problem(404, code);
    }
    assert_eq!(scene.state("42", "QPO").await, "failed");
}

#[tokio::test]
async fn more_cells_than_one_act_may_touch_are_refused() {
    let scene = Scene::begin().await;
    scene.failed("42").await;
    let mut batch = Batch::default();
    for n in 1..=10_000_u64 {
        let cell = Cell {
            rev: 1,
            state: CellState::Failed,
            ..Cell::new("QPO".parse().unwrap(), scene.clock.now())
        };
        let changes = Changes {
            cells: vec![cell],
            ..Changes::default()
        };
        batch.changes.push(((1000 + n).try_into().unwrap(), changes));
    }
    scene.ledger.store(scene.clock.now(), &batch).await.unwrap();
    let problem = retry(&scene, json!({"product": "QPO"})).await;
    let problem = problem.problem(422, "too-many-cells");
    assert_eq!(problem["max_cells"], 10_000);
    assert_eq!(scene.state("42", "QPO").await, "failed");
    let narrower = retry(&scene, json!({"product": "QPO", "obs_id": 42})).await.ok();
    assert_eq!(each(&narrower, "state"), [json!("queued")]);
}

#[tokio::test]
async fn a_repeated_key_retries_once() {
    let scene = Scene::begin().await;
    scene.failed("42").await;
    let body = json!({"obs_id": 42}).to_string();
    let key = [("idempotency-key", "k")];
    let first = scene.post("/retry", &key, body.clone()).await.ok();
    assert_eq!(each(&first, "state"), [json!("queued")]);
    assert_eq!(scene.post("/retry", &key, body).await.ok(), first);
    // The same key of another route is another key.
    let request = json!({"product": "QPO", "obs_id": 42}).to_string();
    let other = scene.post("/processing", &key, request).await;
    assert_eq!(other.status, 200, "{other:?}");
}
