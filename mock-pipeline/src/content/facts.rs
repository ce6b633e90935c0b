//! What the inputs say of the burst: a mock looks where the real instruments looked.

use super::Recipe;
use super::noise::{Noise, rounded};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::str::FromStr as _;

/// When a burst was of which nobody said it: some time in the year from then on.
const FIRST_NIGHT: &str = "2026-01-01T00:00:00Z";
/// That year in milliseconds.
const YEAR_MILLISECONDS: f64 = 365.0 * 86_400_000.0;

/// A burst, as packets and products tell it. What they do not say is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The trigger time.
    #[serde(default)]
    pub t0: Option<Timestamp>,
    /// Right ascension, J2000, in degrees.
    #[serde(default)]
    pub ra_deg: Option<f64>,
    /// Declination, J2000, in degrees.
    #[serde(default)]
    pub dec_deg: Option<f64>,
    /// Signal to noise.
    #[serde(default)]
    pub snr: Option<f64>,
    /// The time over which it was strongest, in seconds.
    #[serde(default)]
    pub timescale_s: Option<f64>,
}

/// Our own products have the facts under this key, packets at the top.
#[derive(Deserialize)]
struct Product {
    burst: Facts,
}

impl Facts {
    /// The facts of an input's bytes; none of what is no JSON, or says other things.
    pub fn read(bytes: &[u8]) -> Self {
        let of_product = || serde_json::from_slice(bytes).map(|product: Product| product.burst);
        of_product()
            .or_else(|_| serde_json::from_slice(bytes))
            .unwrap_or_default()
            .sane()
    }

    /// These facts, and what they leave open from the others.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let (place, other_place) = (self.place(), other.place());
        let place = place.or(other_place);
        Self {
            t0: self.t0.or(other.t0),
            ra_deg: place.map(|(ra, _)| ra),
            dec_deg: place.map(|(_, dec)| dec),
            snr: self.snr.or(other.snr),
            timescale_s: self.timescale_s.or(other.timescale_s),
        }
    }

    /// Where it was, if both coordinates are said.
    pub(super) fn place(&self) -> Option<(f64, f64)> {
        self.ra_deg.zip(self.dec_deg)
    }

    /// The whole burst: what nobody said is drawn, the same for all products of the observation.
    pub(super) fn completed(&self, recipe: &Recipe<'_>) -> Self {
        let mut noise = Noise::of(&format!("{}/burst/{}", recipe.seed, recipe.obs_id));
        let since = noise.between(0.0, YEAR_MILLISECONDS).round();
        let drawn = Self {
            t0: at(since),
            ra_deg: Some(rounded(noise.between(0.0, 360.0), 4)),
            // Evenly on the sphere.
            dec_deg: Some(rounded(noise.between(-1.0, 1.0).asin().to_degrees(), 4)),
            snr: Some(rounded(noise.between_in_log(7.0, 60.0), 1)),
            timescale_s: Some(rounded(noise.between_in_log(0.5, 40.0), 2)),
        };
        self.or(drawn)
    }

    fn sane(self) -> Self {
        let within = |value: Option<f64>, low, high| value.filter(|value| (low..=high).contains(value));
        Self {
            t0: self.t0,
            ra_deg: within(self.ra_deg, 0.0, 360.0),
            dec_deg: within(self.dec_deg, -90.0, 90.0),
            snr: within(self.snr, 0.1, 1e4),
            timescale_s: within(self.timescale_s, 1e-3, 1e4),
        }
    }
}

/// So many milliseconds after the first night.
fn at(milliseconds: f64) -> Option<Timestamp> {
    let since = SignedDuration::try_from_secs_f64(milliseconds / 1000.0).ok()?;
    let first = Timestamp::from_str(FIRST_NIGHT).ok()?;
    first.checked_add(since).ok()?.round(jiff::Unit::Millisecond).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_and_products_say_the_same_things() {
        let packet =
            br#"{"packet":"EclTmVhfAlert","t0":"2026-02-25T03:18:45.1Z","ra_deg":113.5,"dec_deg":32.4,
            "error_deg":0.03,"snr":92.0,"timescale_s":null}"#;
        let facts = Facts::read(packet);
        assert_eq!(facts.place(), Some((113.5, 32.4)));
        assert_eq!(facts.timescale_s, None);
        let product = format!(r#"{{"burst":{}}}"#, serde_json::to_string(&facts).unwrap());
        assert_eq!(Facts::read(product.as_bytes()), facts);
    }

    #[test]
    fn what_is_no_fact_is_none() {
        let nowhere = br#"{"ra_deg":400.0,"dec_deg":-91.0,"snr":-1.0}"#;
        for bytes in [&b"SIMPLE  =  T"[..], b"[1]", b"{\"t0\":\"soon\"}", nowhere] {
            assert_eq!(Facts::read(bytes), Facts::default());
        }
    }

    #[test]
    fn half_a_place_is_none_and_the_first_to_say_it_is_believed() {
        let half = Facts {
            ra_deg: Some(1.0),
            snr: Some(8.0),
            ..Facts::default()
        };
        let whole = Facts {
            ra_deg: Some(2.0),
            dec_deg: Some(3.0),
            snr: Some(9.0),
            ..Facts::default()
        };
        let both = half.or(whole);
        assert_eq!((both.place(), both.snr), (Some((2.0, 3.0)), Some(8.0)));
    }
}
