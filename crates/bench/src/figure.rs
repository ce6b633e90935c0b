//! One measured number, and what it is held against.

use std::time::Duration;

/// One measured number.
#[derive(Debug, Clone)]
pub struct Figure {
    /// What was measured, a line of the table.
    pub what: String,
    /// The number.
    pub value: f64,
    /// The worst of the many that `value` stands for; a budget is then held against it.
    pub worst: Option<f64>,
    /// Its unit: `ms`, `/s`, `MiB`.
    pub unit: &'static str,
    /// What it should be.
    pub budget: Option<Budget>,
    /// The same of the floor.
    pub floor: Option<f64>,
}

/// What a number should be.
#[derive(Debug, Clone, Copy)]
pub enum Budget {
    /// Less than this.
    Below(f64),
    /// More than this.
    Above(f64),
}

impl Figure {
    /// A number without anything to hold it against.
    pub fn new(what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self {
            what: what.into(),
            value,
            worst: None,
            unit,
            budget: None,
            floor: None,
        }
    }

    /// The middle one of many times, and the worst of them.
    pub fn of_times(what: impl Into<String>, times: &mut Times) -> Self {
        Self {
            worst: Some(times.percentile_ms(100)),
            ..Self::new(what, times.percentile_ms(50), "ms")
        }
    }

    /// With an upper budget.
    #[must_use]
    pub fn below(self, budget: f64) -> Self {
        Self {
            budget: Some(Budget::Below(budget)),
            ..self
        }
    }

    /// With a lower budget.
    #[must_use]
    pub fn above(self, budget: f64) -> Self {
        Self {
            budget: Some(Budget::Above(budget)),
            ..self
        }
    }

    /// With the same figure of the floor, if that was measured.
    #[must_use]
    pub fn beside(self, floors: &[Figure], what: &str) -> Self {
        let floor = floors
            .iter()
            .find(|figure| figure.what == what)
            .map(|figure| figure.value);
        Self { floor, ..self }
    }

    /// Whether the budget is missed.
    pub fn is_missed(&self) -> bool {
        let value = self.worst.unwrap_or(self.value);
        match self.budget {
            None => false,
            Some(Budget::Below(most)) => value >= most,
            Some(Budget::Above(least)) => value <= least,
        }
    }
}

/// Many measured times.
#[derive(Debug, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    /// One more.
    pub fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// All of another series.
    pub fn append(&mut self, mut more: Self) {
        self.0.append(&mut more.0);
    }

    /// The time that `percent` of all do not exceed, in ms (nearest rank).
    pub fn percentile_ms(&mut self, percent: usize) -> f64 {
        assert!((1..=100).contains(&percent), "a percentile lies in 1..=100");
        self.0.sort_unstable();
        let rank = (self.0.len() * percent).div_ceil(100);
        self.0
            .get(rank.saturating_sub(1))
            .map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
    }
}

/// The middle of some numbers (the lower one of two).
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_unstable_by(f64::total_cmp);
    numbers
        .get(numbers.len().saturating_sub(1) / 2)
        .copied()
        .unwrap_or(f64::NAN)
}

/// So many in so long, per second.
pub fn rate(count: usize, time: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of a bench are far below 2^52")]
    let count = count as f64;
    count / time.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let mut times = Times::default();
        for ms in (1..=200).rev() {
            times.push(Duration::from_millis(ms));
        }
        let [p50, p99, p100] = [50, 99, 100].map(|percent| times.percentile_ms(percent).round());
        assert!((p50, p99, p100) == (100.0, 198.0, 200.0), "{p50} {p99} {p100}");
        assert!(Times::default().percentile_ms(50).is_nan());
    }

    #[test]
    fn a_budget_is_missed_on_its_own_side() {
        let figure = || Figure::new("x", 5.0, "ms");
        assert!(figure().below(5.0).is_missed() && !figure().below(5.1).is_missed());
        assert!(figure().above(5.0).is_missed() && !figure().above(4.9).is_missed());
        assert!(!figure().is_missed());
    }

    #[test]
    fn of_many_times_the_worst_is_held_against_the_budget() {
        let mut times = Times::default();
        for ms in [2, 1, 9] {
            times.push(Duration::from_millis(ms));
        }
        let figure = Figure::of_times("x", &mut times);
        assert!((figure.value - 2.0).abs() < f64::EPSILON);
        assert!(!figure.clone().below(9.5).is_missed() && figure.below(8.5).is_missed());
    }

    #[test]
    fn the_median_of_runs_is_one_of_them() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(vec![2.0, 1.0]) - 1.0).abs() < f64::EPSILON);
    }
}
