//! A run that somebody POSTed straight to a pipeline is adopted: it has its cell, and nothing is made twice for it.

use api::conductor::RunQuery;
use api::pipeline::ProcessingRequest;
use api::{Http, PageQuery, PipelineClient};
use domain::{CellState, ObsId, ProductName, RunState};
use stage::MOCK_PIPELINE;
use std::time::Duration;
use testkit::{Orchestra, OrchestraOptions, eventually, eventually_some};

/// What is waited for takes some seconds; a compiler beside it takes the rest.
const DEADLINE: Duration = Duration::from_mins(1);
/// Long enough to be seen at work: a pipeline says that it runs once a run takes more than a moment.
const SLOW: [&str; 6] = ["--min-delay", "3s", "--max-delay", "3s", "--failure-rate", "0"];
/// Who makes the product.
const PROVIDER: &str = "qpo_ecl_pipeline";

fn burst() -> ObsId {
    42_u64.try_into().expect("a small number is an observation")
}

fn qpo() -> ProductName {
    "QPO_ECL"
        .parse()
        .expect("a product of the graph has a valid name")
}

async fn in_flight(orchestra: &Orchestra) -> u64 {
    let page = orchestra.conductor().providers(&PageQuery::default()).await;
    let items = page.expect("the conductor lists its providers").items;
    let provider = items.iter().find(|item| item.provider.as_str() == PROVIDER);
    provider.expect("the provider is among them").in_flight
}

#[tokio::test]
async fn a_run_that_somebody_else_started_is_not_made_again() {
    let orchestra = OrchestraOptions::default()
        .args(MOCK_PIPELINE, SLOW)
        .start()
        .await;
    let conductor = orchestra.conductor();
    let url = orchestra
        .url(MOCK_PIPELINE)
        .join(PROVIDER)
        .expect("a name is a path");
    let posted = PipelineClient::new(Http::new())
        .post(&url, &ProcessingRequest::of(qpo(), burst()))
        .await
        .expect("the pipeline takes it");
    let cell = eventually_some(DEADLINE, async || {
        let view = conductor.cell(&burst(), &qpo()).await.ok()?;
        (view.cell.state == CellState::Running).then_some(view.cell)
    })
    .await;
    let by = format!("started at {PROVIDER} by somebody else");
    assert_eq!(cell.trigger.as_deref(), Some(by.as_str()));
    assert_eq!(in_flight(&orchestra).await, 1);

    // Now the conductor could make it, too.
    let body = r#"{"product":"EclTmVhfAlert","obs_id":42,"version":1}"#;
    orchestra.publish("data.vhf", body).await;
    eventually(DEADLINE, async || {
        let view = conductor.cell(&burst(), &qpo()).await;
        view.is_ok_and(|view| view.cell.state == CellState::Done)
    })
    .await;
    eventually(DEADLINE, async || in_flight(&orchestra).await == 0).await;
    let runs = conductor
        .runs(&RunQuery::default())
        .await
        .expect("the conductor lists its runs");
    let of_it: Vec<_> = runs.items.iter().filter(|run| run.product == qpo()).collect();
    assert_eq!(of_it.len(), 1, "{of_it:?}");
    assert_eq!(
        (of_it[0].state, of_it[0].version),
        (RunState::Succeeded, Some(domain::Version(1)))
    );
    assert_ne!(
        Some(&of_it[0].run_id),
        posted.run_id.as_ref(),
        "ours is unique everywhere"
    );
}
