//! `spectrum/1` of `docs/products.md`.

use super::numbers::with_gaps;
use super::{Content, MAX_POINTS, Source};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Photons over energy.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectrum {
    /// Whose photons they are.
    pub instrument: Option<String>,
    /// How long was counted, in seconds.
    pub exposure_s: Option<f64>,
    /// By energy.
    pub bins: Vec<Bin>,
    /// What was fitted to them.
    pub fit: Option<Fit>,
}

/// One bin. The numbers are whatever the file says, also none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Its lower edge in keV.
    pub low_kev: f64,
    /// Its upper edge.
    pub high_kev: f64,
    /// Photons per cm2, s and keV.
    pub flux: f64,
    /// One standard deviation of it.
    pub error: Option<f64>,
    /// What the model says.
    pub model: Option<f64>,
}

/// A model that was fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Which.
    pub model: String,
    /// Its parameters by their names.
    pub parameters: Vec<(String, f64)>,
    /// How well it fits.
    pub chi2: Option<f64>,
    /// Over how many bins.
    pub bins: Option<f64>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(default)]
    instrument: Option<String>,
    #[serde(default)]
    exposure_s: Option<f64>,
    #[serde(deserialize_with = "with_gaps")]
    edges_kev: Vec<f64>,
    #[serde(deserialize_with = "with_gaps")]
    flux: Vec<f64>,
    #[serde(default)]
    flux_error: Option<Vec<Option<f64>>>,
    #[serde(default)]
    fit: Option<FitData>,
}

#[derive(Deserialize)]
struct FitData {
    model: String,
    #[serde(default)]
    flux: Option<Vec<Option<f64>>>,
    #[serde(default)]
    chi2: Option<f64>,
    #[serde(default)]
    bins: Option<f64>,
    #[serde(flatten)]
    others: BTreeMap<String, serde_json::Value>,
}

/// A bin more than edges, or the other way round, is no spectrum; errors and models may be fewer.
pub(super) fn read(source: &Source<'_>) -> Option<Content> {
    let data: Data = source.data("spectrum/1")?;
    if data.edges_kev.len() != data.flux.len() + 1 || data.flux.len() > MAX_POINTS {
        return None;
    }
    let at = |list: Option<&Vec<Option<f64>>>, bin: usize| list.and_then(|list| *list.get(bin)?);
    let bins = data.edges_kev.windows(2).zip(&data.flux).enumerate();
    let bins = bins.filter_map(|(number, (edges, flux))| {
        let &[low_kev, high_kev] = edges else { return None };
        Some(Bin {
            low_kev,
            high_kev,
            flux: *flux,
            error: at(data.flux_error.as_ref(), number),
            model: at(data.fit.as_ref().and_then(|fit| fit.flux.as_ref()), number),
        })
    });
    Some(Content::Spectrum(Spectrum {
        instrument: data.instrument.clone(),
        exposure_s: data.exposure_s,
        bins: bins.collect(),
        fit: data.fit.as_ref().map(fit),
    }))
}

fn fit(data: &FitData) -> Fit {
    let parameters = data
        .others
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), value.as_f64()?)));
    Fit {
        model: data.model.clone(),
        parameters: parameters.collect(),
        chi2: data.chi2,
        bins: data.bins,
    }
}
