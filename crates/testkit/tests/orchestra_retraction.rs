//! A withdrawn packet takes with it what was made from it, in the SDB too, and a newer one brings all back.

use api::PageQuery;
use domain::{CellState, ObsId};
use stage::{CONDUCTOR, MOCK_PIPELINE, SDB};
use std::collections::BTreeSet;
use std::time::Duration;
use testkit::{Orchestra, OrchestraOptions, Outcome, closure, eventually, graph};

/// What comes of one alert takes a second; a compiler beside it takes the rest.
const DEADLINE: Duration = Duration::from_mins(1);
/// The pipelines make everything at once and never fail.
const AT_ONCE: [&str; 6] = ["--min-delay", "0s", "--max-delay", "0s", "--failure-rate", "0"];

fn burst() -> ObsId {
    42_u64.try_into().expect("a small number is an observation")
}

fn of_an_alert() -> BTreeSet<String> {
    closure(&graph(), &BTreeSet::from(["EclTmVhfAlert".to_owned()]))
}

async fn announce(orchestra: &Orchestra, more: &str) {
    let body = format!(r#"{{"product":"EclTmVhfAlert","obs_id":42{more}}}"#);
    orchestra.publish("data.vhf", body).await;
}

/// Waits until each product has so many versions, and nothing is on its way.
async fn made(orchestra: &Orchestra, products: &BTreeSet<String>, versions: usize) -> Outcome {
    let outcome = Outcome::settled(orchestra, DEADLINE, |outcome| {
        let short = |product: &&String| outcome.versions(&burst(), product).len() < versions;
        products.iter().filter(short).cloned().collect()
    })
    .await;
    assert_eq!(outcome.made(&burst()), *products);
    for product in products {
        assert_eq!(outcome.versions(&burst(), product).len(), versions, "{product}");
    }
    outcome
}

/// Waits until the SDB keeps all of these, and the latest of each as withdrawn.
async fn withdrawn(orchestra: &Orchestra, products: &BTreeSet<String>) {
    eventually(DEADLINE, async || {
        for product in products {
            let product = product.parse().expect("a product of the graph has a valid name");
            let records = orchestra
                .sdb()
                .versions(&burst(), &product, &PageQuery::default())
                .await;
            let latest = records.ok().and_then(|records| records.items.into_iter().next());
            if latest.is_none_or(|latest| latest.retracted.is_none()) {
                return false;
            }
        }
        true
    })
    .await;
}

#[tokio::test]
async fn a_withdrawal_takes_all_with_it_and_a_newer_packet_brings_it_back() {
    let orchestra = OrchestraOptions::default()
        .args(MOCK_PIPELINE, AT_ONCE)
        .start()
        .await;
    let products = of_an_alert();
    announce(&orchestra, r#","version":1"#).await;
    made(&orchestra, &products, 1).await;

    announce(&orchestra, r#","retracted":true"#).await;
    withdrawn(&orchestra, &products).await;
    let view = orchestra
        .conductor()
        .observation(&burst())
        .await
        .expect("it is known");
    for cell in view
        .cells
        .iter()
        .filter(|cell| products.contains(cell.product.as_str()))
    {
        assert_eq!(cell.state, CellState::Retracted, "{}", cell.product);
        let reason = cell.reason.as_deref().unwrap_or_default();
        assert!(
            reason.contains("which was withdrawn"),
            "{}: {reason}",
            cell.product
        );
    }

    announce(&orchestra, r#","version":2"#).await;
    let outcome = made(&orchestra, &products, 2).await;
    assert_eq!(outcome.made_twice(), [""; 0]);
}

#[tokio::test]
async fn the_sdb_hears_of_a_withdrawal_that_came_while_it_was_away() {
    let orchestra = OrchestraOptions::default()
        .args(MOCK_PIPELINE, AT_ONCE)
        .start()
        .await;
    let products = of_an_alert();
    announce(&orchestra, r#","version":1"#).await;
    made(&orchestra, &products, 1).await;

    orchestra.kill(SDB).await;
    announce(&orchestra, r#","retracted":true"#).await;
    eventually(DEADLINE, async || {
        let view = orchestra.conductor().observation(&burst()).await;
        let retracted = |view: &api::conductor::ObservationView| {
            let counts = view.counts.get(&CellState::Retracted).copied().unwrap_or(0);
            counts > products.len() as u64
        };
        view.as_ref().is_ok_and(retracted)
    })
    .await;
    // The conductor dies before the SDB is back: only its ledger knows.
    orchestra.kill(CONDUCTOR).await;
    orchestra.restart(SDB).await;
    orchestra.restart(CONDUCTOR).await;
    withdrawn(&orchestra, &products).await;
}
