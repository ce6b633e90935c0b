//! A product that could not be imported is imported by the next attempt, and not made again.

use crate::{
    once::Counting,
    scene::{Running, SOON, Scene, request},
};
use domain::{Attempt, ErrorClass, ProcessingState, Version};
use std::sync::atomic::Ordering;
use std::time::Duration;
use testkit::eventually;

/// Long enough for a product to be kept, short enough to wait for.
const BRIEF: Duration = Duration::from_secs(2);

/// An attempt with little time.
async fn attempt_briefly(host: &Running, attempt: u32) {
    let mut request = request("r", attempt);
    request.deadline = Some(service_kit::Clock::start(None).now() + BRIEF);
    host.start(&request).await;
}

async fn failed_with(host: &Running, codes: &[&str]) {
    let error = host.ended("r").await.error.unwrap();
    assert_eq!(error.class, ErrorClass::Retriable);
    assert!(codes.contains(&error.code.as_str()), "{error:?}");
}

#[tokio::test]
async fn what_met_its_deadline_is_imported_by_the_next_attempt() {
    let scene = Scene::start().await;
    let pipeline = Counting::default();
    let host = scene.host(pipeline.clone(), &[]).await;
    scene.proxy.cut();
    attempt_briefly(&host, 1).await;
    failed_with(&host, &["sdb-unavailable", "deadline"]).await;
    assert_eq!(scene.kept(), ["r.product"]);

    scene.proxy.resume();
    host.start(&request("r", 2)).await;
    let run = host.reached("r", ProcessingState::Succeeded).await;
    assert_eq!((run.attempt, run.product_version), (Attempt(2), Some(Version(1))));
    assert_eq!(pipeline.made.load(Ordering::SeqCst), 1, "it was not made again");
    assert!(run.log[0].contains("not made again"), "{:?}", run.log);
    let versions = scene.versions("QPO_ECL", 42).await;
    let provenance = versions[0].provenance.as_ref().unwrap();
    assert_eq!((versions.len(), provenance.attempt), (1, Some(Attempt(2))));
    assert_eq!(scene.kept(), Vec::<String>::new());
    host.stop().await;
}

#[tokio::test]
async fn an_sdb_that_never_answers_is_no_different_and_a_restart_forgets_nothing() {
    let scene = Scene::start().await;
    let pipeline = Counting::default();
    let host = scene.host(pipeline.clone(), &[]).await;
    scene.proxy.stall();
    attempt_briefly(&host, 1).await;
    failed_with(&host, &["sdb-unavailable", "deadline"]).await;
    host.stop().await;
    scene.proxy.resume();
    let host = scene.host(pipeline.clone(), &[]).await;
    host.start(&request("r", 2)).await;
    host.reached("r", ProcessingState::Succeeded).await;
    assert_eq!(pipeline.made.load(Ordering::SeqCst), 1);
    assert_eq!(scene.versions("QPO_ECL", 42).await.len(), 1);
    host.stop().await;
}

#[tokio::test]
async fn a_stop_keeps_what_is_being_imported() {
    let scene = Scene::start().await;
    let pipeline = Counting::default();
    let host = scene.host(pipeline.clone(), &[]).await;
    scene.proxy.cut();
    host.start(&request("r", 1)).await;
    host.reached("r", ProcessingState::Running).await;
    host.stop().await;
    assert_eq!(scene.kept(), ["r.product"]);
}

#[tokio::test]
async fn nobody_keeps_what_nobody_wants() {
    let scene = Scene::start().await;
    let host = scene.host(Counting::default(), &[]).await;
    scene.proxy.cut();
    host.start(&request("r", 1)).await;
    eventually(SOON, async || !scene.kept().is_empty()).await;
    let url = format!("{}/processing/r", host.base);
    host.client.delete(url).send().await.unwrap();
    assert_eq!(host.ended("r").await.state, ProcessingState::Cancelled);
    assert_eq!(scene.kept(), Vec::<String>::new());
    host.stop().await;
}

#[tokio::test]
async fn a_host_without_a_state_directory_keeps_nothing_and_makes_it_again() {
    let scene = Scene::start().await;
    let pipeline = Counting::default();
    let host = scene.forgetful_host(pipeline.clone(), &[]).await;
    scene.proxy.cut();
    attempt_briefly(&host, 1).await;
    failed_with(&host, &["sdb-unavailable", "deadline"]).await;
    scene.proxy.resume();
    host.start(&request("r", 2)).await;
    host.reached("r", ProcessingState::Succeeded).await;
    assert_eq!(pipeline.made.load(Ordering::SeqCst), 2);
    host.stop().await;
}
