//! Durations that were seen, as a distribution.

use api::conductor::Expected;
use std::time::Duration;

/// How long something took each time it was seen, in milliseconds.
///
/// Of the next one nothing is known but that its place among those seen is as likely any as another: with `n` of
/// them, the next is below the `k`-th with probability `k / (n + 1)`. That is exact for every distribution, and
/// where a share asks for more than `n` can tell, the longest is the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample(Vec<u64>);

/// The halves of a sample that stands for a duration that somebody expects.
const PRIOR_HALF: u32 = 9;

impl Sample {
    /// What was seen; none if nothing was.
    pub fn seen(took: impl IntoIterator<Item = u64>) -> Option<Self> {
        let mut sorted: Vec<u64> = took.into_iter().collect();
        sorted.sort_unstable();
        (!sorted.is_empty()).then_some(Self(sorted))
    }

    /// What stands in the graph, before there is history: half of all take longer, one in twenty twice as long.
    pub fn expected(duration: Duration) -> Self {
        let share = |of: f64| u64::try_from(duration.mul_f64(of).as_millis()).unwrap_or(u64::MAX);
        let steps = (0..=2 * PRIOR_HALF).map(|step| {
            let past = f64::from(step) / f64::from(PRIOR_HALF);
            share(if past < 1.0 { 0.5 + past / 2.0 } else { past })
        });
        Self(steps.collect())
    }

    /// The duration below which this share of the next ones will be.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share of a few dozen"
    )]
    pub fn quantile(&self, share: f64) -> u64 {
        let place = (share * (self.0.len() + 1) as f64).ceil() as usize;
        self.0[place.clamp(1, self.0.len()) - 1]
    }

    /// The two quantiles that are shown.
    pub fn shown(&self) -> Expected {
        Expected {
            p50_ms: self.quantile(0.5),
            p95_ms: self.quantile(0.95),
        }
    }

    /// How long the next one takes with this luck, from 0 to 1: between those seen in proportion, and beyond the
    /// longest up to as far again as that is from the middle.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "milliseconds of a run, and a place among a few dozen"
    )]
    pub fn draw(&self, luck: f64) -> u64 {
        let last = self.0.len() - 1;
        let place = luck * (self.0.len() + 1) as f64 - 1.0;
        if place <= 0.0 {
            return self.0[0];
        }
        let below = (place as usize).min(last);
        let next = match self.0.get(below + 1) {
            Some(next) => *next,
            None => 2 * self.0[last] - self.0[last / 2],
        };
        let step = (next - self.0[below]) as f64;
        self.0[below] + (step * (place - below as f64).min(1.0)) as u64
    }

    /// How much longer one takes that has taken so long already. One that is past all that was seen takes, as far
    /// as anybody knows, up to as long again.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "milliseconds of a run"
    )]
    pub fn draw_rest(&self, elapsed: u64, luck: f64) -> u64 {
        let (mut low, mut high) = (0.0, 1.0);
        // Where `elapsed` stands among the draws: what is left of the luck is spread over those beyond it.
        for _ in 0..20 {
            let middle = f64::midpoint(low, high);
            if self.draw(middle) < elapsed {
                low = middle;
            } else {
                high = middle;
            }
        }
        if self.draw(1.0) <= elapsed {
            return (elapsed as f64 * luck) as u64;
        }
        self.draw(high + (1.0 - high) * luck).saturating_sub(elapsed)
    }

    /// Mean and variance, in milliseconds.
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of a run, and a few dozen of them"
    )]
    pub fn moments(&self) -> (f64, f64) {
        let count = self.0.len() as f64;
        let mean = self.0.iter().map(|took| *took as f64).sum::<f64>() / count;
        let spread = self.0.iter().map(|took| (*took as f64 - mean).powi(2));
        (mean, spread.sum::<f64>() / count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_nineteen_the_last_is_the_one_that_one_in_twenty_exceeds() {
        let sample = Sample::seen(1..=19).unwrap();
        assert_eq!((sample.quantile(0.5), sample.quantile(0.95)), (10, 19));
        let few = Sample::seen([30, 10, 20]).unwrap();
        assert_eq!((few.quantile(0.5), few.quantile(0.95)), (20, 30));
        assert_eq!(Sample::seen([]), None);
    }

    #[test]
    fn what_the_graph_expects_is_the_middle_and_twice_it_the_edge() {
        let sample = Sample::expected(Duration::from_secs(90));
        let shown = sample.shown();
        assert_eq!((shown.p50_ms, shown.p95_ms), (90_000, 180_000));
        assert_eq!(sample.draw(0.0), 45_000);
    }

    #[test]
    fn draws_keep_to_what_was_seen_and_go_a_little_beyond() {
        let sample = Sample::seen([10, 20, 40]).unwrap();
        let draws = [0.0, 0.25, 0.5, 0.625, 0.75, 1.0].map(|luck| sample.draw(luck));
        assert_eq!(draws, [10, 10, 20, 30, 40, 60]);
        assert_eq!(Sample::seen([7]).unwrap().draw(0.9), 7);
    }

    #[test]
    fn what_has_taken_long_takes_what_the_longer_ones_took() {
        let sample = Sample::seen([10, 20, 40]).unwrap();
        assert_eq!(sample.draw_rest(0, 0.5), 20);
        assert_eq!(sample.draw_rest(30, 0.0), 0);
        assert_eq!(sample.draw_rest(30, 1.0), 30);
        assert_eq!(sample.draw_rest(100, 0.5), 50);
    }
}
