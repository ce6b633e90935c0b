//! `position/1` and `sources/1` of `docs/products.md`.

use super::{Content, MAX_PARTS, Source};
use crate::ui::product::sky::Equatorial;
use jiff::Timestamp;
use serde::Deserialize;

/// A place on the sky, and what may be there.
#[derive(Debug, Clone, PartialEq)]
pub struct Position {
    /// Whose position it is.
    pub instrument: Option<String>,
    /// When the photons came.
    pub time: Option<Timestamp>,
    /// Where: the best guess, or the middle of a field.
    pub place: Equatorial,
    /// The radius of the error circle, or of the field, in degrees.
    pub radius_deg: Option<f64>,
    /// Which part of all positions is within it.
    pub confidence: Option<f64>,
    /// Signal to noise.
    pub snr: Option<f64>,
    /// What was found in the field, the most likely first.
    pub candidates: Vec<Candidate>,
}

/// A candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub place: Equatorial,
    /// The radius of its error circle in degrees.
    pub radius_deg: Option<f64>,
    /// Signal to noise.
    pub snr: Option<f64>,
    /// How bright it is.
    pub magnitude: Option<f64>,
}

#[derive(Deserialize)]
struct PositionData {
    #[serde(default)]
    instrument: Option<String>,
    #[serde(default)]
    time: Option<Timestamp>,
    ra_deg: f64,
    dec_deg: f64,
    #[serde(default)]
    error_deg: Option<f64>,
    #[serde(default)]
    confidence: Option<f64>,
    #[serde(default)]
    snr: Option<f64>,
}

#[derive(Deserialize)]
struct SourcesData {
    #[serde(default)]
    instrument: Option<String>,
    #[serde(default)]
    time: Option<Timestamp>,
    ra_deg: f64,
    dec_deg: f64,
    #[serde(default)]
    radius_deg: Option<f64>,
    sources: Vec<SourceData>,
}

#[derive(Deserialize)]
struct SourceData {
    #[serde(default)]
    name: Option<String>,
    ra_deg: f64,
    dec_deg: f64,
    #[serde(default)]
    error_deg: Option<f64>,
    #[serde(default)]
    snr: Option<f64>,
    #[serde(default)]
    magnitude: Option<f64>,
}

pub(super) fn read(source: &Source<'_>) -> Option<Content> {
    let data: PositionData = source.data("position/1")?;
    Some(Content::Position(Position {
        instrument: data.instrument,
        time: data.time,
        place: Equatorial::new(data.ra_deg, data.dec_deg)?,
        radius_deg: radius(data.error_deg),
        confidence: data.confidence.filter(|part| (0.0..=1.0).contains(part)),
        snr: data.snr,
        candidates: Vec::new(),
    }))
}

/// More candidates than can be compared are JSON, of which one can read the first.
pub(super) fn read_sources(source: &Source<'_>) -> Option<Content> {
    let data: SourcesData = source.data("sources/1")?;
    if data.sources.len() > MAX_PARTS {
        return None;
    }
    let candidates: Option<Vec<Candidate>> = data.sources.into_iter().map(candidate).collect();
    Some(Content::Position(Position {
        instrument: data.instrument,
        time: data.time,
        place: Equatorial::new(data.ra_deg, data.dec_deg)?,
        radius_deg: radius(data.radius_deg),
        confidence: None,
        snr: None,
        candidates: candidates?,
    }))
}

fn candidate(data: SourceData) -> Option<Candidate> {
    Some(Candidate {
        name: data.name.unwrap_or_default(),
        place: Equatorial::new(data.ra_deg, data.dec_deg)?,
        radius_deg: radius(data.error_deg),
        snr: data.snr,
        magnitude: data.magnitude,
    })
}

/// Instruments say -1 when they have none to give.
fn radius(degrees: Option<f64>) -> Option<f64> {
    degrees.filter(|degrees| (0.0..=180.0).contains(degrees))
}
