//! What is too large or none is refused before anything is made of it.

use crate::scene::{Scene, request};
use api::Import;
use domain::{Attempt, ErrorClass, JsonObject, ProductName};
use pipeline_bricks::{Failure, Function, Product, Task};

#[tokio::test]
async fn a_request_that_no_provenance_can_hold_is_refused() {
    let scene = Scene::start().await;
    let pipeline = Function::new("QPO_ECL".parse().unwrap(), "1", async |_: Task| Product::json(&1));
    let host = scene.host(pipeline, &[]).await;
    let mut large = request("r", 1);
    large.params = Some(JsonObject::from_iter([(
        "text".to_owned(),
        "€".repeat(1500).into(),
    )]));
    let mut endless = request("r", 1);
    endless.missing = vec!["A".repeat(64).parse().unwrap(); 200];
    for request in [large, endless] {
        let (status, body) = host.post(&request).await;
        assert_eq!(
            (status.as_u16(), body["code"].as_str()),
            (422, Some("provenance-too-large"))
        );
    }
    let (status, body) = host.post(&request("r", Attempt(0).0)).await;
    assert_eq!((status.as_u16(), body["field"].as_str()), (422, Some("attempt")));
    assert!(host.run("r").await.is_none(), "nothing is remembered of it");
    host.stop().await;
}

/// The names of inputs that are too many: each takes over 100 bytes of provenance.
fn many() -> impl Iterator<Item = ProductName> {
    (0..100).map(|number| format!("RAW_{number:060}").parse().unwrap())
}

#[tokio::test]
async fn a_run_that_fetched_more_than_it_can_tell_fails_for_good() {
    let scene = Scene::start().await;
    let obs_id = 42.try_into().unwrap();
    for name in many() {
        scene
            .sdb
            .import(&obs_id, &name, "raw".into(), &Import::default())
            .await
            .unwrap();
    }
    let greedy = Function::new("QPO_ECL".parse().unwrap(), "1", async |task: Task| {
        for name in many() {
            task.input(&name).await?;
        }
        Ok::<_, Failure>(Product::default())
    });
    let host = scene.host(greedy, &[]).await;
    host.start(&request("r", 1)).await;
    let error = host.ended("r").await.error.unwrap();
    assert_eq!(
        (error.class, error.code.as_str()),
        (ErrorClass::Permanent, "provenance-too-large")
    );
    assert!(error.message.contains("8192"), "{}", error.message);
    assert_eq!(scene.kept(), Vec::<String>::new());
    host.stop().await;
}
