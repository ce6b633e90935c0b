//! Counts in bands of energy, over time.

use super::facts::Facts;
use super::instrument::Instrument;
use super::noise::{Noise, rounded};
use domain::JsonObject;
use serde_json::{Value, json};

/// Bins of each band: enough to draw, few enough to read.
const BINS: u32 = 96;
/// How many of them are before the trigger.
const BEFORE: u32 = 24;
/// The bins that instruments make, in seconds.
const BIN_SECONDS: [f64; 7] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0];

/// A pulse that rises fast and decays exponentially, of height 1 (Norris et al. 2005, Astrophysical Journal 627, 324, equation 1).
struct Pulse {
    start_s: f64,
    height: f64,
    rise_s: f64,
    decay_s: f64,
}

impl Pulse {
    fn at(&self, time_s: f64, slowness: f64) -> f64 {
        let since = time_s - self.start_s;
        if since <= 0.0 {
            return 0.0;
        }
        let (rise, decay) = (self.rise_s, self.decay_s * slowness);
        self.height * (2.0 * (rise / decay).sqrt() - rise / since - since / decay).exp()
    }
}

/// The parameter that says how long a bin is.
const BIN_S: &str = "bin_s";
/// The bins that somebody may want, in seconds: those that 96 of them still make a burst of.
const WANTED_BIN_SECONDS: std::ops::RangeInclusive<f64> = 0.01..=60.0;

/// A JSON schema of the parameters.
pub(super) fn params_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            BIN_S: {
                "type": "number",
                "minimum": WANTED_BIN_SECONDS.start(),
                "maximum": WANTED_BIN_SECONDS.end(),
                "description": "length of a bin in seconds; as the burst is fast if left out",
            },
        },
        "additionalProperties": true,
    })
}

/// How long somebody wants a bin to be, in seconds.
fn wanted_bin_s(params: Option<&JsonObject>) -> Option<f64> {
    let wanted = params?.get(BIN_S)?.as_f64();
    wanted.filter(|bin| WANTED_BIN_SECONDS.contains(bin))
}

/// Several pulses over a background, with the noise of counting.
pub(super) fn data(
    instrument: Instrument,
    burst: &Facts,
    params: Option<&JsonObject>,
    noise: &mut Noise,
) -> Value {
    let timescale = burst.timescale_s.unwrap_or(4.0).clamp(0.2, 60.0);
    let usual = || BIN_SECONDS.into_iter().find(|bin| *bin >= timescale / 10.0);
    let bin_s = wanted_bin_s(params).or_else(usual).unwrap_or(5.0);
    let pulses = pulses(timescale, noise);
    let bands = instrument.bands().windows(2).enumerate().map(|(number, edges)| {
        let &[low, high] = edges else { return Value::Null };
        // Soft photons come longer and later than hard ones.
        let slowness = 1.0 / (1.0 + 0.35 * f64::from(u8::try_from(number).unwrap_or(u8::MAX)));
        let background = noise.between(15.0, 60.0) * bin_s.sqrt();
        let peak = burst.snr.unwrap_or(10.0) * background.sqrt() * noise.between(0.6, 1.1);
        let counts: Vec<u32> = (0..BINS)
            .map(|bin| {
                let middle_s = (f64::from(bin) - f64::from(BEFORE) + 0.5) * bin_s;
                let signal: f64 = pulses.iter().map(|pulse| pulse.at(middle_s, slowness)).sum();
                noise.poisson(background + peak * signal)
            })
            .collect();
        json!({
            "low_kev": low,
            "high_kev": high,
            "background": rounded(background, 1),
            "counts": counts,
        })
    });
    let bands: Vec<Value> = bands.collect();
    json!({
        "instrument": instrument.name(),
        "t0": burst.t0,
        "start_s": -f64::from(BEFORE) * bin_s,
        "bin_s": bin_s,
        "bands": bands,
    })
}

fn pulses(timescale_s: f64, noise: &mut Noise) -> Vec<Pulse> {
    let count = noise.count(1, 4);
    (0..count)
        .map(|number| Pulse {
            // The first is what triggered.
            start_s: if number == 0 {
                -0.1 * timescale_s
            } else {
                noise.between(0.0, 3.5) * timescale_s
            },
            height: if number == 0 { 1.0 } else { noise.between(0.3, 1.2) },
            rise_s: timescale_s * noise.between_in_log(0.02, 0.3),
            decay_s: timescale_s * noise.between_in_log(0.2, 0.9),
        })
        .collect()
}
