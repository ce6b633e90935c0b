//! Killed at the worst moments, and started again with the same memory.

use crate::program::PROVIDER;
use crate::scene::{SOON, Scene, heard, request};
use domain::{Attempt, ErrorClass, ProcessingState, Version};
use reqwest::StatusCode;
use std::os::unix::process::ExitStatusExt as _;
use testkit::eventually_some;

#[tokio::test]
async fn a_run_that_was_killed_is_remembered_and_only_a_higher_attempt_starts_it_again() {
    let scene = Scene::start().await;
    let mut feed = scene.listen().await;
    let args = ["--misbehave", "QPO_ECL=hang:1"];
    let mock = scene.mock(&args).await;
    mock.begin(&request("r", 1)).await;
    mock.at_work("r").await;
    mock.kill().await;

    let mock = scene.mock(&args).await;
    let error = heard(&mut feed, "r", ProcessingState::Failed)
        .await
        .error
        .unwrap();
    assert_eq!(
        (error.class, error.code.as_str()),
        (ErrorClass::Retriable, "restarted")
    );
    assert_eq!(mock.run("r").await.unwrap().error, Some(error));
    let repeat = mock.post(&request("r", 1)).await;
    assert_eq!(
        (repeat.status, repeat.body["state"].as_str()),
        (StatusCode::OK, Some("failed"))
    );
    assert_eq!(
        mock.run("r").await.unwrap().state,
        ProcessingState::Failed,
        "nothing has started"
    );

    mock.begin(&request("r", 2)).await;
    let run = mock.ended("r").await;
    assert_eq!((run.attempt, run.product_version), (Attempt(2), Some(Version(1))));
    assert_eq!(
        mock.post(&request("r", 1)).await.problem(),
        (409, "stale-attempt")
    );
    let runs = mock.get(&format!("/{PROVIDER}/processing")).await.body;
    assert_eq!(runs["items"].as_array().unwrap().len(), 1, "it is one run");
    mock.kill().await;

    let mock = scene.mock(&args).await;
    let repeat = mock.post(&request("r", 2)).await;
    assert_eq!(
        (repeat.status, repeat.body["state"].as_str()),
        (StatusCode::OK, Some("succeeded"))
    );
    assert_eq!(
        mock.run("r").await.unwrap(),
        run,
        "a kill changes nothing in what has ended"
    );
    assert_eq!(scene.versions("QPO_ECL", 42).await.len(), 1);
    mock.stop().await;
}

/// Posts a run to a process that dies at the point, whether it has answered by then or not.
async fn crash(scene: &Scene, point: &str) {
    let mut mock = scene.mock_crashing_at(point, &[]).await;
    let url = mock.url("/processing");
    mock.client.post(url).json(&request("r", 1)).send().await.ok();
    assert_eq!(mock.exit().await.signal(), Some(6), "SIGABRT");
}

#[tokio::test]
async fn a_run_whose_product_is_stored_has_succeeded_though_the_process_died_before_it_could_say_so() {
    let scene = Scene::start().await;
    let mut feed = scene.listen().await;
    crash(&scene, "brick-after-import").await;
    assert_eq!(scene.versions("QPO_ECL", 42).await.len(), 1);

    let mock = scene.mock(&[]).await;
    let said = heard(&mut feed, "r", ProcessingState::Succeeded).await;
    assert_eq!(
        (said.attempt, said.product_version),
        (Attempt(1), Some(Version(1)))
    );
    let run = mock.run("r").await.unwrap();
    assert_eq!((run.state, run.error), (ProcessingState::Succeeded, None));
    let repeat = mock.post(&request("r", 1)).await;
    assert_eq!(
        (repeat.status, repeat.body["state"].as_str()),
        (StatusCode::OK, Some("succeeded"))
    );
    mock.stop().await;

    // It is on disk as well: nobody has to ask again.
    let mock = scene.mock(&[]).await;
    assert_eq!(mock.run("r").await.unwrap().state, ProcessingState::Succeeded);
    mock.begin(&request("r", 2)).await;
    let run = mock.ended("r").await;
    assert_eq!((run.attempt, run.product_version), (Attempt(2), Some(Version(1))));
    assert_eq!(
        scene.versions("QPO_ECL", 42).await.len(),
        1,
        "a higher attempt finds it too"
    );
    mock.stop().await;
}

#[tokio::test]
async fn a_run_that_died_before_its_import_is_made_by_the_next_attempt_once() {
    for point in ["brick-after-accept", "brick-before-import"] {
        let scene = Scene::start().await;
        let mut feed = scene.listen().await;
        crash(&scene, point).await;
        let mock = scene.mock(&[]).await;
        let error = heard(&mut feed, "r", ProcessingState::Failed)
            .await
            .error
            .unwrap();
        assert_eq!(error.code, "restarted", "{point}");
        assert_eq!(
            mock.post(&request("r", 1)).await.status,
            StatusCode::OK,
            "{point}"
        );
        assert!(scene.versions("QPO_ECL", 42).await.is_empty(), "{point}");
        mock.begin(&request("r", 2)).await;
        assert_eq!(mock.ended("r").await.state, ProcessingState::Succeeded, "{point}");
        assert_eq!(scene.versions("QPO_ECL", 42).await.len(), 1, "{point}");
        mock.stop().await;
    }
}

#[tokio::test]
async fn an_sdb_that_is_away_at_the_restart_is_asked_until_it_is_back() {
    let mut scene = Scene::start().await;
    let mut feed = scene.listen().await;
    crash(&scene, "brick-after-import").await;
    scene.kill_sdb();
    let mock = scene.mock(&[]).await;
    let run = eventually_some(SOON, async || mock.run("r").await).await;
    assert_eq!(run.error.unwrap().code, "restarted", "until it is known better");
    scene.start_sdb().await;
    heard(&mut feed, "r", ProcessingState::Succeeded).await;
    assert_eq!(mock.run("r").await.unwrap().product_version, Some(Version(1)));
    mock.stop().await;
}
