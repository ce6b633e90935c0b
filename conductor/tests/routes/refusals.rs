//! What is absurd is refused with a reason, and what fails is said to fail.

use crate::scene::{Scene, text};
use axum::body::Body;
use serde_json::{Value, json};

#[tokio::test]
async fn an_absurd_obs_id_is_refused_wherever_it_stands() {
    let scene = Scene::begin().await;
    let long = "x".repeat(65);
    for wrong in [
        "..%2F..%2Fetc",
        "%C3%A9",
        ".hidden",
        "a%20b",
        "%00",
        long.as_str(),
    ] {
        for path in ["", "/products/QPO"] {
            let answer = scene.get(&format!("/observations/{wrong}{path}")).await;
            answer.problem(422, "invalid-obs-id");
        }
    }
    scene.get("/observations/").await.problem(404, "not-found");
    let unwritable = [
        json!(""),
        json!("../../etc"),
        json!("é"),
        json!(-1),
        json!(1.5),
        json!(1_u64 << 53),
        json!("x".repeat(65)),
    ];
    for wrong in unwritable {
        let body = json!({"product": "QPO", "obs_id": wrong}).to_string();
        scene
            .post("/processing", &[], body)
            .await
            .problem(422, "invalid-obs-id");
        let body = json!({"obs_id": wrong}).to_string();
        scene
            .post("/retry", &[], body)
            .await
            .problem(422, "invalid-obs-id");
    }
}

#[tokio::test]
async fn the_canary_is_nobody_s_to_ask_for() {
    let scene = Scene::begin().await;
    let body = |verb: &str| match verb {
        "/processing" => json!({"product": "QPO", "obs_id": "_canary", "force": true}).to_string(),
        _ => json!({"obs_id": "_canary"}).to_string(),
    };
    let asked = scene.post("/processing", &[], body("/processing")).await;
    asked.problem(422, "invalid-obs-id");
    for verb in [
        "/retry",
        "/cancel",
        "/hold",
        "/release",
        "/approve",
        "/acknowledge",
    ] {
        let answer = scene.post(verb, &[], body(verb)).await;
        answer.problem(404, "unknown-observation");
    }
    let answer = scene.get("/observations/_canary").await;
    answer.problem(404, "unknown-observation");
}

#[tokio::test]
async fn a_body_that_is_too_large_or_makes_no_sense_is_refused() {
    let scene = Scene::begin().await;
    for path in ["/processing", "/retry"] {
        let huge = format!(r#"{{"product": "QPO", "obs_id": "{}"}}"#, "x".repeat(10_000_000));
        scene.post(path, &[], huge).await.problem(413, "too-large");
        // The length is not known before.
        let chunk = vec![b' '; 64 * 1024];
        let chunks = (0..100).map(move |_| Ok::<_, std::io::Error>(chunk.clone()));
        let endless = Body::from_stream(futures_util::stream::iter(chunks));
        scene.post(path, &[], endless).await.problem(413, "too-large");
        for wrong in [
            "no json",
            r#"{"product": "a b", "obs_id": 42}"#,
            r#"{"obs_id": 42, "note": 7}"#,
            // Not the first field of what is expected.
            "[42]",
            r#" ["QPO", 42]"#,
        ] {
            let problem = scene.post(path, &[], wrong).await;
            problem.problem(422, "invalid-request");
        }
    }
    let answer = scene.get("/processing").await;
    answer.problem(405, "method-not-allowed");
}

#[tokio::test]
async fn notes_params_and_operators_have_their_limits() {
    let scene = Scene::begin().await;
    scene.failed("42").await;
    let request = |member: &str, value: Value| {
        let mut request = json!({"product": "QPO", "obs_id": 42});
        request[member] = value;
        request.to_string()
    };
    let note = request("note", json!("é".repeat(1001)));
    let large = request("params", json!({"x": "y".repeat(64 * 1024)}));
    for (body, field) in [(note, "note"), (large, "params")] {
        for path in ["/processing", "/retry"] {
            let problem = scene
                .post(path, &[], body.clone())
                .await
                .problem(422, "invalid-request");
            assert_eq!(text(&problem["field"]), field);
        }
    }
    let answer = scene
        .post("/processing", &[("x-operator", " ")], request("note", json!("x")))
        .await;
    answer.problem(422, "invalid-request");
    assert_eq!(scene.state("42", "QPO").await, "failed");
    let answer = scene
        .post("/processing", &[], request("note", json!("é".repeat(1000))))
        .await;
    assert_eq!(answer.status, 202);
}

#[tokio::test]
async fn a_writer_that_is_gone_and_a_ledger_that_fails_are_told_apart() {
    let scene = Scene::begin().await;
    scene.failed("42").await;
    scene.ledger.close().await;
    for path in [
        "/observations",
        "/observations/42",
        "/observations/42/products/QPO",
        "/runs",
        "/runs/x",
        "/events",
    ] {
        let answer = scene.get(path).await;
        let problem = answer.problem(503, "ledger-unavailable");
        assert_eq!(answer.header("retry-after"), "5");
        assert_eq!(
            problem["detail"],
            Value::Null,
            "a failure keeps its text to itself"
        );
    }
    scene.get("/graph").await.ok();
    scene.get("/providers").await.ok();
}

#[tokio::test]
async fn a_conductor_that_stops_says_so() {
    let scene = Scene::without_writer().await;
    scene.get("/providers").await.problem(503, "draining");
    let answer = scene.ask("QPO", 42).await;
    answer.problem(503, "draining");
    assert_eq!(answer.header("retry-after"), "1");
    scene.get("/observations").await.ok();
}
