//! `light-curve/1` of `docs/products.md`.

use super::numbers::{range, with_gaps};
use super::{Content, MAX_PARTS, MAX_POINTS, Source};
use jiff::Timestamp;
use serde::Deserialize;

/// Counts over time, in bands of energy.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct LightCurve {
    /// Whose counts they are.
    #[serde(default)]
    pub instrument: Option<String>,
    /// What 0 s is.
    #[serde(default)]
    pub t0: Option<Timestamp>,
    /// Where the first bin begins, in seconds after `t0`.
    pub start_s: f64,
    /// How long a bin is.
    pub bin_s: f64,
    /// Each over the same bins.
    pub bands: Vec<Band>,
}

/// The counts of one band of energy.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Band {
    /// Its lower edge in keV.
    #[serde(default)]
    pub low_kev: Option<f64>,
    /// Its upper edge.
    #[serde(default)]
    pub high_kev: Option<f64>,
    /// What is counted in a bin without the burst.
    #[serde(default)]
    pub background: Option<f64>,
    /// What was counted in each bin.
    #[serde(deserialize_with = "with_gaps")]
    pub counts: Vec<f64>,
}

pub(super) fn read(source: &Source<'_>) -> Option<Content> {
    let curve: LightCurve = source.data("light-curve/1")?;
    let points: usize = curve.bands.iter().map(|band| band.counts.len()).sum();
    let is_sound = curve.start_s.is_finite()
        && curve.bin_s.is_finite()
        && curve.bin_s > 0.0
        && (1..=MAX_PARTS).contains(&curve.bands.len())
        && points <= MAX_POINTS;
    is_sound.then_some(Content::LightCurve(curve))
}

impl LightCurve {
    /// How many bins the longest band has.
    pub fn bins(&self) -> usize {
        self.bands.iter().map(|band| band.counts.len()).max().unwrap_or(0)
    }

    /// All bands in one.
    pub fn sum(&self) -> Band {
        let mut counts = vec![0.0; self.bins()];
        for band in &self.bands {
            for (sum, count) in counts.iter_mut().zip(&band.counts) {
                *sum += count;
            }
        }
        let backgrounds: Option<Vec<f64>> = self.bands.iter().map(|band| band.background).collect();
        let edges = |edge: fn(&Band) -> Option<f64>| self.bands.iter().map(edge).collect::<Option<Vec<_>>>();
        Band {
            low_kev: edges(|band| band.low_kev).and_then(|all| Some(range(all)?.0)),
            high_kev: edges(|band| band.high_kev).and_then(|all| Some(range(all)?.1)),
            background: backgrounds.map(|all| all.iter().sum()),
            counts,
        }
    }
}

impl Band {
    /// The least and the most that was counted.
    pub fn range(&self) -> Option<(f64, f64)> {
        range(self.counts.iter().copied())
    }
}
