//! From text to a checked graph: read all, check all, then build.

mod draft;
mod fields;
mod product;
mod provider;
mod value;

pub(crate) use draft::{DraftProduct, Edge};

use crate::json::Json;
use crate::mistake::Mistakes;
use crate::path::Path;
use crate::{GraphErrors, MAX_GRAPH_BYTES, ProductGraph, topology};
use draft::Draft;

/// The keys of the document.
const KEYS: &[&str] = &["inputs", "products", "providers"];

/// Reads graph.json; see [`ProductGraph::parse`].
pub(crate) fn parse(text: &str) -> Result<ProductGraph, GraphErrors> {
    let mut mistakes = Mistakes::default();
    let draft = match to_json(text) {
        Ok(json) => Draft::read(&json, &mut mistakes),
        Err(message) => {
            mistakes.report(&Path::root(), message);
            Draft::default()
        }
    };
    topology::report_cycles(&draft.products, &mut mistakes);
    mistakes.finish()?;
    Ok(draft.into_graph())
}

fn to_json(text: &str) -> Result<Json, String> {
    if text.len() > MAX_GRAPH_BYTES {
        return Err(format!(
            "{} bytes are more than a graph may have ({MAX_GRAPH_BYTES})",
            text.len()
        ));
    }
    // Some editors put a byte order mark in front, which RFC 8259 (section 8.1) lets a reader ignore.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))
}
