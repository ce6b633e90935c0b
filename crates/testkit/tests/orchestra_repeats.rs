//! An alert is repeated within seconds, and pipelines are faster than that: one run more takes all repeats.

use api::conductor::Cell;
use domain::{CellState, ObsId, ProductName};
use serde_json::Value;
use stage::{CONDUCTOR, MOCK_PIPELINE};
use std::collections::BTreeSet;
use std::time::Duration;
use testkit::{Orchestra, OrchestraOptions, Outcome, closure, eventually, graph, inputs};

/// The ten seconds for which repeats are gathered, and what runs take; a compiler beside it takes the rest.
const DEADLINE: Duration = Duration::from_secs(90);
/// The pipelines make everything in 0.3 s and never fail.
const FAST: [&str; 6] = [
    "--min-delay",
    "0.3s",
    "--max-delay",
    "0.3s",
    "--failure-rate",
    "0",
];
const ALERT: &str = "EclTmVhfAlert";
/// So often it comes.
const REPEATS: u64 = 5;

fn of_an_alert() -> BTreeSet<String> {
    closure(&graph(), &BTreeSet::from([ALERT.to_owned()]))
}

async fn announce(orchestra: &Orchestra, version: u64) {
    let body = format!(r#"{{"product":"{ALERT}","obs_id":42,"version":{version}}}"#);
    orchestra.publish("data.vhf", body).await;
}

/// Where a product was made more than twice, or is not from the newest of what it needs.
fn wrong(outcome: &Outcome, obs_id: &ObsId, graph: &Value) -> Vec<String> {
    let mut wrong = outcome.made_twice();
    for product in of_an_alert() {
        let cell = outcome.cell(obs_id, &product).expect("what is made has a cell");
        let runs = outcome.runs_of(obs_id, &product);
        if runs.len() > 2 {
            wrong.push(format!("{product}: {} runs", runs.len()));
        }
        let run = runs.iter().find(|run| Some(&run.run_id) == cell.run_id.as_ref());
        let used = &run.expect("the latest run is among them").inputs;
        let older: Vec<&str> = inputs(graph, &product, "m_input")
            .filter(|input| {
                let newest = outcome.cell(obs_id, input).and_then(|cell| cell.revision);
                let used = used.iter().find(|used| used.product.as_str() == *input);
                used.and_then(|used| used.revision) < newest
            })
            .collect();
        if !older.is_empty() || !matches!(cell.state, CellState::Done | CellState::Stale) {
            let (state, reason) = (cell.state, &cell.reason);
            wrong.push(format!("{product} is {state} ({reason:?}), from older {older:?}"));
        }
    }
    wrong
}

/// Waits until the conductor says this of the first product.
async fn says(orchestra: &Orchestra, obs_id: &ObsId, what: impl Fn(&Cell) -> bool) {
    let conductor = orchestra.conductor();
    let product: ProductName = "QPO_ECL".parse().expect("a valid name");
    eventually(DEADLINE, async || {
        let view = conductor.cell(obs_id, &product).await;
        view.is_ok_and(|view| what(&view.cell))
    })
    .await;
}

#[tokio::test]
async fn five_alerts_make_at_most_two_runs_of_each_product() {
    let orchestra = OrchestraOptions::default()
        .args(MOCK_PIPELINE, FAST)
        .start()
        .await;
    let alert = ObsId::try_from(42).expect("a small number is an observation");
    announce(&orchestra, 1).await;
    says(&orchestra, &alert, |cell| cell.state == CellState::Done).await;
    for version in 2..=REPEATS {
        announce(&orchestra, version).await;
        let newer = format!("newer {ALERT} v{version} is taken at");
        says(&orchestra, &alert, |cell| {
            let reason = cell.reason.as_ref();
            cell.state == CellState::Grace && reason.is_some_and(|reason| reason.contains(&newer))
        })
        .await;
    }
    // What is gathered outlives the conductor.
    orchestra.kill(CONDUCTOR).await;
    orchestra.restart(CONDUCTOR).await;
    let outcome = Outcome::settled(&orchestra, DEADLINE, |outcome| {
        let twice = outcome.versions(&alert, "QPO_ECL").len() == 2;
        (!twice).then(|| "QPO_ECL v2".to_owned()).into_iter().collect()
    })
    .await;
    assert_eq!(outcome.stored(&alert), of_an_alert());
    assert_eq!(wrong(&outcome, &alert, &graph()), [""; 0]);
}
