//! `GET /graph`.

use crate::scene::{GRAPH, Scene};
use serde_json::{Value, json};

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
