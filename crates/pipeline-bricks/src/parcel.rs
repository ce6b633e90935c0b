//! A product ready to be sent.

use crate::archive::is_preliminary;
use api::Import;
use bytes::Bytes;
use domain::{ProductName, Sha256};
use sha2::Digest as _;

/// From here on an import is sent with its checksum: below, TCP's is enough.
const CHECKSUM_FROM_BYTES: usize = 64 * 1024;

/// All of an import: where it goes is the order's.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parcel {
    pub(crate) product: ProductName,
    pub(crate) bytes: Bytes,
    pub(crate) import: Import,
}

impl Parcel {
    /// The same with its checksum, if it is large.
    pub(crate) fn new(product: ProductName, bytes: Bytes, import: Import) -> Self {
        let sha256 = (bytes.len() >= CHECKSUM_FROM_BYTES)
            .then(|| Sha256::from_bytes(sha2::Sha256::digest(&bytes).into()));
        Self {
            product,
            bytes,
            import: Import { sha256, ..import },
        }
    }

    /// Whether a better one follows.
    pub(crate) fn is_preliminary(&self) -> bool {
        is_preliminary(self.import.meta.as_ref())
    }
}
