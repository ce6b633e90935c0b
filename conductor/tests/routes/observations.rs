//! `GET /observations`, one observation, one cell.

use crate::scene::{Scene, all, each, text};
use serde_json::{Value, json};

/// 42 with a failed product, sb26022502 with a product, `x` with an input only; `x` changed last.
async fn filled() -> Scene {
    let scene = Scene::begin().await;
    scene
        .writer
        .lock()
        .await
        .burst(&"sb26022502".parse().unwrap(), "sb26022502");
    let run_id = scene.arrive("sb26022502", "vhf", "Alert", 1).await.remove(0);
    scene.stored("sb26022502", "QPO", 1, &run_id).await;
    scene
        .writer
        .lock()
        .await
        .burst(&"42".parse().unwrap(), "SB26022501");
    scene.failed("42").await;
    scene.arrive("x", "elsewhere", "Foreign", 1).await;
    scene
}

async fn found(scene: &Scene, query: &str) -> Vec<Value> {
    let path = format!("/observations?{query}");
    each(&scene.get(&path).await.ok(), "obs_id")
}

#[tokio::test]
async fn observations_are_counted_by_state_and_the_last_changed_stands_first() {
    let scene = filled().await;
    let list = scene.get("/observations").await.ok();
    assert_eq!(
        each(&list, "obs_id"),
        [json!("x"), json!(42), json!("sb26022502")]
    );
    assert_eq!(
        each(&list, "counts"),
        [
            json!({"received": 1, "not_expected": 5}),
            json!({"received": 1, "failed": 1, "not_expected": 3}),
            json!({"received": 1, "done": 1, "not_expected": 3}),
        ]
    );
    assert_eq!(
        each(&list, "worst"),
        [json!("received"), json!("failed"), json!("received")]
    );
    assert_eq!(
        each(&list, "burst_id"),
        [Value::Null, json!("SB26022501"), json!("sb26022502")]
    );
    assert_eq!(list["next"], Value::Null);
    assert_eq!(list["items"][2]["first_at"], "2026-02-25T08:52:07.5Z");

    // A list and what it leads to say the same.
    for item in list["items"].as_array().unwrap() {
        let id = item["obs_id"].to_string();
        let one = scene
            .get(&format!("/observations/{}", id.trim_matches('"')))
            .await
            .ok();
        for member in ["obs_id", "rev", "counts", "worst", "burst_id"] {
            assert_eq!(one[member], item[member], "{member} of {id}");
        }
    }
}

#[tokio::test]
async fn observations_are_found_by_all_that_is_given() {
    let scene = filled().await;
    let (x, numbered, named) = (json!("x"), json!(42), json!("sb26022502"));
    let all = [x.clone(), numbered.clone(), named.clone()];
    for (query, expected) in [
        ("state=failed", vec![&numbered]),
        ("state=done", vec![&named]),
        ("state=received&product=Alert", vec![&numbered, &named]),
        ("product=QPO", vec![&numbered, &named]),
        ("product=QPO&state=done", vec![&named]),
        ("product=Foreign", vec![&x]),
        ("product=Unheard", vec![]),
        ("state=not_expected", all.iter().collect()),
        ("state=not_expected&product=Alert", vec![&x]),
        ("state=not_expected&product=Unheard", vec![]),
        ("state=running", vec![]),
        ("q=sb2602250", vec![&numbered, &named]),
        ("q=SB26022502", vec![&named]),
        ("q=4", vec![&numbered]),
        ("q=%25", vec![]),
        ("q=", all.iter().collect()),
        ("since=2026-02-25T08:52:10.5Z", vec![&x]),
        ("since=2026-02-25T08:52:10Z", vec![&x, &numbered]),
        ("since=2026-02-25T10:52:10%2B02:00", vec![&x, &numbered]),
        ("since=2026-02-25T08:52:08.9Z", vec![&x, &numbered]),
        ("since=2100-01-01T00:00:00Z", vec![]),
        (
            "q=sb&state=failed&product=QPO&since=2026-02-25T08:52:09Z",
            vec![&numbered],
        ),
    ] {
        assert_eq!(
            found(&scene, query).await.iter().collect::<Vec<_>>(),
            expected,
            "{query}"
        );
    }
}

#[tokio::test]
async fn observations_are_read_page_by_page() {
    let scene = filled().await;
    let ids = all(&scene, "/observations?", "obs_id").await;
    assert_eq!(ids, [json!("x"), json!(42), json!("sb26022502")]);
    let ids = all(&scene, "/observations?state=received&product=Alert&", "obs_id").await;
    assert_eq!(ids, [json!(42), json!("sb26022502")]);

    // What changes meanwhile moves to the front, and what was read does not come again.
    let first = scene.get("/observations?limit=2").await.ok();
    assert_eq!(each(&first, "obs_id"), [json!("x"), json!(42)]);
    scene.arrive("42", "vhf", "Curve", 1).await;
    let next = text(&first["next"]);
    assert_eq!(
        found(&scene, &format!("cursor={next}")).await,
        [json!("sb26022502")]
    );
    assert_eq!(found(&scene, "limit=1").await, [json!(42)]);
    let wrongs = [
        "limit=0",
        "limit=1001",
        "cursor=42",
        "cursor=~42",
        "state=fine",
        "product=a%20b",
        "since=now",
    ];
    for wrong in wrongs {
        let answer = scene.get(&format!("/observations?{wrong}")).await;
        answer.problem(422, "invalid-request");
    }
}

#[tokio::test]
async fn an_observation_has_a_cell_for_each_node_of_the_graph_and_each_foreign_product() {
    let scene = Scene::begin().await;
    scene.arrive("42", "elsewhere", "Foreign", 7).await;
    scene.arrive("42", "vhf", "Curve", 3).await;
    scene.failed("42").await;
    let view = scene.get("/observations/42").await.ok();
    let cells = view["cells"].as_array().unwrap();
    let shown: Vec<_> = cells
        .iter()
        .map(|cell| [text(&cell["product"]), text(&cell["state"])].join(" "))
        .collect();
    assert_eq!(
        shown,
        [
            "Alert received",
            "Curve received",
            "LC requested",
            "QPO failed",
            "FSC waiting",
            "Foreign received"
        ]
    );
    let fsc = &cells[4];
    assert_eq!(fsc["blocked_by"], json!(["QPO"]));
    assert_eq!(fsc["reason"], "awaits LC, QPO, blocked by QPO");
    assert_eq!((&fsc["provider"], &fsc["run_id"]), (&json!("lc"), &Value::Null));
    let qpo = &cells[3];
    assert!(text(&qpo["reason"]).starts_with("no-luck: the dice fell badly (after 1"));
    assert_eq!((&qpo["attempt"], &qpo["attempts"]), (&json!(1), &json!(2)));
    assert_eq!(qpo["trigger"], "new input Alert v1");
    let foreign = &cells[5];
    assert_eq!(
        (&foreign["version"], &foreign["revision"], &foreign["provider"]),
        (&json!(7), &json!(1), &Value::Null)
    );
}

#[tokio::test]
async fn a_cell_without_a_row_says_what_it_lacks() {
    let scene = Scene::begin().await;
    scene.arrive("42", "vhf", "Alert", 1).await;
    let view = scene.get("/observations/42").await.ok();
    let reasons: Vec<_> = view["cells"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|cell| cell["state"] == "not_expected")
        .map(|cell| {
            assert_eq!(
                (&cell["rev"], &cell["since"]),
                (&json!(0), &json!("2026-02-25T08:52:07.5Z"))
            );
            format!("{}: {}", text(&cell["product"]), text(&cell["reason"]))
        })
        .collect();
    assert_eq!(
        reasons,
        [
            "Curve: did not come",
            "LC: cannot be made without Curve",
            "FSC: cannot be made without LC"
        ]
    );
}

#[tokio::test]
async fn a_cell_comes_with_its_runs_and_why_it_is_as_it_is() {
    let scene = Scene::begin().await;
    scene.failed("42").await;
    let body = json!({"product": "QPO", "obs_id": 42}).to_string();
    let again = scene.post("/processing", &[("x-operator", "ada")], body).await;
    assert_eq!(again.status, 202);
    let view = scene.get("/observations/42/products/QPO").await.ok();
    assert_eq!(
        (&view["obs_id"], &view["cell"]["state"]),
        (&json!(42), &json!("queued"))
    );
    let runs = view["runs"].as_array().unwrap();
    let states: Vec<_> = runs.iter().map(|run| text(&run["state"])).collect();
    assert_eq!(states, ["queued", "failed"]);
    assert_eq!(runs[0]["run_id"], again.json()["run_id"]);
    assert_eq!(runs[0]["trigger"], "request by ada");
    assert!(text(&view["why"]["text"]).contains("QPO is queued"), "{view}");

    let waiting = scene.get("/observations/42/products/FSC").await.ok();
    assert_eq!(waiting["cell"]["state"], "not_expected");
    assert_eq!(waiting["runs"], json!([]));
    assert!(
        !waiting["why"]["blockers"].as_array().unwrap().is_empty(),
        "{waiting}"
    );
}

#[tokio::test]
async fn what_is_not_there_is_said_to_be_unknown() {
    let scene = Scene::begin().await;
    scene.arrive("42", "vhf", "Alert", 1).await;
    for path in ["/observations/43", "/observations/43/products/QPO"] {
        scene.get(path).await.problem(404, "unknown-observation");
    }
    let problem = scene.get("/observations/42/products/Unheard").await;
    let problem = problem.problem(404, "unknown-product");
    assert!(text(&problem["detail"]).contains("Unheard"));
}

#[tokio::test]
async fn a_restart_changes_nothing() {
    let scene = filled().await;
    let paths = [
        "/observations",
        "/observations/42",
        "/observations/42/products/QPO",
        "/observations/x/products/FSC",
        "/runs",
        "/events",
        "/graph",
        "/providers",
    ];
    let mut before = Vec::new();
    for path in paths {
        before.push(scene.get(path).await.ok());
    }
    let scene = scene.restart().await;
    for (path, before) in paths.iter().zip(before) {
        assert_eq!(scene.get(path).await.ok(), before, "{path}");
    }
}

#[tokio::test]
async fn a_product_says_without_which_optional_inputs_it_was_made_as_long_as_it_is_the_newest() {
    let scene = Scene::begin().await;
    let missing = async || {
        let cell = scene.get("/observations/7/products/LC").await.ok();
        cell["cell"].get("missing").cloned()
    };
    let run_id = scene.arrive("7", "vhf", "Curve", 1).await.remove(0);
    assert_eq!(missing().await, None, "nothing is made");
    scene.stored("7", "LC", 1, &run_id).await;
    assert_eq!(missing().await, Some(json!(["Alert"])));
    scene.arrive("7", "sdb", "LC", 2).await;
    assert_eq!(missing().await, None, "nobody knows how this one was made");
}
