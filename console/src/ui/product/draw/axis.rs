//! An axis: where a number is on it, and which numbers are written at it.

/// Numbers from one end to the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    is_log: bool,
}

/// A number written at an axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    /// Where, 0 to 1.
    pub(super) at: f64,
    /// As it is written.
    pub(super) label: String,
}

impl Axis {
    /// One over these numbers; a single one gets some room around it.
    pub(super) fn linear(low: f64, high: f64) -> Self {
        let limit = |number: f64| number.clamp(-f64::MAX / 8.0, f64::MAX / 8.0);
        let (low, high) = (limit(low), limit(high));
        let room = if high > low { 0.0 } else { low.abs().max(1.0) / 2.0 };
        Self {
            low: low - room,
            high: high + room,
            is_log: false,
        }
    }

    /// One over positive numbers, evenly in their logarithm.
    pub(super) fn log(low: f64, high: f64) -> Self {
        let (low, high) = (
            low.max(f64::MIN_POSITIVE).log10(),
            high.max(f64::MIN_POSITIVE).log10(),
        );
        Self {
            is_log: true,
            ..Self::linear(low, high)
        }
    }

    /// Where a number is, 0 to 1; none if it is not on the axis.
    pub(super) fn at(&self, number: f64) -> Option<f64> {
        let number = if self.is_log { number.log10() } else { number };
        let part = (number - self.low) / (self.high - self.low);
        (-1e-9..=1.0 + 1e-9).contains(&part).then(|| part.clamp(0.0, 1.0))
    }

    /// Round numbers, at most so many.
    pub(super) fn ticks(&self, most: usize) -> Vec<Tick> {
        if self.is_log {
            self.decades(most)
        } else {
            self.steps(most)
        }
    }

    fn steps(&self, most: usize) -> Vec<Tick> {
        let span = self.high - self.low;
        let coarse = 10_f64.powf((span / count(most)).log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|factor| factor * coarse)
            .find(|step| span / step <= count(most))
            .unwrap_or(span);
        let first = (self.low / step).ceil();
        let numbers = (0..=most).map(|number| (first + count(number)) * step);
        self.written(numbers, |number| linear(number, step))
    }

    fn decades(&self, most: usize) -> Vec<Tick> {
        let span = self.high - self.low;
        if span < 1.5 {
            let parts = [1.0, 2.0, 3.0, 5.0].map(f64::log10);
            let all = (0..=3).flat_map(|decade| parts.map(|part| self.low.floor() + count(decade) + part));
            return self.written(all.map(|power| 10_f64.powf(power)), short);
        }
        let step = (span / count(most)).ceil().max(1.0);
        let first = (self.low / step - 1e-9).ceil() * step;
        let powers = (0..=most).map(|number| first + count(number) * step);
        self.written(powers.map(|power| 10_f64.powf(power)), short)
    }

    fn written(&self, numbers: impl Iterator<Item = f64>, write: impl Fn(f64) -> String) -> Vec<Tick> {
        numbers
            .filter_map(|number| {
                Some(Tick {
                    at: self.at(number)?,
                    label: write(number),
                })
            })
            .collect()
    }
}

/// A number with three digits that count: `0.00123`, `12.3`, `4.56e-7`.
pub(super) fn short(number: f64) -> String {
    if number == 0.0 || !number.is_finite() {
        return format!("{number}");
    }
    let rounded: f64 = format!("{number:.2e}").parse().unwrap_or(number);
    if (1e-3..1e5).contains(&rounded.abs()) {
        format!("{rounded}")
    } else {
        format!("{rounded:e}")
    }
}

/// A number between steps of a size: no more digits than the step has.
fn linear(number: f64, step: f64) -> String {
    if number.abs() >= 1e6 || step < 1e-4 {
        return short(number);
    }
    let digits = (0..=4).find(|digits| step * 10_f64.powi(*digits) >= 0.999);
    let digits = usize::try_from(digits.unwrap_or(4)).unwrap_or_default();
    // No -0.
    format!("{:.digits$}", number + 0.0)
}

fn count(number: usize) -> f64 {
    f64::from(
        u32::try_from(number)
            .unwrap_or(u32::MAX)
            .max(u32::from(number > 0)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: Axis, most: usize) -> Vec<String> {
        axis.ticks(most).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn numbers_at_an_axis_are_round() {
        assert_eq!(
            labels(Axis::linear(-12.0, 36.0), 6),
            ["-10", "0", "10", "20", "30"]
        );
        assert_eq!(labels(Axis::linear(0.0, 1.05), 3), ["0.0", "0.5", "1.0"]);
        assert_eq!(labels(Axis::linear(0.0, 3e9), 3), ["0", "1e9", "2e9", "3e9"]);
        assert_eq!(labels(Axis::log(15.0, 5000.0), 5), ["100", "1000"]);
        assert_eq!(labels(Axis::log(4.0, 30.0), 5), ["5", "10", "20", "30"]);
        assert_eq!(
            labels(Axis::log(1e-9, 1e3), 4),
            ["1e-9", "1e-6", "0.001", "1", "1000"]
        );
    }

    #[test]
    fn a_single_number_is_in_the_middle_and_a_huge_range_is_one() {
        assert_eq!(Axis::linear(3.0, 3.0).at(3.0), Some(0.5));
        assert_eq!(Axis::log(3.0, 3.0).at(3.0), Some(0.5));
        let huge = Axis::linear(-f64::MAX, f64::MAX);
        assert_eq!(huge.at(0.0), Some(0.5));
        assert!(huge.ticks(5).len() <= 6);
        assert_eq!(huge.at(f64::NAN), None);
        assert_eq!(Axis::log(1.0, 10.0).at(-1.0), None);
    }
}
