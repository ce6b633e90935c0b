//! The sections.

mod arrivals;
mod decider;
mod floor;
mod footprint;
mod latency;
mod ledger;
mod sdb;
mod work;

use crate::args::{Args, Section};
use crate::figure::Figure;
use anyhow::Result;

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
