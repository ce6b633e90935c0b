//! Numbers of a file: one that is missing is a gap, not a mistake.

use serde::{Deserialize, Deserializer};

/// A list of numbers; `null` is NaN, which nobody draws.
pub(super) fn with_gaps<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
    let numbers: Vec<Option<f64>> = Vec::deserialize(deserializer)?;
    Ok(numbers
        .into_iter()
        .map(|number| number.unwrap_or(f64::NAN))
        .collect())
}

/// The smallest and the largest of those that are numbers.
pub(in crate::ui::product) fn range(numbers: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    numbers
        .into_iter()
        .filter(|number| number.is_finite())
        .fold(None, |range, number| match range {
            None => Some((number, number)),
            Some((least, most)) => Some((number.min(least), number.max(most))),
        })
}
