//! The way it goes when nothing breaks.

use crate::scene::{PROVIDER, SOON, Scene, heard, request};
use domain::{Activity, InputRef, ProcessingState, ServiceState, Version};
use messaging::Heard;
use pipeline_bricks::{Failure, Function, Outcome, Pipeline, Product, ProductOffer, Task};
use reqwest::StatusCode;
use serde_json::{Value, json};

fn simple() -> impl Pipeline {
    Function::new("QPO_ECL".parse().unwrap(), "7.0", async |task: Task| {
        Product::json(&json!({"obs_id": task.obs_id()}))
    })
}

#[tokio::test]
async fn a_request_becomes_a_product_with_its_provenance() {
    let scene = Scene::start().await;
    let mut feed = scene.listen().await;
    let host = scene.host(simple(), &[]).await;
    let mut request = request("r1", 1);
    let input: InputRef = serde_json::from_value(
        json!({"product": "A", "revision": 3, "version": null, "source": "vhf", "href": null}),
    )
    .unwrap();
    request.inputs = Some(vec![input]);
    request.missing = vec!["B".parse().unwrap()];
    request.params = Some(json!({"bins": 7}).as_object().unwrap().clone());

    let response = host
        .client
        .post(format!("{}/processing", host.base))
        .json(&request)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    assert_eq!(
        response.headers()["location"],
        format!("/{PROVIDER}/processing/r1")
    );
    let body: Value = response.json().await.unwrap();
    assert_eq!(
        (&body["run_id"], &body["state"]),
        (&json!("r1"), &json!("accepted"))
    );

    let said = heard(&mut feed, ProcessingState::Succeeded).await;
    assert_eq!(
        (said.run_id.as_str(), said.product_version),
        ("r1", Some(Version(1)))
    );
    let versions = scene.versions("QPO_ECL", 42).await;
    assert_eq!(versions.len(), 1);
    let provenance = versions[0].provenance.clone().unwrap();
    assert_eq!(provenance.run_id.unwrap().as_str(), "r1");
    assert_eq!(provenance.provider.unwrap().as_str(), PROVIDER);
    assert_eq!(provenance.software_version.unwrap(), "7.0");
    assert_eq!(
        (provenance.inputs, provenance.params),
        (request.inputs, request.params)
    );
    assert_eq!(provenance.missing, request.missing);
    let run = host.ended("r1").await;
    assert_eq!(
        (run.state, run.product_version),
        (ProcessingState::Succeeded, Some(Version(1)))
    );
    host.stop().await;
}

#[tokio::test]
async fn the_mission_s_own_request_is_enough_at_any_base() {
    let scene = Scene::start().await;
    let host = scene.host(simple(), &[]).await;
    let url = host.base.replace(PROVIDER, "pipeline");
    let send = |body: &'static str| host.client.post(format!("{url}/processing")).body(body).send();
    let reply: Value = send(r#"{"product":"QPO_ECL","obs_id":7}"#)
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    host.ended(reply["run_id"].as_str().unwrap()).await;
    assert_eq!(scene.versions("QPO_ECL", 7).await.len(), 1);

    for (body, status, code) in [
        (r#"{"product":"NONE","obs_id":7}"#, 404, "unknown-product"),
        (
            r#"{"product":"QPO_ECL","obs_id":"../../etc"}"#,
            422,
            "invalid-obs-id",
        ),
        (r#"{"product":"QPO_ECL"}"#, 422, "invalid-request"),
        ("not json", 422, "invalid-request"),
    ] {
        let response = send(body).await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{body}");
        assert_eq!(response.json::<Value>().await.unwrap()["code"], code, "{body}");
    }
    let get = async |path: &str| {
        let response = host
            .client
            .get(format!("{}{path}", host.base))
            .send()
            .await
            .unwrap();
        (
            response.status().as_u16(),
            response.json::<Value>().await.unwrap(),
        )
    };
    assert_eq!(get("/products").await.1[0]["product"], "QPO_ECL");
    assert_eq!(get("/processing").await.1["items"].as_array().unwrap().len(), 1);
    let (status, body) = get("/processing/none").await;
    assert_eq!((status, &body["code"]), (404, &json!("unknown-run")));
    host.stop().await;
}

/// Fetches an input, imports a preliminary version, one beside its own, and the final one.
struct Generous;

impl Pipeline for Generous {
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
        let raw = "RAW".parse().unwrap();
        task.input(&raw).await?;
        let input = task.input(&raw).await?;
        task.import_preliminary(Product::json(&"first")?).await?;
        task.import_beside(&"QLC_ECL".parse().unwrap(), Product::json(&"beside")?)
            .await?;
        Ok(Outcome::Product(Product {
            bytes: input.bytes,
            ..Product::default()
        }))
    }
}

#[tokio::test]
async fn a_run_may_import_several_products_and_its_own_more_than_once() {
    let scene = Scene::start().await;
    let (obs_id, raw) = (42.try_into().unwrap(), "RAW".parse().unwrap());
    scene
        .sdb
        .import(&obs_id, &raw, "raw bytes".into(), &api::Import::default())
        .await
        .unwrap();
    let host = scene.host(Generous, &[]).await;
    host.start(&request("r", 1)).await;
    assert_eq!(host.ended("r").await.product_version, Some(Version(2)));
    let versions = scene.versions("QPO_ECL", 42).await;
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[1].meta.as_ref().unwrap()["preliminary"], true);
    let inputs = versions[0].provenance.as_ref().unwrap().inputs.as_ref().unwrap();
    let made_from: Vec<_> = inputs
        .iter()
        .map(|input| (input.product.as_str(), input.version))
        .collect();
    assert_eq!(
        made_from,
        [("RAW", Some(Version(1)))],
        "what was fetched is what it was made from, once"
    );
    assert_eq!(scene.versions("QLC_ECL", 42).await.len(), 1);
    host.stop().await;
}

#[tokio::test]
async fn a_provider_says_how_it_is_from_its_start_to_its_stop() {
    let scene = Scene::start().await;
    let mut feed = scene.listen().await;
    let host = scene.host(simple(), &[]).await;
    let mut told = async |wanted: ServiceState| {
        let wait = async {
            loop {
                if let Some(Heard::Message {
                    said: Activity::Status(status),
                    ..
                }) = feed.next().await
                    && status.service.as_str() == PROVIDER
                    && status.state == wanted
                {
                    return status;
                }
            }
        };
        tokio::time::timeout(SOON, wait).await.expect("it is said soon")
    };
    assert_eq!(told(ServiceState::Ready).await.version, "1.2.3");
    host.stop().await;
    told(ServiceState::Draining).await;
    told(ServiceState::Stopped).await;
}
