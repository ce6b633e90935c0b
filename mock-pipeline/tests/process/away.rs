//! The SDB is away for a while, or for too long.

use crate::program::{Mock, PROVIDER};
use crate::scene::{SOON, Scene, due_in, heard, request};
use domain::{Attempt, ErrorClass, ProcessingState, Version};
use std::{os::unix::process::ExitStatusExt as _, time::Duration};
use testkit::eventually;

fn kept(scene: &Scene) -> bool {
    let path = format!("kept/{PROVIDER}/r.product");
    scene.state(&path).exists()
}

/// Long enough for a product to be kept, short enough to wait for.
const BRIEF: Duration = Duration::from_secs(3);

#[tokio::test]
async fn an_import_is_tried_until_the_sdb_is_back() {
    let mut scene = Scene::without_sdb().await;
    let mut feed = scene.listen().await;
    let mock = scene.mock(&[]).await;
    mock.begin(&due_in(SOON, request("r", 1))).await;
    heard(&mut feed, "r", ProcessingState::Running).await;
    eventually(SOON, async || kept(&scene)).await;
    assert_eq!(mock.run("r").await.unwrap().state, ProcessingState::Running);
    scene.start_sdb().await;
    let said = heard(&mut feed, "r", ProcessingState::Succeeded).await;
    assert_eq!(
        (said.attempt, said.product_version),
        (Attempt(1), Some(Version(1)))
    );
    assert_eq!(scene.versions("QPO_ECL", 42).await.len(), 1);
    eventually(SOON, async || !kept(&scene)).await;
    mock.stop().await;
}

/// The run has made its product, could not import it, and has given up at its deadline.
async fn given_up(scene: &Scene) -> Mock {
    let mock = scene.mock(&[]).await;
    mock.begin(&due_in(BRIEF, request("r", 1))).await;
    let run = mock.ended("r").await;
    let error = run.error.unwrap();
    assert_eq!(error.class, ErrorClass::Retriable);
    assert!(
        ["sdb-unavailable", "deadline"].contains(&error.code.as_str()),
        "{error:?}"
    );
    assert!(kept(scene));
    mock
}

/// The second attempt imports what the first has made: it would fail if it made anything itself.
async fn imported_by_the_second_attempt(scene: &Scene, mock: &Mock) {
    mock.begin(&request("r", 2)).await;
    let run = mock.ended("r").await;
    assert_eq!((run.error, run.product_version), (None, Some(Version(1))));
    assert_eq!(
        run.log,
        ["an earlier attempt has made it and could not import it; it is not made again"]
    );
    let versions = scene.versions("QPO_ECL", 42).await;
    let provenance = versions[0].provenance.clone().unwrap();
    assert_eq!((versions.len(), provenance.attempt), (1, Some(Attempt(2))));
    assert_eq!(scene.document("QPO_ECL", 42).await["obs_id"], 42);
    assert!(!kept(scene));
}

/// From now on it makes nothing.
const BARREN: [&str; 2] = ["--failure-rate", "1"];

#[tokio::test]
async fn what_met_its_deadline_is_imported_by_the_next_attempt_also_after_a_kill() {
    let mut scene = Scene::without_sdb().await;
    let mock = given_up(&scene).await;
    mock.kill().await;
    scene.start_sdb().await;
    let mock = scene.mock(&BARREN).await;
    imported_by_the_second_attempt(&scene, &mock).await;
    mock.stop().await;
}

#[tokio::test]
async fn what_was_kept_when_the_process_died_is_imported_by_the_next_attempt() {
    let mut scene = Scene::without_sdb().await;
    let mut mock = scene.mock_crashing_at("brick-after-keep", &[]).await;
    mock.begin(&request("r", 1)).await;
    assert_eq!(mock.exit().await.signal(), Some(6), "SIGABRT");
    assert!(kept(&scene));
    scene.start_sdb().await;
    let mock = scene.mock(&BARREN).await;
    imported_by_the_second_attempt(&scene, &mock).await;
    mock.stop().await;
}

#[tokio::test]
async fn an_sdb_that_dies_and_comes_back_meanwhile_costs_no_attempt() {
    let mut scene = Scene::start().await;
    let mock = scene
        .mock(&["--min-delay", "300ms", "--max-delay", "300ms"])
        .await;
    mock.begin(&due_in(SOON, request("r", 1))).await;
    scene.kill_sdb();
    eventually(SOON, async || kept(&scene)).await;
    scene.start_sdb().await;
    let run = mock.ended("r").await;
    assert_eq!((run.attempt, run.product_version), (Attempt(1), Some(Version(1))));
    mock.stop().await;
}
