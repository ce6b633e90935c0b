//! Any JSON document.

use super::{Content, Source, Tree};

/// A document of which the end is missing is none.
pub(super) fn read(source: &Source<'_>) -> Option<Content> {
    if !source.is_whole() {
        return None;
    }
    Tree::read(source.bytes).map(Content::Json)
}
