//! The sections.

mod arrivals;
mod decider;
mod floor;
mod footprint;
mod latency;
mod ledger;
mod lists;
mod sdb;
mod work;

use crate::args::{Args, Section};
use crate::figure::Figure;
use crate::orchestra::{LOOK_EVERY, Orchestra};
use anyhow::{Result, bail};
use api::conductor::ObservationQuery;
use api::{ConductorClient, Http};
use domain::CellState;
use stage::CONDUCTOR;
use std::time::Instant;

/// The graph of the peers' work: 3 inputs, 30 products, 5 levels.
const PEERS_GRAPH: &str = include_str!("../graph30.json");

/// What makes the mock pipeline a no-op that takes all it is given: it waits for nothing, never fails, and
/// answers 429 only beyond what the largest series can have under way.
const NO_OP_PIPELINE: [&str; 5] = [
    "--min-delay=0s",
    "--max-delay=0s",
    "--failure-rate=0",
    "--workers=64",
    "--queue=65536",
];

/// Measures one section; `floors` are the figures so far.
pub(crate) async fn run(section: Section, args: &Args, floors: &[Figure]) -> Result<Vec<Figure>> {
    match section {
        Section::Floor => floor::measure(args).await,
        Section::Core => decider::measure(args),
        Section::Latency => latency::measure(args, floors).await,
        Section::Work => work::measure(args, floors).await,
        Section::Sdb => sdb::measure(args).await,
        Section::Footprint => footprint::measure(args).await,
        Section::Ledger => ledger::measure(args).await,
    }
}

/// Waits until no cell is on its way any more, at the latest until `end`.
async fn settle(orchestra: &Orchestra, end: Instant) -> Result<()> {
    let conductor = ConductorClient::new(Http::new(), orchestra.url(CONDUCTOR)?);
    let moving = CellState::ALL
        .into_iter()
        .filter(|state| state.is_active() || *state == CellState::Grace);
    for state in moving {
        loop {
            let query = ObservationQuery {
                state: Some(state),
                limit: Some(1),
                ..ObservationQuery::default()
            };
            if conductor.observations(&query).await?.items.is_empty() {
                break;
            }
            if Instant::now() > end {
                bail!("a cell is still {state} although all should be over");
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
    Ok(())
}
