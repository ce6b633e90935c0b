//! `--least`: the least pipeline of the protocol, which the orchestra must play with all the same.

use crate::scene::{SOON, Scene, request, request_for, said};
use api::{
    Http, PipelineClient,
    pipeline::{CancelAnswer, ProcessingQuery, RunAnswer},
};
use domain::{Activity, ServiceState, StatusActivity};
use reqwest::{Method, StatusCode};
use serde_json::json;
use testkit::eventually;

#[tokio::test]
async fn it_answers_the_post_and_imports_and_offers_and_says_nothing_else() {
    let scene = Scene::start().await;
    let mut feed = scene.listen().await;
    let mock = scene.mock(&["--least"]).await;
    let answer = mock.post(&request("r", 1)).await;
    assert_eq!((answer.status, answer.body), (StatusCode::ACCEPTED, json!({})));
    eventually(SOON, async || !scene.versions("QPO_ECL", 42).await.is_empty()).await;
    let versions = scene.versions("QPO_ECL", 42).await;
    assert_eq!((versions.len(), &versions[0].provenance), (1, &None));
    assert_eq!(scene.document("QPO_ECL", 42).await["product"], "QPO_ECL");

    for (method, path) in [
        (Method::GET, "/processing"),
        (Method::GET, "/processing/r"),
        (Method::DELETE, "/processing/r"),
        (Method::GET, "/products"),
    ] {
        let asked = mock
            .client
            .request(method.clone(), mock.url(path))
            .send()
            .await
            .unwrap();
        assert!(
            matches!(asked.status().as_u16(), 404 | 405),
            "{method} {path}: {}",
            asked.status()
        );
    }
    // And so our own client takes it: not offered, which is neither a failure nor news of the run.
    let (client, base, run_id) = (
        PipelineClient::new(Http::new()),
        mock.url("").parse().unwrap(),
        "r".parse().unwrap(),
    );
    assert_eq!(client.run(&base, &run_id).await.unwrap(), RunAnswer::NotOffered);
    assert_eq!(
        client.cancel(&base, &run_id).await.unwrap(),
        CancelAnswer::NotOffered
    );
    let all = ProcessingQuery::default();
    assert!(client.runs(&base, &all).await.unwrap().is_none());
    assert!(client.products(&base).await.unwrap().is_none());
    for path in ["/health/live", "/health/ready"] {
        assert_eq!(mock.get(path).await.status, StatusCode::OK, "{path}");
    }
    mock.stop().await;

    // All that was said before this is heard before it.
    let last = Activity::Status(StatusActivity {
        service: "test".parse().unwrap(),
        instance: "i".into(),
        at: None,
        state: ServiceState::Ready,
        version: "1".into(),
        started_at: None,
        in_flight: 0,
        queued: 0,
        detail: String::new(),
    });
    let bus = scene.bus().await;
    bus.say(&last).await.unwrap();
    said(&mut feed, |activity| match activity.service().as_str() {
        "test" => Some(()),
        "sdb" => None,
        other => panic!("{other} has said something"),
    })
    .await;
}

#[tokio::test]
async fn its_failures_are_silent_and_the_next_post_meets_another_fate() {
    let scene = Scene::start().await;
    let mock = scene
        .mock(&["--least", "--failure-rate", "0.5", "--seed", "3"])
        .await;
    for obs_id in 1..=10 {
        let mut posts = 0;
        while scene.versions("QPO_ECL", obs_id).await.is_empty() {
            posts += 1;
            assert!(posts < 10_000, "observation {obs_id} is never made");
            let answer = mock.post(&request_for("QPO_ECL", obs_id, "r", 1)).await;
            assert_eq!(answer.status, StatusCode::ACCEPTED);
        }
    }
    mock.stop().await;
}

#[tokio::test]
async fn what_it_cannot_read_is_refused_and_a_term_ends_it_with_0_in_the_middle_of_a_run() {
    let scene = Scene::start().await;
    let mock = scene
        .mock(&["--least", "--min-delay", "1h", "--max-delay", "1h"])
        .await;
    for (body, code) in [
        ("no json", "invalid-request"),
        (r#"{"product":"A","obs_id":"../x"}"#, "invalid-obs-id"),
    ] {
        let response = mock
            .client
            .post(mock.url("/processing"))
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let problem: serde_json::Value = response.json().await.unwrap();
        assert_eq!(problem["code"], code);
    }
    mock.begin(&request("r", 1)).await;
    mock.stop().await;
    assert!(scene.versions("QPO_ECL", 42).await.is_empty());
}
