//! Where the burst is, as one instrument sees it.

use super::facts::Facts;
use super::instrument::Instrument;
use super::noise::{Noise, rounded, significant};
use serde_json::{Value, json};

/// The part of all positions that is within its error circle.
const CONFIDENCE: f64 = 0.9;

/// Near the place of the burst, as far off as the instrument errs.
pub(super) fn data(instrument: Instrument, burst: &Facts, noise: &mut Noise) -> Value {
    let (smallest, largest) = instrument.errors_deg();
    let error_deg = significant(noise.between_in_log(smallest, largest), 3);
    let place = burst.place().unwrap_or_default();
    // A Rayleigh distribution with nine of ten within the error.
    let off_deg = error_deg * ((1.0 - noise.uniform()).ln() / (1.0 - CONFIDENCE).ln()).sqrt();
    let (ra, dec) = moved(place, off_deg.min(1.5 * error_deg), noise.between(0.0, 360.0));
    json!({
        "instrument": instrument.name(),
        "time": burst.t0,
        "ra_deg": ra,
        "dec_deg": dec,
        "error_deg": error_deg,
        "confidence": CONFIDENCE,
        "snr": burst.snr,
    })
}

/// The place so many degrees away on the sphere, in a direction counted from north through east.
pub(super) fn moved((ra, dec): (f64, f64), off_deg: f64, direction_deg: f64) -> (f64, f64) {
    let (dec, off, direction) = (dec.to_radians(), off_deg.to_radians(), direction_deg.to_radians());
    let sine = dec.sin() * off.cos() + dec.cos() * off.sin() * direction.cos();
    let east = (direction.sin() * off.sin() * dec.cos()).atan2(off.cos() - dec.sin() * sine);
    (
        rounded((ra + east.to_degrees()).rem_euclid(360.0), 5),
        rounded(sine.clamp(-1.0, 1.0).asin().to_degrees(), 5),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_on_the_sphere_goes_where_it_should() {
        assert_eq!(moved((10.0, 20.0), 5.0, 0.0), (10.0, 25.0));
        assert_eq!(moved((350.0, 0.0), 20.0, 90.0), (10.0, 0.0));
        assert_eq!(moved((10.0, 80.0), 20.0, 0.0), (190.0, 80.0), "over the pole");
    }
}
