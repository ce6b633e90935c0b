//! `POST /backfill`.

use crate::scene::{GRAPH, START, Scene, each};
use serde_json::{Value, json};
use testkit::Answered;

async fn backfill(scene: &Scene, request: Value) -> Answered {
    let headers = [("x-operator", "ada")];
    scene.post("/backfill", &headers, request.to_string()).await
}

/// With three observations that were there before the graph made `NEW`: one has both its inputs, of one came only
/// the packet, and of one what it needs was withdrawn.
async fn with_a_new_product() -> Scene {
    let scene = Scene::begin().await;
    let run_id = scene.arrive("42", "vhf", "Alert", 1).await.remove(0);
    scene.stored("42", "QPO", 1, &run_id).await;
    scene.arrive("43", "vhf", "Alert", 1).await;
    scene.failed("44").await;
    let mut document: Value = serde_json::from_str(GRAPH).unwrap();
    document["products"]["NEW"] =
        json!({"m_input": ["Alert", "QPO"], "provider": "new", "url": "http://new:5000/x"});
    scene.put("/graph", &[], document.to_string()).await.ok();
    assert_eq!(scene.state("42", "NEW").await, "not_expected");
    scene
}

#[tokio::test]
async fn a_new_product_is_asked_for_where_its_inputs_are() {
    let scene = with_a_new_product().await;
    let request = json!({"product": "NEW", "since": START, "note": "for the paper", "dry_run": true});
    let item = |state: &str, outcome: &str| {
        json!({"obs_id": 42, "product": "NEW", "was": "not_expected", "state": state, "outcome": outcome,
               "downstream": []})
    };
    let foreseen = backfill(&scene, request.clone()).await.ok();
    assert_eq!(
        foreseen,
        json!({"dry_run": true, "items": [item("not_expected", "would be asked for")], "next": null})
    );
    assert_eq!(
        scene.state("42", "NEW").await,
        "not_expected",
        "a dry run does nothing"
    );

    let mut request = request;
    request["dry_run"] = json!(false);
    let touched = backfill(&scene, request.clone()).await.ok();
    let run = scene.get("/observations/42/products/NEW").await.ok()["runs"][0].clone();
    let started = format!("{} was started", run["run_id"].as_str().unwrap());
    assert_eq!(touched["items"], json!([item("queued", &started)]));
    assert!(run["trigger"].as_str().unwrap().contains("ada"), "{run}");
    let log = scene.get("/events").await.ok();
    let logged = log["items"].as_array().unwrap().iter();
    let notes = logged.filter(|act| act["note"] == "for the paper").count();
    assert_eq!(notes, 1, "{log}");

    let again = backfill(&scene, request).await.ok();
    assert_eq!(
        again["items"],
        json!([]),
        "what is under way is not asked for again"
    );
}

#[tokio::test]
async fn what_somebody_keeps_back_is_left_alone() {
    let scene = with_a_new_product().await;
    let hold = json!({"obs_id": 42, "product": "NEW", "state": "not_expected"});
    let touched = scene.post("/hold", &[], hold.to_string()).await.ok();
    assert_eq!(each(&touched, "obs_id"), [json!(42)]);
    let touched = backfill(&scene, json!({"product": "NEW", "since": START}))
        .await
        .ok();
    assert_eq!(touched["items"], json!([]));
}

#[tokio::test]
async fn only_what_changed_lately_is_looked_at_unless_somebody_says_since_when() {
    let scene = with_a_new_product().await;
    for request in [
        json!({"product": "NEW"}),
        json!({"product": "NEW", "since": "2026-02-25T09:52:07Z"}),
    ] {
        assert_eq!(backfill(&scene, request).await.ok()["items"], json!([]));
    }
}

#[tokio::test]
async fn what_nobody_makes_cannot_be_asked_for() {
    let scene = with_a_new_product().await;
    for product in ["NOTHING", "Alert"] {
        let refused = backfill(&scene, json!({ "product": product })).await;
        assert_eq!(
            refused.detail(404, "unknown-product"),
            format!("no provider makes {product}; GET /graph lists what is made")
        );
    }
    backfill(&scene, json!({})).await.problem(422, "invalid-request");
}
