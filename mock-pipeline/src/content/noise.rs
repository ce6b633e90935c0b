//! Reproducible randomness, and numbers as short as what they mean.

use crate::fate::hash;

/// From this mean on the Poisson distribution is drawn as a normal one.
const MANY: f64 = 30.0;

/// A stream of numbers (splitmix64, Steele, Lea and Flood 2014).
#[derive(Debug)]
pub(super) struct Noise(u64);

impl Noise {
    /// The stream of a text.
    pub(super) fn of(text: &str) -> Self {
        Self(hash(text))
    }

    /// From 0 to below 1.
    pub(super) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        crate::fate::fraction(mixed ^ (mixed >> 31))
    }

    /// Between the two.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Between the two, evenly in the logarithm.
    pub(super) fn between_in_log(&mut self, low: f64, high: f64) -> f64 {
        self.between(low.ln(), high.ln()).exp()
    }

    /// A whole number from `least` to `most`.
    pub(super) fn count(&mut self, least: u32, most: u32) -> u32 {
        let part = self.uniform();
        (least..most)
            .find(|count| part * f64::from(most - least + 1) < f64::from(count - least + 1))
            .unwrap_or(most)
    }

    /// Mean 0, deviation 1 (Box and Muller 1958).
    pub(super) fn normal(&mut self) -> f64 {
        let (radius, angle) = (1.0 - self.uniform(), self.uniform());
        (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
    }

    /// Counts of which so many are expected (Knuth 1969 for few).
    pub(super) fn poisson(&mut self, mean: f64) -> u32 {
        if mean >= MANY {
            return whole(mean + mean.sqrt() * self.normal());
        }
        let (limit, mut product, mut counts) = ((-mean).exp(), self.uniform(), 0);
        while product > limit {
            product *= self.uniform();
            counts += 1;
        }
        counts
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast keeps within the limits of the type"
)]
fn whole(value: f64) -> u32 {
    value.round() as u32
}

/// So many digits after the point.
pub(super) fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}

/// So many digits that count.
pub(super) fn significant(value: f64, digits: usize) -> f64 {
    format!("{value:.*e}", digits.saturating_sub(1))
        .parse()
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_scatter_as_counts_do() {
        for mean in [0.5, 4.0, 200.0] {
            let mut noise = Noise::of("x");
            let drawn: Vec<f64> = (0..4000).map(|_| noise.poisson(mean).into()).collect();
            let average = drawn.iter().sum::<f64>() / 4000.0;
            let variance = drawn.iter().map(|one| (one - average).powi(2)).sum::<f64>() / 4000.0;
            assert!((average / mean - 1.0).abs() < 0.1, "{average}");
            assert!((variance / mean - 1.0).abs() < 0.1, "{variance}");
        }
        assert_eq!(Noise::of("x").poisson(0.0), 0);
    }

    #[test]
    fn each_count_comes_up_and_no_other() {
        let mut noise = Noise::of("x");
        let drawn: std::collections::BTreeSet<u32> = (0..200).map(|_| noise.count(2, 5)).collect();
        assert_eq!(drawn, [2, 3, 4, 5].into());
    }

    #[test]
    fn numbers_are_no_longer_than_what_they_mean() {
        assert_eq!(significant(0.001_234_56, 3).to_string(), "0.00123");
        assert_eq!(rounded(123.4567, 1).to_string(), "123.5");
    }
}
