//! `GET /providers` and `GET /graph`.

use crate::scene::{GRAPH, Scene, all, each, text};
use conductor::desk::Load;
use conductor::durations::Took;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

#[tokio::test]
async fn the_board_shows_what_each_provider_is_and_has() {
    let scene = Scene::begin().await;
    let now = scene.clock.now();
    let busy_until = now + SignedDuration::from_hours(1);
    let load = |provider: &str, in_flight, queued, busy_until| Load {
        provider: provider.parse().unwrap(),
        in_flight,
        queued,
        busy_until,
    };
    scene.writer.lock().await.loads = vec![
        load("lc", 2, 7, Some(busy_until)),
        load("qpo", 0, 0, Some(now)),
        load("of-an-earlier-graph", 1, 0, None),
    ];
    let said = json!({"service": "lc", "state": "busy", "detail": "two at work"});
    let heard_at = now - SignedDuration::from_secs(20);
    scene.presence.heard(
        "lc".parse().unwrap(),
        serde_json::from_value(said).unwrap(),
        heard_at,
    );

    let board = scene.get("/providers").await.ok();
    assert_eq!(
        board["items"][0],
        json!({
            "provider": "lc", "state": "late", "url": "http://lc:5000/pipeline", "products": ["LC", "FSC"],
            "in_flight": 2, "max_in_flight": 2, "queued": 7, "clears": null, "busy_until": busy_until,
            "seen_at": heard_at, "detail": "two at work", "by": null, "note": null
        })
    );
    assert_eq!(
        board["items"][2],
        json!({
            "provider": "qpo", "state": "up", "url": "http://127.0.0.1:5000/qpo", "products": ["QPO"],
            "in_flight": 0, "max_in_flight": null, "queued": 0, "clears": null, "busy_until": null,
            "seen_at": null, "detail": null, "by": null, "note": null
        })
    );
    let earlier = &board["items"][1];
    assert_eq!(
        (&earlier["provider"], &earlier["in_flight"], &earlier["products"]),
        (&json!("of-an-earlier-graph"), &json!(1), &json!([]))
    );
    assert_eq!(
        all(&scene, "/providers?", "provider").await,
        each(&board, "provider")
    );
    // Six runs go before the last of the seven, and of the two under way half is left, in two slots.
    let took = |product: &str| Took {
        product: product.parse().unwrap(),
        provider: "lc".parse().unwrap(),
        last_ms: vec![10_000],
    };
    scene.durations.take_up([took("LC"), took("FSC")]);
    let before = scene.clock.now();
    let board = scene.get("/providers").await.ok();
    let clears: Timestamp = text(&board["items"][0]["clears"]["p50"]).parse().unwrap();
    assert!(clears >= before + SignedDuration::from_secs(35), "{clears}");
    assert_eq!(
        board["items"][0]["clears"]["p50"],
        board["items"][0]["clears"]["p95"]
    );
    let wrong = scene.get("/providers?cursor=a%20b").await;
    wrong.problem(422, "invalid-request");
}

#[tokio::test]
async fn the_graph_is_shown_as_it_is_in_force() {
    let scene = Scene::begin().await;
    let graph = scene.get("/graph").await.ok();
    assert_eq!(graph["document"], serde_json::from_str::<Value>(GRAPH).unwrap());
    assert_eq!(
        graph["inputs"],
        json!(["Curve", "Alert"]),
        "as the document lists them"
    );
    assert_eq!(graph["loaded_at"], "2026-02-25T08:52:07Z");
    assert_eq!(graph["sha256"].as_str().map(str::len), Some(64));
    assert_eq!(
        graph["products"][2],
        json!({
            "product": "FSC", "m_input": ["LC", "QPO"], "o_input": [], "provider": "lc",
            "url": "http://lc:5000/pipeline", "group": "late", "level": 2, "expected": null,
            "description": "the source in full"
        })
    );
    let qpo = &graph["products"][1];
    assert_eq!(
        (&qpo["product"], &qpo["url"], &qpo["group"], &qpo["level"]),
        (
            &json!("QPO"),
            &json!("http://127.0.0.1:5000/qpo"),
            &json!("qpo"),
            &json!(1)
        )
    );
}
