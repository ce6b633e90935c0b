//! `GET /observations/{obs_id}/timeline`, and what the time tells of cells and runs.

use crate::scene::Scene;
use conductor::durations::Took;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::Duration;

fn of(view: &Value, product: &str) -> Value {
    let products = view["products"].as_array().unwrap();
    let found = products.iter().find(|entry| entry["product"] == product);
    found.unwrap_or_else(|| panic!("no {product} in {view}")).clone()
}

#[tokio::test]
async fn a_timeline_goes_from_the_first_packet_to_each_product() {
    let scene = Scene::begin().await;
    // One event each half second, from 08:52:07.5 on; an admission is one, too.
    let lc = scene.arrive("42", "vhf", "Curve", 1).await.remove(0);
    let qpo = scene.arrive("42", "vhf", "Alert", 1).await.remove(0);
    scene.stored("42", "LC", 1, &lc).await;
    scene.stored("42", "QPO", 1, &qpo).await;
    let view = scene.get("/observations/42/timeline").await.ok();
    assert_eq!(view["first_input"], "Curve");
    assert_eq!(view["first_at"], "2026-02-25T08:52:07.5Z");
    let expected = json!({
        "product": "QPO", "state": "done", "provider": "qpo", "run_id": qpo,
        "made_at": "2026-02-25T08:52:10Z", "until": "2026-02-25T08:52:10Z", "last_input": "Alert",
        "segments": [
            {"kind": "waiting", "from": "2026-02-25T08:52:07.5Z", "until": "2026-02-25T08:52:08.5Z"},
            {"kind": "queue", "from": "2026-02-25T08:52:08.5Z", "until": "2026-02-25T08:52:09Z", "attempt": 1},
            {"kind": "provider", "from": "2026-02-25T08:52:09Z", "until": "2026-02-25T08:52:10Z", "attempt": 1},
        ],
        "path": [
            {"product": "Alert", "at": "2026-02-25T08:52:08.5Z"},
            {"product": "QPO", "at": "2026-02-25T08:52:10Z"},
        ],
    });
    assert_eq!(of(&view, "QPO"), expected);
    let fsc = of(&view, "FSC");
    assert_eq!(
        (&fsc["made_at"], &fsc["last_input"]),
        (&Value::Null, &json!("QPO"))
    );
    assert_eq!(fsc["path"][0]["product"], "Alert");

    scene
        .get("/observations/43/timeline")
        .await
        .problem(404, "unknown-observation");
    scene
        .get("/observations/..%2f/timeline")
        .await
        .problem(422, "invalid-obs-id");
}

#[tokio::test]
async fn a_run_is_late_when_it_takes_longer_than_nearly_all_did() {
    let scene = Scene::begin().await;
    let run_id = scene.arrive("42", "vhf", "Alert", 1).await.remove(0);
    let run = format!("/runs/{run_id}");
    let nobody_knows = scene.get(&run).await.ok();
    assert_eq!(
        (&nobody_knows["expected"], &nobody_knows["late"]),
        (&Value::Null, &json!(false))
    );
    // The scene's events are long ago by the clock of the routes.
    scene.durations.take_up([Took {
        product: "QPO".parse().unwrap(),
        provider: "qpo".parse().unwrap(),
        last_ms: (1..=19).map(|second| second * 1_000).collect(),
    }]);
    let expected = json!({"p50_ms": 10_000, "p95_ms": 19_000});
    let late = scene.get(&run).await.ok();
    assert_eq!((&late["expected"], &late["late"]), (&expected, &json!(true)));
    let cell = scene.get("/observations/42/products/QPO").await.ok();
    assert_eq!(
        (&cell["cell"]["expected"], &cell["cell"]["late"]),
        (&expected, &json!(true))
    );
    assert_eq!(cell["runs"][0]["late"], true);
    let graph = scene.get("/graph").await.ok();
    assert_eq!(graph["products"][1]["product"], "QPO");
    assert_eq!(graph["products"][1]["expected"], expected);

    scene.stored("42", "QPO", 1, &run_id).await;
    assert_eq!(scene.get(&run).await.ok()["late"], false);
}

#[tokio::test]
async fn what_is_on_its_way_has_an_eta_if_anybody_knows_how_long_it_takes() {
    let scene = Scene::begin().await;
    scene.arrive("42", "vhf", "Alert", 1).await;
    scene.arrive("42", "vhf", "Curve", 1).await;
    let eta = async |product: &str| {
        let view = scene.get("/observations/42").await.ok();
        let cells = view["cells"].as_array().unwrap();
        let cell = cells.iter().find(|cell| cell["product"] == product).unwrap();
        let time = |quantile: &str| cell["eta"][quantile].as_str()?.parse::<Timestamp>().ok();
        Some((time("p50")?, time("p95")?))
    };
    let took = |product: &str, provider: &str| Took {
        product: product.parse().unwrap(),
        provider: provider.parse().unwrap(),
        last_ms: vec![10_000],
    };
    scene.durations.take_up([took("QPO", "qpo"), took("LC", "lc")]);
    let qpo = eta("QPO").await.unwrap();
    assert!(qpo.0 < qpo.1 && qpo.0 > scene.clock.now(), "{qpo:?}");
    assert_eq!(eta("FSC").await, None, "nobody knows how long it takes");
    scene.durations.take_up([took("FSC", "lc")]);
    // What was said a moment ago is said again until the second is over.
    let fsc = testkit::eventually_some(Duration::from_secs(10), async || eta("FSC").await).await;
    assert!(
        fsc.0 >= qpo.0 + SignedDuration::from_secs(10),
        "{fsc:?} after {qpo:?}"
    );
    assert_eq!(eta("Alert").await, None);
    let cell = scene.get("/observations/42/products/FSC").await.ok();
    assert!(cell["cell"]["eta"]["p95"].is_string(), "{cell}");
}
