//! Every `--misbehave` kind, as others see it.

use crate::program::PROVIDER;
use crate::scene::{Scene, due_in, heard, request, request_for};
use domain::{ErrorClass, ProcessingState, Version};
use reqwest::StatusCode;
use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

#[tokio::test]
async fn hang_is_at_work_until_its_deadline() {
    let scene = Scene::start().await;
    let mut feed = scene.listen().await;
    let mock = scene.mock(&["--misbehave", "QPO_ECL=hang:1"]).await;
    mock.begin(&due_in(Duration::from_secs(1), request("r", 1))).await;
    heard(&mut feed, "r", ProcessingState::Running).await;
    assert_eq!(mock.run("r").await.unwrap().state, ProcessingState::Running);
    let said = heard(&mut feed, "r", ProcessingState::Failed).await;
    let error = mock.ended("r").await.error.unwrap();
    assert_eq!(
        (error.class, error.code.as_str()),
        (ErrorClass::Retriable, "deadline")
    );
    assert_eq!(said.error, Some(error));
    assert!(scene.versions("QPO_ECL", 42).await.is_empty());
    mock.begin(&request("r", 2)).await;
    assert_eq!(
        mock.ended("r").await.product_version,
        Some(Version(1)),
        "only the first hangs"
    );
    mock.stop().await;
}

#[tokio::test]
async fn hang_can_be_cancelled() {
    let scene = Scene::start().await;
    let mut feed = scene.listen().await;
    let mock = scene.mock(&["--misbehave", "*=hang"]).await;
    mock.begin(&request("r", 1)).await;
    let answer = mock.delete(&format!("/{PROVIDER}/processing/r")).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    heard(&mut feed, "r", ProcessingState::Cancelled).await;
    assert_eq!(mock.run("r").await.unwrap().state, ProcessingState::Cancelled);
    assert!(scene.versions("QPO_ECL", 42).await.is_empty());
    mock.stop().await;
}

#[tokio::test]
async fn crash_takes_the_process_down_and_the_next_one_knows() {
    let scene = Scene::start().await;
    let mut feed = scene.listen().await;
    let args = ["--misbehave", "QPO_ECL=crash:1"];
    let mut mock = scene.mock(&args).await;
    // The answer may go down with it.
    let url = mock.url("/processing");
    mock.client.post(url).json(&request("r", 1)).send().await.ok();
    assert_eq!(mock.exit().await.signal(), Some(6), "SIGABRT");

    let mock = scene.mock(&args).await;
    let said = heard(&mut feed, "r", ProcessingState::Failed).await;
    let error = said.error.unwrap();
    assert_eq!(
        (error.class, error.code.as_str()),
        (ErrorClass::Retriable, "restarted")
    );
    assert!(scene.versions("QPO_ECL", 42).await.is_empty());
    mock.begin(&request("r", 2)).await;
    assert_eq!(mock.ended("r").await.state, ProcessingState::Succeeded);
    mock.stop().await;
}

#[tokio::test]
async fn import_twice_stores_two_versions_of_one_run() {
    let scene = Scene::start().await;
    let mut feed = scene.listen().await;
    let mock = scene.mock(&["--misbehave", "QPO_ECL=import-twice"]).await;
    mock.begin(&request("r", 1)).await;
    let said = heard(&mut feed, "r", ProcessingState::Succeeded).await;
    assert_eq!(said.product_version, Some(Version(2)));
    let versions = scene.versions("QPO_ECL", 42).await;
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[0].sha256, versions[1].sha256);
    for record in versions {
        assert_eq!(record.provenance.unwrap().run_id.unwrap().as_str(), "r");
    }
    mock.stop().await;
}

#[tokio::test]
async fn no_import_says_that_it_succeeded_and_has_stored_nothing() {
    let scene = Scene::start().await;
    let mut feed = scene.listen().await;
    let mock = scene.mock(&["--misbehave", "QPO_ECL=no-import:1"]).await;
    mock.begin(&request("r", 1)).await;
    let said = heard(&mut feed, "r", ProcessingState::Succeeded).await;
    assert_eq!((said.product_version, said.error), (None, None));
    let run = mock.ended("r").await;
    assert_eq!(
        (run.state, run.product_version),
        (ProcessingState::Succeeded, None)
    );
    assert!(scene.versions("QPO_ECL", 42).await.is_empty());
    mock.begin(&request("r", 2)).await;
    assert_eq!(mock.ended("r").await.product_version, Some(Version(1)));
    mock.stop().await;
}

#[tokio::test]
async fn permanent_and_panic_fail_as_their_class_says_and_harm_nobody_else() {
    let scene = Scene::start().await;
    let mut feed = scene.listen().await;
    let mock = scene
        .mock(&["--misbehave", "A=permanent,B=panic", "--workers", "1"])
        .await;
    for (product, class, code) in [
        ("A", ErrorClass::Permanent, "photons-missing"),
        ("B", ErrorClass::Retriable, "panic"),
    ] {
        mock.begin(&request_for(product, 42, product, 1)).await;
        let said = heard(&mut feed, product, ProcessingState::Failed)
            .await
            .error
            .unwrap();
        assert_eq!((said.class, said.code.as_str()), (class, code));
        assert_eq!(mock.ended(product).await.error, Some(said));
        assert!(scene.versions(product, 42).await.is_empty());
    }
    mock.begin(&request("r", 1)).await;
    assert_eq!(mock.ended("r").await.state, ProcessingState::Succeeded);
    mock.stop().await;
}

#[tokio::test]
async fn refuse_answers_as_each_status_should_and_remembers_nothing() {
    let scene = Scene::start().await;
    let kinds = [
        ("refuse-404", 404, "unknown-product", false),
        ("refuse-422", 422, "invalid-request", false),
        ("refuse-429", 429, "busy", true),
        ("refuse-500", 500, "internal", false),
        ("refuse-503", 503, "draining", true),
        ("refuse", 503, "draining", true),
    ];
    let all: Vec<_> = kinds
        .iter()
        .map(|(kind, ..)| format!("P_{kind}={kind}:2"))
        .collect();
    let mock = scene.mock(&["--misbehave", &all.join(",")]).await;
    for (kind, status, code, has_time) in kinds {
        let (product, run_id) = (format!("P_{kind}"), format!("r-{kind}"));
        for attempt in 1..=2 {
            let refused = mock.post(&request_for(&product, 42, &run_id, attempt)).await;
            assert_eq!(refused.problem(), (status, code), "{kind}");
            assert_eq!(refused.headers["content-type"], "application/problem+json");
            assert_eq!(refused.retry_after().is_some(), has_time, "{kind}");
            assert!(mock.run(&run_id).await.is_none(), "{kind}");
        }
        mock.begin(&request_for(&product, 42, &run_id, 3)).await;
        assert_eq!(
            mock.ended(&run_id).await.state,
            ProcessingState::Succeeded,
            "{kind}"
        );
        assert_eq!(scene.versions(&product, 42).await.len(), 1, "{kind}");
    }
    mock.stop().await;
}
