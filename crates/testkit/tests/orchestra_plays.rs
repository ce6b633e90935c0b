//! The orchestra plays: a message about an input leads to all that can be made of it, and an operator's word
//! to what he asked for.

use api::conductor::{BlockerKind, CellView, ManualRequest, Selector};
use api::pipeline::RunAnswer;
use api::{ApiError, ConductorClient, Http, PipelineClient};
use domain::{CellState, ObsId, ProcessingState, ProductName, RunState, Version};
use stage::{CONDUCTOR, MOCK_PIPELINE};
use std::collections::BTreeSet;
use std::time::Duration;
use testkit::{Orchestra, OrchestraOptions, Outcome, closure, eventually, eventually_some, graph};

/// What comes of one alert takes a second, with pipelines that do not wait; a compiler beside it takes the rest.
const DEADLINE: Duration = Duration::from_mins(1);
/// The pipelines make everything at once and never fail.
const AT_ONCE: [&str; 6] = ["--min-delay", "0s", "--max-delay", "0s", "--failure-rate", "0"];
/// A complete message, as PROTOCOL.md has it.
const ALERT: &str = r#"{"product":"EclTmVhfAlert","obs_id":42}"#;

fn obs(number: u64) -> ObsId {
    number.try_into().expect("a small number is an observation")
}

fn name(product: &str) -> ProductName {
    product.parse().expect("a product of the graph has a valid name")
}

fn options() -> OrchestraOptions {
    OrchestraOptions::default().args(MOCK_PIPELINE, AT_ONCE)
}

/// All that an ECLAIRs alert alone leads to, by `graph.json`.
fn of_an_alert() -> BTreeSet<String> {
    let made = closure(&graph(), &BTreeSet::from(["EclTmVhfAlert".to_owned()]));
    assert!(made.contains("QPO_ECL") && made.contains("TT_ECL") && made.len() > 5);
    made
}

/// Waits until these products, and no others, have this many versions each.
async fn versions(
    orchestra: &Orchestra,
    obs_id: &ObsId,
    products: &BTreeSet<String>,
    count: usize,
) -> Outcome {
    let outcome = Outcome::settled(orchestra, DEADLINE, |outcome| {
        let short = |product: &&String| outcome.versions(obs_id, product).len() < count;
        products.iter().filter(short).cloned().collect()
    })
    .await;
    assert_eq!(outcome.stored(obs_id), *products);
    for product in products {
        assert_eq!(outcome.versions(obs_id, product).len(), count, "{product}");
    }
    outcome
}

/// The SDB has exactly this, as its records say, and each cell of the conductor is `done` or says why not.
async fn assert_whole(orchestra: &Orchestra, outcome: &Outcome, obs_id: &ObsId, products: &BTreeSet<String>) {
    assert_eq!(outcome.stored(obs_id), *products);
    let wrong = outcome.wrong_exports(orchestra).await.expect("the SDB exports");
    assert_eq!(wrong, [""; 0]);
    for cell in outcome.cells(obs_id) {
        let told = (cell.product.as_str(), cell.state, cell.reason.as_deref());
        if products.contains(cell.product.as_str()) {
            assert_eq!(cell.state, CellState::Done, "{told:?}");
            assert!(cell.run_id.is_some() && cell.version.is_some(), "{cell:?}");
        } else if cell.product == name("EclTmVhfAlert") {
            assert_eq!(cell.state, CellState::Received, "{told:?}");
        } else {
            assert_eq!(cell.state, CellState::NotExpected, "{told:?}");
            assert!(
                cell.reason.as_ref().is_some_and(|reason| !reason.is_empty()),
                "{told:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_plain_publish_leads_to_all_that_follows() {
    let orchestra = options().start().await;
    orchestra.publish("data.vhf", ALERT).await;
    let (alert, products) = (obs(42), of_an_alert());
    let outcome = versions(&orchestra, &alert, &products, 1).await;
    assert_whole(&orchestra, &outcome, &alert, &products).await;
    assert_eq!(outcome.made_twice(), [""; 0]);
    for record in &outcome.records {
        // What it was made from is stored with it, and is what the conductor had asked for.
        let provenance = record.provenance.as_ref().expect("a brick says how it was made");
        let runs = outcome.runs_of(&alert, record.product.as_str());
        assert_eq!(runs.len(), 1, "{}", record.product);
        assert_eq!(provenance.run_id.as_ref(), Some(&runs[0].run_id));
        assert_eq!(provenance.inputs.as_ref(), Some(&runs[0].inputs));
        assert_eq!(runs[0].state, RunState::Succeeded);
        assert!(
            runs[0]
                .trigger
                .as_ref()
                .is_some_and(|trigger| !trigger.is_empty())
        );
    }
}

#[tokio::test]
async fn the_least_pipeline_plays_as_well() {
    let orchestra = options().args(MOCK_PIPELINE, ["--least"]).start().await;
    orchestra.publish("data.vhf", ALERT).await;
    let (alert, products) = (obs(42), of_an_alert());
    let outcome = versions(&orchestra, &alert, &products, 1).await;
    assert_whole(&orchestra, &outcome, &alert, &products).await;
    assert_eq!(outcome.made_twice(), [""; 0]);
}

#[tokio::test]
async fn a_newer_input_makes_each_dependant_once_more() {
    let orchestra = options().start().await;
    let (alert, products) = (obs(42), of_an_alert());
    let announce = async |version: u64| {
        let body = format!(r#"{{"product":"EclTmVhfAlert","obs_id":42,"version":{version}}}"#);
        orchestra.publish("data.vhf", body).await;
    };
    announce(2).await;
    versions(&orchestra, &alert, &products, 1).await;
    // A repeat, and one that comes late: neither is newer.
    announce(2).await;
    announce(1).await;
    announce(3).await;
    let outcome = versions(&orchestra, &alert, &products, 2).await;
    assert_whole(&orchestra, &outcome, &alert, &products).await;
    assert_eq!(outcome.made_twice(), [""; 0]);
    for product in &products {
        let runs = outcome.runs_of(&alert, product);
        assert_eq!(runs.len(), 2, "{product}");
        // The change went through the graph in order: the second run had the second of everything.
        for input in &runs[1].inputs {
            let cell = outcome
                .cell(&alert, input.product.as_str())
                .expect("an input has a cell");
            assert_eq!(input.revision, cell.revision, "{} of {product}", input.product);
        }
        assert!(
            runs[1]
                .missing
                .iter()
                .all(|input| !products.contains(input.as_str())),
            "{product} did without what can be made: {:?}",
            runs[1].missing
        );
    }
    // Three data of the alert, of which the second to come is the oldest.
    let input = outcome
        .cell(&alert, "EclTmVhfAlert")
        .expect("the alert has a cell");
    assert_eq!(
        (input.version, input.revision.map(|revision| revision.0)),
        (Some(Version(3)), Some(3))
    );
}

#[tokio::test]
async fn an_operator_makes_a_product_by_hand() {
    let orchestra = options().start().await;
    let conductor = orchestra.conductor();
    let request = |product: &str, force| ManualRequest {
        product: name(product),
        obs_id: obs(42),
        force,
        params: serde_json::Map::from_iter([("bins".to_owned(), 64.into())]),
        note: None,
    };

    let unknown = conductor.process(&request("NO_SUCH", false)).await;
    assert_eq!(status_of(unknown.map(|_| ())), 404);
    let refused = conductor
        .process(&request("QPO_ECL", false))
        .await
        .expect_err("no alert yet");
    let ApiError::Problem(problem) = &refused else {
        panic!("{refused}")
    };
    assert_eq!(problem.status, 409);
    let why = problem.why().expect("a refusal for missing inputs says which");
    assert_eq!(why.blockers[0].what, "EclTmVhfAlert", "{why:?}");

    let (alert, products) = (obs(42), of_an_alert());
    orchestra.publish("data.vhf", ALERT).await;
    let before = versions(&orchestra, &alert, &products, 1).await;
    let (answer, was_there) = conductor
        .process(&request("QCAT_ECL", false))
        .await
        .expect("it is done");
    assert!(was_there, "what is done is not made again without force");
    assert_eq!(
        Some(&answer.run_id),
        before
            .cell(&alert, "QCAT_ECL")
            .and_then(|cell| cell.run_id.as_ref())
    );

    // QCAT_ECL is an optional input of a notice alone, which does not run again for it.
    let (answer, was_there) = conductor
        .process(&request("QCAT_ECL", true))
        .await
        .expect("it is forced");
    assert!(!was_there);
    let outcome = Outcome::settled(&orchestra, DEADLINE, |outcome| {
        let made = outcome.versions(&alert, "QCAT_ECL").len() == 2;
        (!made).then(|| "QCAT_ECL v2".to_owned()).into_iter().collect()
    })
    .await;
    let record = outcome.versions(&alert, "QCAT_ECL")[1];
    let provenance = record.provenance.as_ref().expect("a brick says how it was made");
    assert_eq!(provenance.run_id.as_ref(), Some(&answer.run_id));
    assert_eq!(
        provenance.params.as_ref().map(|params| &params["bins"]),
        Some(&64.into())
    );
    assert_eq!(
        outcome.records.len(),
        products.len() + 1,
        "nothing else was made again"
    );
    let notice = outcome.cell(&alert, "NOTICE_N1E").expect("the notice has a cell");
    assert_eq!(notice.state, CellState::Stale);
    assert!(
        notice
            .reason
            .as_ref()
            .is_some_and(|reason| reason.contains("QCAT_ECL")),
        "{notice:?}"
    );
}

#[tokio::test]
async fn a_failed_cell_is_retried_once_its_pipeline_is_mended() {
    let broken = "QPO_ECL=permanent";
    let orchestra = options()
        .env(MOCK_PIPELINE, "ORCHESTRA_MISBEHAVE", broken)
        .start()
        .await;
    let (alert, products) = (obs(42), of_an_alert());
    orchestra.publish("data.vhf", ALERT).await;
    let blocked = closure_without("QPO_ECL");
    let failed = Outcome::settled(&orchestra, DEADLINE, |outcome| {
        let stored = outcome.stored(&alert);
        let others = blocked.difference(&stored).cloned();
        let fails = outcome
            .cell(&alert, "QPO_ECL")
            .is_some_and(|cell| cell.state == CellState::Failed);
        others.chain((!fails).then(|| "the failure".to_owned())).collect()
    })
    .await;
    assert_eq!(failed.stored(&alert), blocked);
    let cell = failed.cell(&alert, "QPO_ECL").expect("it has a cell");
    assert!(cell.reason.is_some(), "{cell:?}");
    let conductor = orchestra.conductor();
    for product in products
        .difference(&blocked)
        .filter(|product| *product != "QPO_ECL")
    {
        let view = view(&conductor, &alert, product).await;
        assert_eq!(view.cell.state, CellState::Waiting, "{view:?}");
        assert!(view.cell.blocked_by.contains(&name("QPO_ECL")), "{view:?}");
        assert!(
            view.cell.reason.is_some() && view.why.blockers[0].kind == BlockerKind::Input,
            "{view:?}"
        );
    }

    orchestra.stop(MOCK_PIPELINE).await;
    orchestra.set_env(MOCK_PIPELINE, "ORCHESTRA_MISBEHAVE", None);
    orchestra.restart(MOCK_PIPELINE).await;
    let selector = Selector {
        obs_id: Some(alert.clone()),
        ..Selector::default()
    };
    let touched = conductor.retry(&selector).await.expect("the conductor retries");
    let names: Vec<_> = touched.items.iter().map(|cell| cell.product.as_str()).collect();
    assert_eq!(names, ["QPO_ECL"]);
    let outcome = versions(&orchestra, &alert, &products, 1).await;
    assert_whole(&orchestra, &outcome, &alert, &products).await;
    let runs = outcome.runs_of(&alert, "QPO_ECL");
    let states: Vec<_> = runs.iter().map(|run| (run.state, run.generation)).collect();
    assert_eq!(states, [(RunState::Failed, 0), (RunState::Succeeded, 1)]);
}

#[tokio::test]
async fn where_nothing_happened_meanwhile_nothing_is_made_again() {
    let orchestra = options().start().await;
    // Ready again without anything to catch up with, at first with nothing at all.
    orchestra.kill(CONDUCTOR).await;
    orchestra.restart(CONDUCTOR).await;
    let (alert, products) = (obs(42), of_an_alert());
    orchestra.publish("data.vhf", ALERT).await;
    versions(&orchestra, &alert, &products, 1).await;
    orchestra.kill(CONDUCTOR).await;
    orchestra.restart(CONDUCTOR).await;
    orchestra.publish("data.vhf", ALERT.replace("42", "43")).await;
    versions(&orchestra, &obs(43), &products, 1).await;
    let outcome = versions(&orchestra, &alert, &products, 1).await;
    assert_eq!(outcome.runs.len(), 2 * products.len());
}

#[tokio::test]
async fn another_graph_is_looked_at_for_what_is_unfinished() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("graph.json");
    let product = |more: &str| {
        format!(
            r#"{{"m_input": ["EclTmVhfAlert"], "o_input": [], "provider": "p", "url": "http://p:1/p"{more}}}"#
        )
    };
    let write = |products: &str| {
        let graph = format!(r#"{{"inputs": ["EclTmVhfAlert"], "products": {{{products}}}}}"#);
        std::fs::write(&file, graph).expect("the graph is written");
    };
    // It fails once and is tried again after an hour, so the observation stays unfinished.
    let slow = format!(r#""SLOW": {}"#, product(r#", "attempts": 2, "backoff": "1h""#));
    write(&slow);
    let orchestra = options()
        .graph(&file)
        .env(MOCK_PIPELINE, "ORCHESTRA_MISBEHAVE", "SLOW=refuse-500")
        .start()
        .await;
    orchestra.publish("data.vhf", ALERT).await;
    let conductor = orchestra.conductor();
    eventually(DEADLINE, async || {
        let cell = conductor.cell(&obs(42), &name("SLOW")).await;
        cell.is_ok_and(|view| view.cell.state == CellState::Retrying)
    })
    .await;

    orchestra.kill(CONDUCTOR).await;
    write(&format!(r#"{slow}, "NEW": {}"#, product("")));
    orchestra.stop(MOCK_PIPELINE).await;
    orchestra.restart(MOCK_PIPELINE).await;
    orchestra.restart(CONDUCTOR).await;
    eventually(DEADLINE, async || {
        let cell = conductor.cell(&obs(42), &name("NEW")).await;
        cell.is_ok_and(|view| view.cell.state == CellState::Done)
    })
    .await;
    let made = view(&conductor, &obs(42), "NEW").await;
    assert_eq!(made.cell.trigger.as_deref(), Some("graph changed"));
    let kept = view(&conductor, &obs(42), "SLOW").await;
    assert_eq!((kept.cell.state, kept.runs.len()), (CellState::Retrying, 1));
}

/// What an alert leads to if one of its products cannot be made.
fn closure_without(product: &str) -> BTreeSet<String> {
    let mut graph = graph();
    let products = graph["products"].as_object_mut().expect("products");
    products.remove(product).expect("it is a product");
    closure(&graph, &BTreeSet::from(["EclTmVhfAlert".to_owned()]))
}

async fn view(conductor: &ConductorClient, obs_id: &ObsId, product: &str) -> CellView {
    let view = conductor.cell(obs_id, &name(product)).await;
    view.unwrap_or_else(|error| panic!("{product} of {obs_id}: {error}"))
}

fn status_of(answer: Result<(), ApiError>) -> u16 {
    match answer {
        Err(ApiError::Problem(problem)) => problem.status,
        other => panic!("no problem: {other:?}"),
    }
}

#[tokio::test]
async fn a_run_that_is_cancelled_ends_at_its_pipeline_and_starts_again_with_a_retry() {
    let slow = ["--min-delay", "10m", "--max-delay", "10m", "--failure-rate", "0"];
    let orchestra = OrchestraOptions::default()
        .args(MOCK_PIPELINE, slow)
        .start()
        .await;
    let conductor = orchestra.conductor();
    orchestra.publish("data.vhf", ALERT).await;
    let is = async |state: CellState| {
        let cell = conductor.cell(&obs(42), &name("QPO_ECL")).await.ok()?;
        (cell.cell.state == state).then_some(cell)
    };
    let running = eventually_some(DEADLINE, async || is(CellState::Running).await).await;
    let run_id = running.cell.run_id.expect("a cell that runs has a run");

    let selector = Selector {
        obs_id: Some(obs(42)),
        product: Some(name("QPO_ECL")),
        note: Some("it would take all night".into()),
        ..Selector::default()
    };
    let touched = conductor.cancel(&selector).await.expect("it is cancelled");
    assert_eq!(touched.items[0].state, CellState::Cancelled);
    let provider = conductor.run(&run_id).await.expect("the run is known").provider;
    let mut pipeline = orchestra.url(MOCK_PIPELINE);
    pipeline.set_path(provider.as_str());
    let pipelines = PipelineClient::new(Http::new());
    let ended = async || match pipelines.run(&pipeline, &run_id).await {
        Ok(RunAnswer::Known(run)) => run.state == ProcessingState::Cancelled,
        Ok(RunAnswer::Unknown | RunAnswer::NotOffered) | Err(_) => false,
    };
    eventually(DEADLINE, ended).await;

    conductor
        .retry(&Selector {
            state: Some(CellState::Cancelled),
            ..selector
        })
        .await
        .expect("it is retried");
    let again = eventually_some(DEADLINE, async || is(CellState::Running).await).await;
    assert_ne!(again.cell.run_id.as_ref(), Some(&run_id));
}
