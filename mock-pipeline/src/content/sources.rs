//! What else is there: candidates around the place of the burst.

use super::facts::Facts;
use super::instrument::Instrument;
use super::noise::{Noise, rounded, significant};
use super::position::moved;
use serde_json::{Value, json};

/// How wide the field is, as a multiple of the largest error.
const FIELD: f64 = 3.0;

/// The candidates of one field, the most likely first.
pub(super) fn data(instrument: Instrument, burst: &Facts, noise: &mut Noise) -> Value {
    let place = burst.place().unwrap_or_default();
    let (smallest, largest) = instrument.errors_deg();
    let radius_deg = FIELD * largest;
    let mut found: Vec<(f64, Value)> = (1..=noise.count(3, 9))
        .map(|number| {
            // Evenly over the field, but for the one that it is.
            let off_deg = if number == 1 {
                smallest * noise.uniform()
            } else {
                radius_deg * noise.uniform().sqrt()
            };
            let (ra, dec) = moved(place, off_deg, noise.between(0.0, 360.0));
            let snr = rounded(noise.between_in_log(4.0, 40.0), 1);
            let source = json!({
                "name": format!("C{number}"),
                "ra_deg": ra,
                "dec_deg": dec,
                "error_deg": significant(noise.between_in_log(smallest, largest), 3),
                "snr": snr,
                "magnitude": rounded(noise.between(14.0, 22.0), 2),
            });
            (snr, source)
        })
        .collect();
    found.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let sources: Vec<Value> = found.into_iter().map(|(_, source)| source).collect();
    json!({
        "instrument": instrument.name(),
        "time": burst.t0,
        "ra_deg": place.0,
        "dec_deg": place.1,
        "radius_deg": rounded(radius_deg, 4),
        "sources": sources,
    })
}
