//! What is in a product: what it was made from, and data that look like their kind.
//!
//! A pure function of observation, product and inputs: a repeat of the run gives the same bytes.

use crate::fate::{fraction, hash};
use domain::{InputRef, JsonObject, ObsId, ProductName};
use serde_json::{Value, json};

/// How many samples a curve or a spectrum has: enough to draw, small enough to read.
const SAMPLES: u32 = 16;

/// What a product is made for and from.
#[derive(Debug, Clone, Copy)]
pub struct Recipe<'a> {
    /// The observation.
    pub obs_id: &'a ObsId,
    /// The product.
    pub product: &'a ProductName,
    /// Its inputs, where they are known.
    pub inputs: Option<&'a [InputRef]>,
    /// The optional ones that were missing.
    pub missing: &'a [ProductName],
    /// The parameters of a manual run.
    pub params: Option<&'a JsonObject>,
}

/// The product as a JSON document.
pub fn content(recipe: &Recipe<'_>) -> Value {
    let made_from = recipe
        .inputs
        .map(|inputs| inputs.iter().map(made_from).collect::<Vec<_>>());
    let (kind, data) = data(recipe);
    json!({
        "product": recipe.product,
        "obs_id": recipe.obs_id,
        "kind": kind,
        "mock": true,
        "made_from": made_from,
        "missing": recipe.missing,
        "params": recipe.params,
        "data": data,
    })
}

/// An input by its names and numbers. Not by its `href`: a server that moved has not changed the data.
fn made_from(input: &InputRef) -> Value {
    json!({
        "product": input.product,
        "revision": input.revision,
        "version": input.version,
        "source": input.source,
    })
}

/// The kind by the usual abbreviations in product names, and data of that kind.
fn data(recipe: &Recipe<'_>) -> (&'static str, Value) {
    let name = recipe.product.as_str();
    let is = |marks: &[&str]| marks.iter().any(|mark| name.contains(mark));
    if is(&["QLC", "LC_", "QFLU", "QDUR"]) {
        ("light curve", light_curve(recipe))
    } else if is(&["QSP", "QHR", "QHK"]) {
        ("spectrum", spectrum(recipe))
    } else if is(&["QPO", "QCANDI", "QCAT", "NOTICE", "TT_", "QIM", "FDCHART"]) {
        ("position", position(recipe))
    } else {
        (
            "summary",
            json!({ "quality": round(0.5 + noise(recipe, 0) / 2.0, 3) }),
        )
    }
}

/// A fast rise and an exponential decay over a background, in counts per second.
fn light_curve(recipe: &Recipe<'_>) -> Value {
    let (peak, decay) = (200.0 + 2000.0 * noise(recipe, 0), 1.0 + 20.0 * noise(recipe, 1));
    let samples = (0..SAMPLES).map(|bin| {
        let since_trigger = f64::from(bin) - 4.0;
        let burst = if since_trigger < 0.0 {
            0.0
        } else {
            peak * (-since_trigger / decay).exp()
        };
        json!([
            since_trigger,
            round(burst + 50.0 + 10.0 * noise(recipe, bin + 2), 1)
        ])
    });
    json!({"columns": ["s since trigger", "counts/s"], "samples": samples.collect::<Vec<_>>()})
}

/// A power law over three decades of energy from 4 keV on.
fn spectrum(recipe: &Recipe<'_>) -> Value {
    let index = -0.8 - 1.2 * noise(recipe, 0);
    let samples = (0..SAMPLES).map(|bin| {
        let energy = 4.0 * 10_f64.powf(f64::from(bin) * 3.0 / f64::from(SAMPLES));
        let flux = 0.1 * (energy / 100.0).powf(index) * (0.9 + 0.2 * noise(recipe, bin + 1));
        json!([round(energy, 2), round(flux, 7)])
    });
    json!({"columns": ["keV", "ph/cm2/s/keV"], "photon_index": round(index, 2), "samples": samples.collect::<Vec<_>>()})
}

/// All products of an observation look at the same place, each with its own error.
fn position(recipe: &Recipe<'_>) -> Value {
    let of_the_burst = |what: &str| fraction(hash(&format!("{}/{what}", recipe.obs_id)));
    let error_deg = 0.01 + 0.2 * noise(recipe, 0);
    let ra = 360.0 * of_the_burst("ra") + error_deg * (noise(recipe, 1) - 0.5);
    let dec = (2.0 * of_the_burst("dec") - 1.0).asin().to_degrees() + error_deg * (noise(recipe, 2) - 0.5);
    json!({
        "ra_deg": round(ra.rem_euclid(360.0), 4),
        "dec_deg": round(dec.clamp(-90.0, 90.0), 4),
        "error_deg": round(error_deg, 4),
    })
}

fn noise(recipe: &Recipe<'_>, sample: u32) -> f64 {
    fraction(hash(&format!("{}/{}/{sample}", recipe.obs_id, recipe.product)))
}

fn round(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(product: &str, obs_id: u64, inputs: Option<&[InputRef]>) -> Value {
        let recipe = Recipe {
            obs_id: &obs_id.try_into().unwrap(),
            product: &product.parse().unwrap(),
            inputs,
            missing: &[],
            params: None,
        };
        content(&recipe)
    }

    #[test]
    fn the_same_inputs_give_the_same_bytes_wherever_they_lie() {
        let mut input: InputRef =
            serde_json::from_str(r#"{"product":"EclTmVhfAlert","revision":2,"href":"http://a/1"}"#).unwrap();
        let first = of("QLC_ECL", 42, Some(std::slice::from_ref(&input)));
        input.href = Some("http://b/2".to_owned());
        assert_eq!(
            first.to_string(),
            of("QLC_ECL", 42, Some(std::slice::from_ref(&input))).to_string()
        );
        assert_eq!(first["made_from"][0]["revision"], 2);
        assert_ne!(first, of("QLC_ECL", 43, Some(&[input])));
    }

    #[test]
    fn data_look_like_their_kind() {
        assert_eq!(of("QLC_ECL", 42, None)["kind"], "light curve");
        assert_eq!(
            of("QSP_MXT", 42, None)["data"]["samples"]
                .as_array()
                .unwrap()
                .len(),
            16
        );
        let (one, other) = (of("QPO_ECL", 42, None), of("QPO_MXT", 42, None));
        let ra = |product: &Value| product["data"]["ra_deg"].as_f64().unwrap();
        assert!((ra(&one) - ra(&other)).abs() < 0.5, "one burst, one place");
        assert!(of("BURST_SUM", 42, None).to_string().len() < 1000);
    }
}
