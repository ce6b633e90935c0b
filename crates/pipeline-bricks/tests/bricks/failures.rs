//! What a pipeline, its SDB and its operator can do wrong.

use crate::scene::{Scene, heard, request};
use domain::{ErrorClass, ProcessingState};
use pipeline_bricks::{Failure, Outcome, Pipeline, Product, ProductOffer, Task};
use reqwest::StatusCode;
use std::time::Duration;

/// Does what the run's name says.
struct Acting;

impl Pipeline for Acting {
    fn offers(&self) -> Vec<ProductOffer> {
        let product = "QPO_ECL".parse().unwrap();
        vec![ProductOffer {
            product,
            software_version: None,
            expected: None,
            params_schema: None,
        }]
    }

    async fn make(&self, task: Task) -> Result<Outcome, Failure> {
        let part = task.run_id().to_string();
        task.log(format!("plays {part}"));
        match part.split('.').next().unwrap() {
            "hang" => {
                task.progress_with(0.5, "half way");
                task.cancellation().cancelled().await;
                Err(Failure::retriable("interrupted", "told to leave"))
            }
            "panic" => panic!("a bug"),
            "permanent" => Err(Failure::permanent("photons-missing", "the list is empty")),
            _ => Product::json(&"made").map(Outcome::Product),
        }
    }
}

#[tokio::test]
async fn a_cancelled_run_ends_cancelled_and_says_so() {
    let scene = Scene::start().await;
    let mut feed = scene.listen().await;
    let host = scene.host(Acting, &[]).await;
    host.start(&request("hang", 1)).await;
    let said = heard(&mut feed, ProcessingState::Running).await;
    assert_eq!(
        (said.progress, said.message.as_deref()),
        (Some(0.5), Some("half way"))
    );
    let url = format!("{}/processing/hang", host.base);
    assert_eq!(
        host.client.delete(&url).send().await.unwrap().status(),
        StatusCode::ACCEPTED
    );
    heard(&mut feed, ProcessingState::Cancelled).await;
    let run = host.ended("hang").await;
    assert_eq!(
        (run.state, run.log),
        (ProcessingState::Cancelled, vec!["plays hang".to_owned()])
    );
    assert_eq!(
        host.client.delete(&url).send().await.unwrap().status(),
        StatusCode::ACCEPTED,
        "again"
    );
    host.stop().await;
}

#[tokio::test]
async fn a_full_queue_is_busy_and_what_waits_can_be_cancelled() {
    let scene = Scene::start().await;
    let host = scene.host(Acting, &["--workers", "1", "--queue", "1"]).await;
    host.start(&request("hang.1", 1)).await;
    host.start(&request("hang.2", 1)).await;
    let url = format!("{}/processing", host.base);
    let refused = host
        .client
        .post(&url)
        .json(&request("hang.3", 1))
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()["retry-after"], "1");
    assert!(host.run("hang.3").await.is_none(), "it is not remembered");
    host.client.delete(format!("{url}/hang.2")).send().await.unwrap();
    assert_eq!(host.ended("hang.2").await.state, ProcessingState::Cancelled);
    host.start(&request("made", 1)).await;
    host.client.delete(format!("{url}/hang.1")).send().await.unwrap();
    assert_eq!(host.ended("made").await.state, ProcessingState::Succeeded);
    host.stop().await;
}

#[tokio::test]
async fn a_panic_and_a_permanent_failure_harm_nobody_else() {
    let scene = Scene::start().await;
    let host = scene.host(Acting, &["--workers", "1"]).await;
    for part in ["panic", "permanent", "made"] {
        host.start(&request(part, 1)).await;
    }
    let error = host.ended("panic").await.error.unwrap();
    assert_eq!(
        (error.class, error.code.as_str()),
        (ErrorClass::Retriable, "panic")
    );
    let error = host.ended("permanent").await.error.unwrap();
    assert_eq!(
        (error.class, error.code.as_str()),
        (ErrorClass::Permanent, "photons-missing")
    );
    assert_eq!(host.ended("made").await.state, ProcessingState::Succeeded);
    host.stop().await;
}

#[tokio::test]
async fn a_run_is_given_up_at_its_deadline() {
    let scene = Scene::start().await;
    let host = scene.host(Acting, &[]).await;
    let mut late = request("hang", 1);
    late.deadline = Some(service_kit::Clock::start(None).now() + Duration::from_millis(300));
    host.start(&late).await;
    let error = host.ended("hang").await.error.unwrap();
    assert_eq!(
        (error.class, error.code.as_str()),
        (ErrorClass::Retriable, "deadline")
    );
    host.stop().await;
}

#[tokio::test]
async fn an_import_waits_for_an_sdb_that_is_away() {
    let scene = Scene::start().await;
    let host = scene.host(Acting, &[]).await;
    scene.proxy.cut();
    host.start(&request("made", 1)).await;
    host.reached("made", ProcessingState::Running).await;
    assert!(scene.versions("QPO_ECL", 42).await.is_empty());
    scene.proxy.resume();
    assert_eq!(host.ended("made").await.state, ProcessingState::Succeeded);
    assert_eq!(scene.versions("QPO_ECL", 42).await.len(), 1);
    host.stop().await;
}

#[tokio::test]
async fn a_stop_ends_what_is_at_work_and_what_waits_as_stopped() {
    let scene = Scene::start().await;
    let mut feed = scene.listen().await;
    let host = scene.host(Acting, &["--workers", "1"]).await;
    host.start(&request("hang.1", 1)).await;
    host.start(&request("hang.2", 1)).await;
    host.stop().await;
    for _ in 0..2 {
        let error = heard(&mut feed, ProcessingState::Failed).await.error.unwrap();
        assert_eq!(
            (error.class, error.code.as_str()),
            (ErrorClass::Retriable, "stopped")
        );
    }
    let host = scene.host(Acting, &[]).await;
    assert_eq!(host.run("hang.1").await.unwrap().state, ProcessingState::Failed);
    host.stop().await;
}
