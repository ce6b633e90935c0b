//! Bytes on their way out, checked against their checksum.

use super::problems;
use crate::store::{Record, StoreError};
use axum::body::Bytes;
use domain::Sha256;
use futures_util::{Stream, StreamExt, stream};
use sha2::Digest;

/// The bytes, if they are what was imported.
pub(super) fn verified(bytes: Vec<u8>, record: &Record) -> Result<Vec<u8>, StoreError> {
    let found = Sha256::from_bytes(sha2::Sha256::digest(&bytes).into());
    if found == record.sha256 {
        Ok(bytes)
    } else {
        Err(corrupt(record))
    }
}

/// Passes bytes on, but holds the last of them back until all are verified: a damaged product reaches its
/// client as a broken transfer, never as a whole one.
pub(super) fn verified_stream(
    source: impl Stream<Item = Result<Bytes, StoreError>> + Send + Unpin + 'static,
    record: &Record,
) -> impl Stream<Item = Result<Bytes, StoreError>> + Send + 'static {
    let verifier = Verifier {
        source,
        hasher: sha2::Sha256::new(),
        held: Bytes::new(),
        expected: record.sha256,
        corrupt: corrupt(record),
    };
    stream::try_unfold(Some(verifier), async |verifier| match verifier {
        Some(verifier) => verifier.next().await,
        None => Ok(None),
    })
}

struct Verifier<S> {
    source: S,
    hasher: sha2::Sha256,
    held: Bytes,
    expected: Sha256,
    corrupt: StoreError,
}

impl<S: Stream<Item = Result<Bytes, StoreError>> + Unpin> Verifier<S> {
    async fn next(mut self) -> Result<Option<(Bytes, Option<Self>)>, StoreError> {
        if let Some(chunk) = self.source.next().await {
            let chunk = chunk?;
            self.hasher.update(&chunk);
            let free = std::mem::replace(&mut self.held, chunk);
            return Ok(Some((free, Some(self))));
        }
        if Sha256::from_bytes(self.hasher.finalize().into()) == self.expected {
            return Ok(Some((self.held, None)));
        }
        problems::store(&self.corrupt); // tells the log; the client is past hearing it
        Err(self.corrupt)
    }
}

/// The record's bytes are not what was imported.
pub(super) fn corrupt(record: &Record) -> StoreError {
    StoreError::Corrupt {
        what: format!("{} version {}", record.cell, record.version),
    }
}
