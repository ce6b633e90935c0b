//! When products will be there.
//!
//! A product is there once the last of its mandatory inputs is, the waits for optional ones are over, its provider
//! has a slot for it, and its run is through. Quantiles of such a way cannot be had from the quantiles of its parts:
//! the p95 of a sum is less than the sum of the p95, that of the later of two is more than either, and a queue makes
//! everything depend on everything. So what is still to be made is played through many times, each time with
//! durations drawn from those that were seen, and the quantiles are those of the ends.
//!
//! What cannot be known is left out: that attempts fail, and what new packets will set in motion.

mod kept;
mod luck;
mod plan;
mod play;
mod standing;

pub use kept::{Kept, OfOne};
pub use standing::{Stage, Standing, is_on_its_way};

use crate::durations::Durations;
use api::conductor::Eta;
use domain::ObsId;
use jiff::{SignedDuration, Timestamp};
use plan::Plan;
use product_graph::ProductGraph;
use std::collections::BTreeMap;

/// How many tasks are played in all, unless even the fewest scenarios are more: an operator waits for the answer.
const STEPS: usize = 100_000;

/// Fewer scenarios have no 95th percentile.
const FEWEST_SCENARIOS: usize = 40;

/// More scenarios tell nothing more than the fifty durations from which they draw.
const MOST_SCENARIOS: usize = 400;

/// What is going on.
#[derive(Debug, Clone, Copy)]
pub struct Night<'a> {
    /// What is made of what, by whom, and how many at a time.
    pub graph: &'a ProductGraph,
    /// How long it takes.
    pub durations: &'a Durations,
    /// What time it is.
    pub now: Timestamp,
    /// All cells of the observations in which something is under way: they share the providers.
    pub cells: &'a [Standing],
}

/// When each product will be there, by observation, as far as that can be said.
pub type Etas = BTreeMap<ObsId, OfOne>;

/// Plays a night through.
pub fn etas(night: &Night<'_>) -> Etas {
    let plan = Plan::new(night);
    let count = (STEPS / plan.tasks.len().max(1)).clamp(FEWEST_SCENARIOS, MOST_SCENARIOS);
    let mut made_at = vec![Vec::with_capacity(count); plan.tasks.len()];
    let seeds: Vec<u64> = plan.tasks.iter().map(plan::Task::seed).collect();
    for scenario in 0..count {
        let luck = |index: usize| luck::luck(seeds[index], scenario as u64);
        for (ends, end) in made_at.iter_mut().zip(play::play(&plan, luck)) {
            ends.push(end);
        }
    }
    let mut etas = Etas::new();
    for (task, mut ends) in plan.tasks.iter().zip(made_at) {
        ends.sort_unstable();
        let of_observation = etas.entry(task.standing.obs_id.clone()).or_default();
        let eta = Eta {
            p50: later(night.now, ends[ends.len() / 2]),
            p95: later(night.now, ends[ends.len() * 95 / 100]),
        };
        of_observation.insert(task.standing.product.clone(), eta);
    }
    etas
}

fn later(now: Timestamp, millis: u64) -> Timestamp {
    let millis = SignedDuration::from_millis(i64::try_from(millis).unwrap_or(i64::MAX));
    now.checked_add(millis).unwrap_or(Timestamp::MAX)
}
