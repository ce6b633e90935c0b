//! The bytes of a packet: what the real message said, and measurements that could have come with it.
//!
//! The same packet always has the same bytes, so that its checksum holds for ever; the measurements are
//! drawn from a generator seeded by what the packet is.

use crate::facts::{Facts, Instrument};
use crate::table::Burst;
use domain::{JsonObject, ProductName, Version};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Bins of a light curve, from 30 s before the trigger on.
const BINS: u32 = 64;
/// The length of a bin in seconds.
const BIN_SECONDS: f64 = 2.0;
/// The side of a sub-image in pixels.
const SIDE: u16 = 16;
/// Photons of one packet.
const PHOTONS: usize = 32;

/// What makes a packet this one.
#[derive(Debug, Clone, Copy)]
pub struct Packet<'a> {
    /// The burst; its id is the `obs_id`.
    pub burst: &'a Burst,
    /// Which of its messages.
    pub message: usize,
    /// The input.
    pub product: &'a ProductName,
    /// The instrument's count of the input.
    pub seq: u64,
    /// The source's number of it.
    pub version: Version,
}

#[derive(Serialize)]
struct Body<'a> {
    packet: &'a ProductName,
    obs_id: &'a str,
    burst_id: &'a str,
    version: Version,
    #[serde(rename = "Alert_MsgCount")]
    seq: u64,
    message: String,
    instrument: Instrument,
    received_at: Timestamp,
    #[serde(flatten)]
    facts: &'a Facts,
    data: Value,
}

impl Packet<'_> {
    /// The packet as JSON.
    pub fn bytes(&self) -> Vec<u8> {
        let message = &self.burst.messages[self.message];
        let body = Body {
            packet: self.product,
            obs_id: self.burst.id,
            burst_id: self.burst.id,
            version: self.version,
            seq: self.seq,
            message: message.kind.to_string(),
            instrument: message.kind.instrument(),
            received_at: message.received_at,
            facts: &message.facts,
            data: self.data(&message.facts),
        };
        serde_json::to_vec(&body).expect("facts are JSON")
    }

    /// What the announcement says of the packet without its being fetched.
    pub fn meta(&self) -> JsonObject {
        let message = &self.burst.messages[self.message];
        let mut meta = JsonObject::new();
        meta.insert("message".to_owned(), message.kind.to_string().into());
        meta.insert("instrument".to_owned(), message.kind.instrument().as_str().into());
        meta.insert("seq".to_owned(), self.seq.into());
        meta.insert("received_at".to_owned(), message.received_at.to_string().into());
        if let Ok(Value::Object(facts)) = serde_json::to_value(&message.facts) {
            meta.extend(facts.into_iter().filter(|(_, value)| !value.is_null()));
        }
        meta
    }

    fn data(&self, facts: &Facts) -> Value {
        let mut noise = Noise::of(&format!("{}/{}/{}", self.burst.id, self.product, self.seq));
        match self.product.as_str() {
            "EclTmVhfHPLcurve" | "GrmTmVhfLcurve" => light_curve(facts, &mut noise),
            "EclTmVhfSubImage" => image(facts, &mut noise),
            "MxtTmVhfPhotons" => photons(&mut noise),
            "SvoTmVhfAttOrb" => attitude(facts, &mut noise),
            _ => Value::Null,
        }
    }
}

/// Counts that rise fast and fall slowly, on a steady background.
fn light_curve(facts: &Facts, noise: &mut Noise) -> Value {
    let background = 40.0 + 20.0 * noise.uniform();
    let peak = facts.snr.unwrap_or(5.0) * f64::sqrt(background);
    let decay = facts.timescale_s.unwrap_or(4.0).clamp(BIN_SECONDS, 40.0);
    let counts: Vec<f64> = (0..BINS)
        .map(|bin| {
            let since = f64::from(bin) * BIN_SECONDS - 30.0;
            let signal = if since < 0.0 {
                0.0
            } else {
                peak * f64::exp(-since / decay)
            };
            (background + signal + noise.normal() * f64::sqrt(background + signal))
                .max(0.0)
                .round()
        })
        .collect();
    json!({"start_s": -30.0, "bin_s": BIN_SECONDS, "counts": counts})
}

/// A point source in the middle of a noisy field.
fn image(facts: &Facts, noise: &mut Noise) -> Value {
    let snr = facts.snr.unwrap_or(5.0);
    let middle = f64::from(SIDE / 2);
    let rows: Vec<Vec<f64>> = (0..SIDE)
        .map(|row| {
            (0..SIDE)
                .map(|column| {
                    let away = (f64::from(row) - middle).powi(2) + (f64::from(column) - middle).powi(2);
                    hundredths(snr * f64::exp(-away / 3.0) + noise.normal())
                })
                .collect()
        })
        .collect();
    json!({"side": SIDE, "snr": rows})
}

/// Photons around the middle of the detector: x, y in pixels, energy in keV.
fn photons(noise: &mut Noise) -> Value {
    let list: Vec<[f64; 3]> = (0..PHOTONS)
        .map(|_| {
            let energy = 0.2 - 2.0 * f64::ln(1.0 - noise.uniform());
            [
                hundredths(128.0 + 4.0 * noise.normal()),
                hundredths(128.0 + 4.0 * noise.normal()),
                hundredths(energy),
            ]
        })
        .collect();
    json!({"columns": ["x", "y", "energy_keV"], "photons": list})
}

/// Where the satellite is, on its orbit of 625 km, and where it points.
fn attitude(facts: &Facts, noise: &mut Noise) -> Value {
    let (longitude, latitude) = (
        360.0 * noise.uniform() - 180.0,
        29.0 * (2.0 * noise.uniform() - 1.0),
    );
    json!({
        "position": {"longitude_deg": hundredths(longitude), "latitude_deg": hundredths(latitude), "altitude_km": 625.0},
        "pointing": {"ra_deg": facts.ra_deg.unwrap_or_else(|| hundredths(360.0 * noise.uniform())),
                     "dec_deg": facts.dec_deg.unwrap_or_else(|| hundredths(60.0 * noise.uniform() - 30.0))},
    })
}

fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// A reproducible stream of numbers (splitmix64, Steele, Lea and Flood 2014).
struct Noise(u64);

impl Noise {
    fn of(seed: &str) -> Self {
        let digest = Sha256::digest(seed.as_bytes());
        Self(
            digest
                .iter()
                .take(8)
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
        )
    }

    /// From 0 to below 1.
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let high = u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap_or(u32::MAX);
        f64::from(high) / (f64::from(u32::MAX) + 1.0)
    }

    /// Mean 0, deviation 1 (Box and Muller 1958).
    fn normal(&mut self) -> f64 {
        let (radius, angle) = (1.0 - self.uniform(), self.uniform());
        f64::sqrt(-2.0 * f64::ln(radius)) * f64::cos(std::f64::consts::TAU * angle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::{Act, steps};
    use crate::table::bursts;

    #[test]
    fn every_packet_is_json_with_its_facts_and_always_the_same() {
        for burst in bursts() {
            for step in steps(burst) {
                let Act::Packet { seq } = step.act else { continue };
                let packet = Packet {
                    burst,
                    message: step.message,
                    product: &step.product,
                    seq,
                    version: Version(seq + 1),
                };
                let bytes = packet.bytes();
                assert_eq!(bytes, packet.bytes());
                let read: Value = serde_json::from_slice(&bytes).unwrap();
                assert_eq!(read["burst_id"], burst.id);
                assert_eq!(read["Alert_MsgCount"], seq);
                assert_eq!(read["t0"], burst.messages[step.message].facts.t0.to_string());
                assert!(bytes.len() < 8 * 1024, "a VHF packet is small");
            }
        }
    }

    #[test]
    fn a_strong_burst_stands_out_of_its_background() {
        let mut noise = Noise::of("x");
        let facts = Facts {
            t0: Timestamp::UNIX_EPOCH,
            ra_deg: None,
            dec_deg: None,
            error_deg: None,
            snr: Some(90.0),
            timescale_s: Some(10.0),
            trigger: None,
            slew: None,
        };
        let curve = light_curve(&facts, &mut noise);
        let counts: Vec<f64> = serde_json::from_value(curve["counts"].clone()).unwrap();
        assert!(counts[15] > 5.0 * counts[..15].iter().copied().fold(0.0, f64::max));
    }
}
