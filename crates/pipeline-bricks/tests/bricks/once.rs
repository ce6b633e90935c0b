//! Nothing is made twice, whatever is repeated.

use crate::scene::{Scene, request};
use domain::{Attempt, ProcessingState, Version};
use pipeline_bricks::{Failure, Outcome, Pipeline, Product, ProductOffer, Task};
use reqwest::StatusCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Counts how often it is asked; makes other bytes each time, the worst that a pipeline can do.
#[derive(Clone, Default)]
pub(crate) struct Counting {
    pub(crate) made: Arc<AtomicU32>,
    /// The first attempt imports and then fails.
    stumbles: bool,
}

impl Pipeline for Counting {
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
        let count = self.made.fetch_add(1, Ordering::SeqCst);
        let product = Product::json(&format!("take {count}"))?;
        if self.stumbles && task.attempt() == Attempt::FIRST {
            task.import(product).await?;
            return Err(Failure::retriable("stumbled", "after the import"));
        }
        Ok(Outcome::Product(product))
    }
}

#[tokio::test]
async fn a_repeat_answers_with_the_run_and_a_lower_attempt_is_stale() {
    let scene = Scene::start().await;
    let pipeline = Counting::default();
    let host = scene.host(pipeline.clone(), &[]).await;
    host.start(&request("r", 2)).await;
    host.ended("r").await;
    let (status, body) = host.post(&request("r", 2)).await;
    assert_eq!(
        (status, body["state"].as_str()),
        (StatusCode::OK, Some("succeeded"))
    );
    let (status, body) = host.post(&request("r", 1)).await;
    assert_eq!(
        (status, body["code"].as_str()),
        (StatusCode::CONFLICT, Some("stale-attempt"))
    );
    assert_eq!(pipeline.made.load(Ordering::SeqCst), 1);
    host.stop().await;
}

#[tokio::test]
async fn a_higher_attempt_finds_what_the_one_before_has_stored() {
    let scene = Scene::start().await;
    let pipeline = Counting {
        stumbles: true,
        ..Counting::default()
    };
    let host = scene.host(pipeline.clone(), &[]).await;
    host.start(&request("r", 1)).await;
    assert_eq!(host.ended("r").await.state, ProcessingState::Failed);
    host.start(&request("r", 2)).await;
    let run = host.reached("r", ProcessingState::Succeeded).await;
    assert_eq!((run.attempt, run.product_version), (Attempt(2), Some(Version(1))));
    assert_eq!(
        pipeline.made.load(Ordering::SeqCst),
        1,
        "the pipeline was not asked again"
    );
    assert_eq!(scene.versions("QPO_ECL", 42).await.len(), 1);
    host.stop().await;
}

#[tokio::test]
async fn a_pipeline_that_lost_its_memory_reads_back_what_its_key_says() {
    let scene = Scene::start().await;
    let pipeline = Counting::default();
    for _ in 0..2 {
        let host = scene.forgetful_host(pipeline.clone(), &[]).await;
        host.start(&request("r", 1)).await;
        let run = host.ended("r").await;
        assert_eq!(
            (run.state, run.product_version),
            (ProcessingState::Succeeded, Some(Version(1)))
        );
        host.stop().await;
    }
    assert_eq!(pipeline.made.load(Ordering::SeqCst), 2, "it could not know");
    assert_eq!(
        scene.versions("QPO_ECL", 42).await.len(),
        1,
        "and still there is one version"
    );
}

#[tokio::test]
async fn runs_are_remembered_across_an_orderly_restart() {
    let scene = Scene::start().await;
    let pipeline = Counting::default();
    let host = scene.host(pipeline.clone(), &[]).await;
    host.start(&request("r", 1)).await;
    host.ended("r").await;
    host.stop().await;
    let host = scene.host(pipeline.clone(), &[]).await;
    assert_eq!(host.run("r").await.unwrap().product_version, Some(Version(1)));
    assert_eq!(host.post(&request("r", 1)).await.0, StatusCode::OK);
    assert_eq!(pipeline.made.load(Ordering::SeqCst), 1);
    host.stop().await;
}
