//! The way it goes when it does what it should: products, their provenance, their fate, and its limits.

use crate::program::{Mock, PROVIDER};
use crate::scene::{SOON, Scene, heard, request, request_for, said};
use domain::{Activity, Attempt, ErrorClass, ProcessingState, ProductName, Version};
use product_graph::ProductGraph;
use reqwest::StatusCode;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use testkit::{eventually, repository_root};

#[tokio::test]
async fn one_post_becomes_a_product_in_the_sdb_that_says_what_it_was_made_from() {
    let scene = Scene::start().await;
    let mut feed = scene.listen().await;
    let mock = scene
        .mock(&["--min-delay", "200ms", "--max-delay", "400ms"])
        .await;
    let mut request = request("r1", 1);
    let input = json!({"product": "EclTmVhfAlert", "revision": 3, "version": 2, "source": "vhf", "href": "http://127.0.0.1:1/x"});
    request.inputs = Some(vec![serde_json::from_value(input).unwrap()]);
    request.missing = vec!["ATTITUDE".parse().unwrap()];
    request.params = Some(json!({"bins": 7}).as_object().unwrap().clone());
    let answer = mock.post(&request).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(answer.headers["location"], format!("/{PROVIDER}/processing/r1"));
    assert_eq!(
        (&answer.body["run_id"], &answer.body["state"]),
        (&json!("r1"), &json!("accepted"))
    );

    let running = heard(&mut feed, "r1", ProcessingState::Running).await;
    assert_eq!(
        (running.service.as_str(), running.attempt),
        (PROVIDER, Attempt(1))
    );
    let succeeded = heard(&mut feed, "r1", ProcessingState::Succeeded).await;
    assert_eq!(succeeded.product_version, Some(Version(1)));
    let run = mock.ended("r1").await;
    assert_eq!((run.state, run.progress), (ProcessingState::Succeeded, Some(1.0)));
    assert!(
        run.ended_at
            .unwrap()
            .duration_since(run.started_at.unwrap())
            .as_millis()
            >= 200
    );

    let versions = scene.versions("QPO_ECL", 42).await;
    assert_eq!(versions.len(), 1);
    let provenance = versions[0].provenance.clone().unwrap();
    assert_eq!(provenance.run_id.unwrap().as_str(), "r1");
    assert_eq!(provenance.attempt, Some(Attempt(1)));
    assert_eq!(provenance.provider.unwrap().as_str(), PROVIDER);
    assert_eq!(provenance.software_version.unwrap(), env!("CARGO_PKG_VERSION"));
    assert_eq!(
        (provenance.inputs, provenance.params, provenance.missing),
        (request.inputs, request.params, request.missing)
    );
    let document = scene.document("QPO_ECL", 42).await;
    assert_eq!(
        (&document["product"], &document["obs_id"], &document["schema"]),
        (&json!("QPO_ECL"), &json!(42), &json!("position/1"))
    );
    let made_from = json!([{"product": "EclTmVhfAlert", "revision": 3, "version": 2, "source": "vhf"}]);
    assert_eq!(document["made_from"], made_from);
    mock.stop().await;
}

#[tokio::test]
async fn a_position_is_near_the_one_that_an_input_tells() {
    let scene = Scene::start().await;
    let mock = scene
        .mock(&["--min-delay", "2s", "--max-delay", "2s", "--failure-rate", "0"])
        .await;
    let packet = r#"{"t0":"2026-02-25T03:18:45.1Z","ra_deg":113.498,"dec_deg":32.3892}"#;
    let alert: ProductName = "EclTmVhfAlert".parse().unwrap();
    let told = scene
        .sdb()
        .import(
            &42.try_into().unwrap(),
            &alert,
            packet.into(),
            &api::Import::default(),
        )
        .await
        .unwrap();
    let mut request = request("r1", 1);
    let input = json!({"product": alert, "revision": 1, "href": told.href});
    request.inputs = Some(vec![serde_json::from_value(input).unwrap()]);
    mock.post(&request).await;
    assert_eq!(mock.ended("r1").await.state, ProcessingState::Succeeded);

    let document = scene.document("QPO_ECL", 42).await;
    assert_eq!(document["data"]["time"], "2026-02-25T03:18:45.1Z");
    let degrees = |name: &str| document["data"][name].as_f64().unwrap();
    assert!((degrees("ra_deg") - 113.498).abs() < 1.0 && (degrees("dec_deg") - 32.3892).abs() < 1.0);
    mock.stop().await;
}

/// How many attempts it takes until each cell is made, as the process tells.
async fn attempts(mock: &Mock, run_ids: &str) -> BTreeMap<u64, u32> {
    let mut all = BTreeMap::new();
    for obs_id in 1..=20 {
        let run_id = format!("{run_ids}-{obs_id}");
        for attempt in 1.. {
            mock.begin(&request_for("QPO_ECL", obs_id, &run_id, attempt))
                .await;
            let run = mock.ended(&run_id).await;
            if run.state == ProcessingState::Succeeded {
                all.insert(obs_id, attempt);
                break;
            }
            assert_eq!(run.error.unwrap().class, ErrorClass::Retriable);
        }
    }
    all
}

#[tokio::test]
async fn failures_are_the_same_after_a_restart_and_others_in_another_attempt_run_or_seed() {
    let scene = Scene::start().await;
    let args = ["--failure-rate", "0.5", "--seed", "7"];
    let mock = scene.mock(&args).await;
    let first = attempts(&mock, "first").await;
    let retried = attempts(&mock, "second").await;
    assert_ne!(retried, first, "another run of the same cells");
    mock.stop().await;
    // Nothing but the hash can tell it: not the memory of the process, nor an SDB that has the products.
    let elsewhere = Scene::start().await;
    let mock = elsewhere.mock(&args).await;
    assert_eq!(attempts(&mock, "first").await, first);
    mock.stop().await;
    let different: BTreeSet<_> = first.values().collect();
    assert!(
        different.len() > 1,
        "some succeed at once and some later: {first:?}"
    );
    let other_seed = ["--failure-rate", "0.5", "--seed", "8"];
    let mock = scene.mock_at("third", &other_seed, &[]).await;
    assert_ne!(attempts(&mock, "third").await, first);
    mock.stop().await;
}

#[tokio::test]
async fn one_process_plays_all_nine_providers_of_the_graph() {
    let scene = Scene::start().await;
    let mut feed = scene.listen().await;
    let path = repository_root().join("graph.json");
    let graph = ProductGraph::parse(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let mock = scene.mock(&["--graph", path.to_str().unwrap()]).await;
    let mut silent: BTreeSet<String> = graph.providers().keys().map(ToString::to_string).collect();
    assert_eq!(silent.len(), 9);
    let mut runs = Vec::new();
    for (provider, spec) in graph.providers() {
        let names: BTreeSet<&str> = spec
            .products
            .iter()
            .map(|product| graph.name(*product).as_str())
            .collect();
        let offers = mock.get(&format!("/{provider}/products")).await.body;
        let offered: BTreeSet<&str> = offers
            .as_array()
            .unwrap()
            .iter()
            .map(|offer| offer["product"].as_str().unwrap())
            .collect();
        assert_eq!(offered, names, "{provider}");
        for name in names {
            let run_id = format!("run-{name}");
            let answer = mock
                .post_to(provider.as_str(), &request_for(name, 42, &run_id, 1))
                .await;
            assert_eq!(answer.status, StatusCode::ACCEPTED, "{name}: {}", answer.body);
            runs.push((provider.clone(), run_id, name.to_owned()));
        }
    }
    for (provider, run_id, name) in &runs {
        eventually(SOON, async || {
            let run = mock.run_of(provider.as_str(), run_id).await.unwrap();
            run.state == ProcessingState::Succeeded
        })
        .await;
        let made = scene.versions(name, 42).await;
        assert_eq!(made.len(), 1, "{name}");
        assert_eq!(
            made[0].provenance.as_ref().unwrap().provider.as_ref(),
            Some(provider)
        );
    }
    let (stranger, run_id, _) = &runs[0];
    let other = graph
        .providers()
        .keys()
        .find(|provider| *provider != stranger)
        .unwrap();
    assert!(
        mock.run_of(other.as_str(), run_id).await.is_none(),
        "runs belong to their provider"
    );
    let name = &runs.iter().find(|(provider, ..)| provider == stranger).unwrap().2;
    let refused = mock.post_to(other.as_str(), &request_for(name, 42, "r", 1)).await;
    assert_eq!(refused.problem(), (404, "unknown-product"));
    said(&mut feed, |activity| {
        if let Activity::Status(status) = activity {
            silent.remove(status.service.as_str());
        }
        silent.is_empty().then_some(())
    })
    .await;
    mock.stop().await;
}

#[tokio::test]
async fn a_full_queue_is_answered_429_with_a_time_and_harms_no_other_provider() {
    let scene = Scene::start().await;
    let args = ["--workers", "1", "--queue", "1", "--misbehave", "HANGS=hang"];
    let mock = scene.mock(&args).await;
    mock.begin(&request_for("HANGS", 1, "works", 1)).await;
    mock.begin(&request_for("HANGS", 2, "waits", 1)).await;
    for _ in 0..2 {
        let refused = mock.post(&request("r", 1)).await;
        assert_eq!(refused.problem(), (429, "busy"));
        assert!(
            refused.retry_after().is_some_and(|seconds| seconds >= 1),
            "{refused:?}"
        );
    }
    assert!(mock.run("r").await.is_none(), "it is not remembered");
    let repeat = mock.post(&request_for("HANGS", 2, "waits", 1)).await;
    assert_eq!(repeat.status, StatusCode::OK, "what is known needs no place");
    let elsewhere = mock
        .post_to("vtac_pipeline", &request_for("MXT_POS", 3, "r", 1))
        .await;
    assert_eq!(elsewhere.status, StatusCode::ACCEPTED);

    let cancelled = mock.delete(&format!("/{PROVIDER}/processing/waits")).await;
    assert_eq!(cancelled.status, StatusCode::ACCEPTED);
    assert_eq!(mock.ended("waits").await.state, ProcessingState::Cancelled);
    mock.begin(&request("r", 1)).await;
    assert_eq!(
        mock.run("r").await.unwrap().state,
        ProcessingState::Accepted,
        "it waits"
    );
}

#[tokio::test]
async fn only_what_waits_long_says_so() {
    let scene = Scene::start().await;
    let mut feed = scene.listen().await;
    let mock = scene.mock(&["--workers", "1", "--misbehave", "HANGS=hang"]).await;
    mock.begin(&request("at-once", 1)).await;
    mock.ended("at-once").await;
    mock.begin(&request_for("HANGS", 1, "works", 1)).await;
    mock.begin(&request("waits", 1)).await;
    let waits = said(&mut feed, |activity| {
        let Activity::Processing(said) = activity else {
            return None;
        };
        (said.state == ProcessingState::Accepted).then_some(said.run_id)
    });
    assert_eq!(waits.await.as_str(), "waits");
}

#[tokio::test]
async fn a_question_about_nobody_brings_nobody_into_being() {
    let scene = Scene::start().await;
    let mock = scene.mock(&[]).await;
    assert!(mock.run_of("nobody", "r").await.is_none());
    assert_eq!(
        mock.delete("/nobody/processing/r").await.problem(),
        (404, "unknown-run")
    );
    assert_eq!(mock.get("/nobody/products").await.body, json!([]));
    assert_eq!(
        mock.get("/no.body/products").await.problem(),
        (404, "unknown-provider")
    );
    assert!(!scene.state("nobody.jsonl").exists());
    let answer = mock.post_to("somebody", &request_for("ANY", 1, "r", 1)).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert!(scene.state("somebody.jsonl").exists());
    mock.stop().await;
}
