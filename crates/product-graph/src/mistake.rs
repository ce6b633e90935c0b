//! What is wrong with a graph: all of it, each at its place.

use crate::path::Path;
use serde::Serialize;

/// One mistake in graph.json.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// Where: a JSON path (RFC 9535) such as `$.products.QPO_ECL.m_input[0]`.
    pub path: String,
    /// What is wrong there, and what would be right. One line.
    pub message: String,
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// Why a graph does not load: every mistake in it, one per line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct GraphErrors(Vec<Mistake>);

impl GraphErrors {
    /// The mistakes, at least one.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.0
    }
}

impl std::fmt::Display for GraphErrors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, mistake) in self.0.iter().enumerate() {
            let separator = if at == 0 { "" } else { "\n" };
            write!(f, "{separator}{mistake}")?;
        }
        Ok(())
    }
}

/// The mistakes found so far.
#[derive(Debug, Default)]
pub(crate) struct Mistakes(Vec<Mistake>);

/// How many mistakes are worth the search for what was meant.
const MAX_SUGGESTIONS: usize = 100;

/// How much of a wrong text is repeated, in characters.
const EXCERPT_CHARS: usize = 80;

impl Mistakes {
    /// Notes a mistake and goes on.
    pub(crate) fn report(&mut self, path: &Path, message: impl Into<String>) {
        let (path, message) = (path.to_string(), message.into());
        self.0.push(Mistake { path, message });
    }

    /// The candidate that was probably meant, as `; did you mean "it"?`, or nothing.
    pub(crate) fn did_you_mean<'a>(&self, text: &str, known: impl IntoIterator<Item = &'a str>) -> String {
        if self.0.len() >= MAX_SUGGESTIONS || text.chars().count() > EXCERPT_CHARS {
            return String::new();
        }
        let meant = text.to_lowercase();
        let farthest = (text.len() / 3).clamp(1, 3);
        let near = known.into_iter().filter_map(|candidate| {
            let distance = strsim::damerau_levenshtein(&meant, &candidate.to_lowercase());
            // Replacing the whole of a short name makes another name, not what was meant.
            (distance <= farthest && distance < text.len()).then_some((distance, candidate))
        });
        near.min().map_or_else(String::new, |(_, candidate)| {
            format!("; did you mean {candidate:?}?")
        })
    }

    /// The end: nothing if nothing was wrong.
    pub(crate) fn finish(self) -> Result<(), GraphErrors> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(GraphErrors(self.0))
        }
    }
}

/// A wrong text in quotes, cut where it is long.
pub(crate) fn quoted(text: &str) -> String {
    match text.char_indices().nth(EXCERPT_CHARS) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}...", &text[..end]),
    }
}
