//! Photons over energy, and the model that fits them.

use super::facts::Facts;
use super::instrument::Instrument;
use super::noise::{Noise, rounded, significant};
use serde_json::{Value, json};

/// Bins of a spectrum, evenly in the logarithm of the energy.
const BINS: u32 = 24;

/// Photons per cm2, s and keV.
enum Model {
    /// `amplitude (E / 1 keV)^index`.
    PowerLaw { amplitude: f64, index: f64 },
    /// Two power laws, smoothly joined (Band et al. 1993, Astrophysical Journal 413, 281, equation 1; in terms of the peak energy).
    Band {
        amplitude: f64,
        alpha: f64,
        beta: f64,
        peak_kev: f64,
    },
}

impl Model {
    fn drawn(instrument: Instrument, snr: f64, noise: &mut Noise) -> Self {
        let strength = snr / 20.0;
        match instrument {
            Instrument::Mxt | Instrument::Vt => Self::PowerLaw {
                amplitude: strength * noise.between(0.1, 0.3),
                index: noise.between(-2.4, -1.6),
            },
            Instrument::Eclairs | Instrument::Grm => Self::Band {
                amplitude: strength * noise.between(0.002, 0.006),
                alpha: noise.between(-1.3, -0.6),
                beta: noise.between(-2.8, -2.2),
                peak_kev: noise.between_in_log(60.0, 400.0),
            },
        }
    }

    fn at(&self, energy_kev: f64) -> f64 {
        match *self {
            Self::PowerLaw { amplitude, index } => amplitude * energy_kev.powf(index),
            Self::Band {
                amplitude,
                alpha,
                beta,
                peak_kev,
            } => {
                let folded_kev = peak_kev / (2.0 + alpha);
                let break_kev = (alpha - beta) * folded_kev;
                if energy_kev < break_kev {
                    amplitude * (energy_kev / 100.0).powf(alpha) * (-energy_kev / folded_kev).exp()
                } else {
                    amplitude
                        * (break_kev / 100.0).powf(alpha - beta)
                        * (beta - alpha).exp()
                        * (energy_kev / 100.0).powf(beta)
                }
            }
        }
    }

    fn tell(&self) -> Value {
        match *self {
            Self::PowerLaw { amplitude, index } => json!({
                "model": "power-law",
                "amplitude": significant(amplitude, 3),
                "index": rounded(index, 2),
            }),
            Self::Band {
                amplitude,
                alpha,
                beta,
                peak_kev,
            } => json!({
                "model": "band",
                "amplitude": significant(amplitude, 3),
                "alpha": rounded(alpha, 2),
                "beta": rounded(beta, 2),
                "peak_kev": rounded(peak_kev, 1),
            }),
        }
    }
}

/// Counts of photons that follow a model, with the noise of counting.
pub(super) fn data(instrument: Instrument, burst: &Facts, noise: &mut Noise) -> Value {
    let model = Model::drawn(instrument, burst.snr.unwrap_or(10.0), noise);
    let exposure_s = rounded(4.0 * burst.timescale_s.unwrap_or(4.0).clamp(0.5, 60.0), 2);
    let (low, high) = instrument.energies();
    let edge = |number: u32| significant(low * (high / low).powf(f64::from(number) / f64::from(BINS)), 5);
    let edges: Vec<f64> = (0..=BINS).map(edge).collect();
    let (mut counts, mut flux, mut flux_error, mut fit, mut chi2) = (vec![], vec![], vec![], vec![], 0.0);
    for pair in edges.windows(2) {
        let &[from, to] = pair else { continue };
        let expected_flux = model.at((from * to).sqrt());
        let per_count = 1.0 / (instrument.area_cm2() * exposure_s * (to - from));
        let counted = noise.poisson(expected_flux / per_count);
        let measured = f64::from(counted) * per_count;
        let error = f64::from(counted.max(1)).sqrt() * per_count;
        chi2 += ((measured - expected_flux) / error).powi(2);
        counts.push(counted);
        flux.push(significant(measured, 4));
        flux_error.push(significant(error, 3));
        fit.push(significant(expected_flux, 4));
    }
    let mut told = model.tell();
    told["flux"] = json!(fit);
    told["chi2"] = json!(rounded(chi2, 1));
    told["bins"] = json!(BINS);
    json!({
        "instrument": instrument.name(),
        "t0": burst.t0,
        "exposure_s": exposure_s,
        "edges_kev": edges,
        "counts": counts,
        "flux": flux,
        "flux_error": flux_error,
        "fit": told,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_band_function_has_no_step_at_its_break_and_its_slopes_beyond() {
        let (alpha, beta, peak_kev) = (-1.0, -2.5, 200.0);
        let band = Model::Band {
            amplitude: 0.1,
            alpha,
            beta,
            peak_kev,
        };
        let break_kev = (alpha - beta) * peak_kev / (2.0 + alpha);
        let step = band.at(break_kev * (1.0 - 1e-9)) / band.at(break_kev * (1.0 + 1e-9));
        assert!((step - 1.0).abs() < 1e-6);
        let slope = (band.at(4000.0) / band.at(2000.0)).log2();
        assert!((slope - beta).abs() < 1e-9);
        // Most energy per decade comes at the peak: E^2 N(E) is largest there.
        let power = |energy: f64| energy * energy * band.at(energy);
        assert!(power(200.0) > power(190.0) && power(200.0) > power(210.0));
    }
}
