//! What the bytes of a product are: recognised, never trusted.
//!
//! A reader looks at a [`Source`] and says what it is, or that it is none of its business. The first that knows it
//! wins. FITS or a picture is one more file: a type, its reader in `READERS`, and a line in [`Content`].

mod hex;
mod json;
mod light_curve;
mod numbers;
mod position;
mod spectrum;
mod tree;

pub use hex::Hex;
pub use light_curve::{Band, LightCurve};
pub(super) use numbers::range;
pub use position::{Candidate, Position};
pub use spectrum::{Bin, Fit, Spectrum};
pub use tree::{Row, Tree, Value};

use crate::model::MAX_BODY;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A curve of more points is not drawn: a screen has some hundred columns.
const MAX_POINTS: usize = 100_000;

/// More bands, or candidates, than anybody compares.
const MAX_PARTS: usize = 64;

/// What a product is, ready to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Counts over time.
    LightCurve(LightCurve),
    /// Photons over energy.
    Spectrum(Spectrum),
    /// A place on the sky, or several.
    Position(Position),
    /// Any other JSON.
    Json(Tree),
    /// Anything else.
    Hex(Hex),
}

/// The bytes, and what is known about them before they are read.
#[derive(Debug)]
pub struct Source<'a> {
    /// The first bytes: all, or [`MAX_BODY`].
    pub bytes: &'a [u8],
    /// How many there are.
    pub size: u64,
    /// What the importer called them.
    pub content_type: &'a str,
    /// The `schema` that a JSON document names.
    schema: Option<String>,
}

/// Recognises one kind of content.
type Reader = fn(&Source<'_>) -> Option<Content>;

/// All of them; the particular ones first.
const READERS: [Reader; 5] = [
    light_curve::read,
    spectrum::read,
    position::read,
    position::read_sources,
    json::read,
];

impl Content {
    /// Recognises a product by its bytes, their type and how many there are. Whatever they are, it is something.
    pub fn read(bytes: &[u8], content_type: &str, size: u64) -> Self {
        let source = Source::new(bytes, content_type, size);
        READERS
            .iter()
            .find_map(|reader| reader(&source))
            .unwrap_or_else(|| Self::Hex(Hex::of(&source)))
    }

    /// Its name, for a title.
    pub fn name(&self) -> &'static str {
        match self {
            Self::LightCurve(_) => "light curve",
            Self::Spectrum(_) => "spectrum",
            Self::Position(position) if position.candidates.is_empty() => "position",
            Self::Position(_) => "candidates",
            Self::Json(_) => "JSON",
            Self::Hex(_) => "bytes",
        }
    }
}

impl<'a> Source<'a> {
    fn new(bytes: &'a [u8], content_type: &'a str, size: u64) -> Self {
        #[derive(Deserialize)]
        struct Named {
            schema: String,
        }
        let bytes = &bytes[..bytes.len().min(MAX_BODY)];
        let named: Option<Named> = serde_json::from_slice(bytes).ok();
        Self {
            bytes,
            size,
            content_type,
            schema: named.map(|named| named.schema),
        }
    }

    /// Whether these are all the bytes.
    fn is_whole(&self) -> bool {
        u64::try_from(self.bytes.len()).is_ok_and(|read| read == self.size)
    }

    /// The `data` of a document that names this schema and keeps to it.
    fn data<T: DeserializeOwned>(&self, schema: &str) -> Option<T> {
        #[derive(Deserialize)]
        struct Document<T> {
            data: T,
        }
        if self.schema.as_deref() != Some(schema) {
            return None;
        }
        let document: Document<T> = serde_json::from_slice(self.bytes).ok()?;
        Some(document.data)
    }
}
