//! Bytes that nothing here can read.

use super::Source;

/// As many of them as anybody reads.
const MAX_HEAD: usize = 4096;

/// The first bytes of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hex {
    /// The first of them.
    pub head: Vec<u8>,
    /// How many there are.
    pub size: u64,
}

impl Hex {
    pub(super) fn of(source: &Source<'_>) -> Self {
        Self {
            head: source.bytes.iter().take(MAX_HEAD).copied().collect(),
            size: source.size,
        }
    }
}
