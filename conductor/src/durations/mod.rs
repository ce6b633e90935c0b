//! How long runs take: the last successes of each product at each provider.
//!
//! What is remembered is stored with the commit that ends a run, one short row per pair, so neither memory nor the
//! cost of an event grows with the number of observations.

mod forecast;
mod sample;

pub use forecast::{Backlog, clears};
pub use sample::Sample;

use api::conductor::Expected;
use conductor_core::{Changes, Run};
use domain::{ProductName, ProviderName, RunState};
use jiff::Timestamp;
use product_graph::Recipe;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How many successes count: enough for a p95, few enough that a new version of a pipeline is soon all there is.
const REMEMBERED: usize = 50;

/// What was seen of each product at each provider; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Durations(Arc<Mutex<Seen>>);

type Seen = BTreeMap<(ProductName, ProviderName), Vec<u64>>;

/// The last durations of a product at a provider: a row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Took {
    /// What was made.
    pub product: ProductName,
    /// By whom.
    pub provider: ProviderName,
    /// How long it took, in milliseconds, the newest last.
    pub last_ms: Vec<u64>,
}

impl Durations {
    /// The rows as they are once these changes are stored, as far as a run among them ended well `now`; such a run
    /// is told to the metrics.
    pub fn after<'a>(&self, changes: impl IntoIterator<Item = &'a Changes>, now: Timestamp) -> Vec<Took> {
        let mut rings = Seen::new();
        for run in changes.into_iter().flat_map(|changes| &changes.runs) {
            let Some(took) = took(run, now) else { continue };
            metrics::histogram!("conductor_run_duration_seconds", "provider" => run.provider.to_string())
                .record(Duration::from_millis(took).as_secs_f64());
            let pair = (run.product.clone(), run.provider.clone());
            let known = || self.with(|seen| seen.get(&pair).cloned().unwrap_or_default());
            let last = rings.remove(&pair).unwrap_or_else(known);
            let first_kept = (last.len() + 1).saturating_sub(REMEMBERED);
            let kept = last.into_iter().skip(first_kept).chain([took]);
            rings.insert(pair, kept.collect());
        }
        let row = |((product, provider), last_ms)| Took {
            product,
            provider,
            last_ms,
        };
        rings.into_iter().map(row).collect()
    }

    /// Takes up rows that are stored.
    pub fn take_up(&self, rows: impl IntoIterator<Item = Took>) {
        self.with(|seen| {
            for row in rows {
                seen.insert((row.product, row.provider), row.last_ms);
            }
        });
    }

    /// How long a product takes at the provider that makes it now: as it did, or before there is history as the
    /// graph expects; none if nobody knows.
    pub fn sample(&self, product: &ProductName, recipe: &Recipe) -> Option<Sample> {
        self.of(product, &recipe.provider)
            .or_else(|| recipe.expected.map(Sample::expected))
    }

    /// How long it took at a provider.
    fn of(&self, product: &ProductName, provider: &ProviderName) -> Option<Sample> {
        let pair = (product.clone(), provider.clone());
        self.with(|seen| {
            seen.get(&pair)
                .and_then(|last| Sample::seen(last.iter().copied()))
        })
    }

    /// Of a run: how long its product takes at its provider, and whether it is late. `recipe` is the product's.
    pub fn of_run(&self, run: &Run, recipe: Option<&Recipe>, now: Timestamp) -> (Option<Expected>, bool) {
        let by_graph = || {
            let recipe = recipe.filter(|recipe| recipe.provider == run.provider)?;
            recipe.expected.map(Sample::expected)
        };
        let sample = self.of(&run.product, &run.provider).or_else(by_graph);
        let expected = sample.map(|sample| sample.shown());
        let late = expected.is_some_and(|expected| {
            let sent_at = run
                .requested_at
                .filter(|_| run.state.holds_slot() && run.product_at.is_none());
            sent_at.is_some_and(|at| millis(at, now) > expected.p95_ms)
        });
        (expected, late)
    }

    fn with<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// How long the attempt took that brought the product of a run, from its POST until the product was known, if the
/// run ended well just now. What came of a run that was given up came of nobody knows which attempt.
fn took(run: &Run, now: Timestamp) -> Option<u64> {
    // When somebody else's was sent, nobody knows.
    if run.is_foreign() {
        return None;
    }
    let well = run.state == RunState::Succeeded && run.given_up.is_none();
    let just_now = well && run.ended_at == Some(now);
    let (sent_at, made_at) = (run.requested_at.filter(|_| just_now)?, run.product_at?);
    (made_at >= sent_at).then(|| millis(sent_at, made_at))
}

/// From one time to another, or nothing if that is not later.
pub(crate) fn millis(from: Timestamp, until: Timestamp) -> u64 {
    u64::try_from(until.duration_since(from).as_millis()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use conductor_core::{Failures, Trigger};
    use domain::Attempt;
    use product_graph::ProductGraph;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// A run that was sent at 100 s.
    fn run(state: RunState, product_at: Option<i64>, ended_at: Option<i64>) -> Run {
        Run {
            run_id: "run_1".parse().unwrap(),
            alias: None,
            product: "QPO_ECL".parse().unwrap(),
            provider: "qpo".parse().unwrap(),
            inputs: Vec::new(),
            missing: Vec::new(),
            params: None,
            generation: 0,
            trigger: Trigger::GraphChanged,
            state,
            attempt: Attempt(1),
            attempts: 3,
            failures: Failures::default(),
            held: Vec::new(),
            queued_at: at(90),
            requested_at: Some(at(100)),
            running_at: None,
            product_at: product_at.map(at),
            ended_at: ended_at.map(at),
            given_up: None,
            deadline: None,
            retry_at: None,
            ended_attempts: Vec::new(),
        }
    }

    fn changes(runs: Vec<Run>) -> Changes {
        Changes {
            runs,
            ..Changes::default()
        }
    }

    #[test]
    fn only_a_run_that_has_just_ended_well_counts_and_only_until_its_product_was_known() {
        let after = |run: Run| Durations::default().after([&changes(vec![run])], at(130));
        let rows = after(run(RunState::Succeeded, Some(120), Some(130)));
        assert_eq!(rows[0].last_ms, [20_000]);
        assert_eq!(
            (rows[0].product.as_str(), rows[0].provider.as_str()),
            ("QPO_ECL", "qpo")
        );
        // Its row is written again later, or its product is there and the run goes on, or it ended badly.
        assert_eq!(after(run(RunState::Succeeded, Some(120), Some(125))), []);
        assert_eq!(after(run(RunState::Running, Some(120), None)), []);
        assert_eq!(after(run(RunState::Failed, None, Some(130))), []);
        let given_up = Some(RunState::Failed);
        let late = run(RunState::Succeeded, Some(130), Some(130));
        assert_eq!(after(Run { given_up, ..late }), []);
    }

    #[test]
    fn the_last_fifty_count_however_many_there_were() {
        let durations = Durations::default();
        for product_at in 101..=200 {
            let ended = run(RunState::Succeeded, Some(product_at), Some(product_at));
            let rows = durations.after([&changes(vec![ended.clone(), ended])], at(product_at));
            durations.take_up(rows);
        }
        let rows = durations.after(
            [&changes(vec![run(RunState::Succeeded, Some(300), Some(300))])],
            at(300),
        );
        let last = &rows[0].last_ms;
        assert_eq!(
            (last.len(), last[0], last[48], last[49]),
            (50, 76_000, 100_000, 200_000)
        );
    }

    #[test]
    fn before_there_is_history_the_graph_says_what_is_late() {
        let graph = r#"{"inputs": ["A"], "products": {"QPO_ECL": {"m_input": ["A"], "provider": "qpo",
            "url": "http://qpo", "expected": "10s"}}}"#;
        let graph = ProductGraph::parse(graph).unwrap();
        let recipe = graph.recipe(graph.id(&"QPO_ECL".parse().unwrap()).unwrap());
        let durations = Durations::default();
        let late = |run: &Run, second| durations.of_run(run, recipe, at(second)).1;
        let under_way = run(RunState::Running, None, None);
        assert_eq!((late(&under_way, 120), late(&under_way, 121)), (false, true));
        assert!(
            !late(&run(RunState::Running, Some(110), None), 121),
            "its product is there"
        );
        let elsewhere = Run {
            provider: "other".parse().unwrap(),
            ..under_way
        };
        assert_eq!(durations.of_run(&elsewhere, recipe, at(121)), (None, false));
    }
}
