//! What is in a product: what it was made from, and data that look like their kind, as `docs/products.md` describes.
//!
//! A pure function of seed, observation, product, inputs and what these say: a repeat of the run gives the same
//! bytes.

mod facts;
mod instrument;
mod light_curve;
mod noise;
mod position;
mod sources;
mod spectrum;

pub use facts::Facts;

use domain::{InputRef, JsonObject, ObsId, ProductName};
use instrument::Instrument;
use noise::Noise;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// What a product is made for and from.
#[derive(Debug, Clone, Copy)]
pub struct Recipe<'a> {
    /// Another seed, another sky.
    pub seed: u64,
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
    /// What the inputs say of the burst.
    pub facts: &'a Facts,
}

/// What the names of light curves contain.
const LIGHT_CURVES: [&str; 3] = ["QLC", "LC_", "QDUR"];

/// A JSON schema of the parameters of a product, if it has any.
pub(crate) fn params_schema(product: &ProductName) -> Option<Value> {
    let is_light_curve = LIGHT_CURVES.iter().any(|mark| product.as_str().contains(mark));
    is_light_curve.then(light_curve::params_schema)
}

/// The product as a JSON document.
pub fn content(recipe: &Recipe<'_>) -> Value {
    let made_from = recipe
        .inputs
        .map(|inputs| inputs.iter().map(made_from).collect::<Vec<_>>());
    let burst = recipe.facts.completed(recipe);
    let (schema, data) = data(recipe, &burst);
    json!({
        "schema": schema,
        "product": recipe.product,
        "obs_id": recipe.obs_id,
        "mock": true,
        "made_from": made_from,
        "missing": recipe.missing,
        "params": recipe.params,
        "burst": burst,
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

/// The schema by the usual abbreviations in product names, and data that follow it.
fn data(recipe: &Recipe<'_>, burst: &Facts) -> (&'static str, Value) {
    let name = recipe.product.as_str();
    let is = |marks: &[&str]| marks.iter().any(|mark| name.contains(mark));
    let instrument = Instrument::of(name);
    let mut noise = recipe.noise();
    if is(&LIGHT_CURVES) {
        let data = light_curve::data(instrument, burst, recipe.params, &mut noise);
        ("light-curve/1", data)
    } else if is(&["QSP", "QHR", "QFLU"]) {
        ("spectrum/1", spectrum::data(instrument, burst, &mut noise))
    } else if is(&["QCANDI", "QCAT", "QSKY", "QXM", "FDCHART"]) {
        ("sources/1", sources::data(instrument, burst, &mut noise))
    } else if is(&["QPO", "NOTICE", "TT_"]) {
        ("position/1", position::data(instrument, burst, &mut noise))
    } else {
        let quality = noise::rounded(0.5 + noise.uniform() / 2.0, 3);
        ("summary/1", json!({ "quality": quality }))
    }
}

impl Recipe<'_> {
    /// Noise of its own for each set of inputs: a newer packet makes another product.
    fn noise(&self) -> Noise {
        let mut of = format!("{}/{}/{}", self.seed, self.obs_id, self.product);
        for input in self.inputs.unwrap_or_default() {
            let (revision, version) = (input.revision.map(|it| it.0), input.version.map(|it| it.0));
            // Writing to a String cannot fail.
            let _ = write!(of, "/{}:{revision:?}:{version:?}", input.product);
        }
        Noise::of(&of)
    }
}

#[cfg(test)]
mod tests;
