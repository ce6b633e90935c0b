//! What is asked of the writer, and what it answers.

use super::{
    blobs::Blob,
    record::{Cell, Record, Sent},
};
use domain::{JsonObject, Provenance, Sha256, Version};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::sync::Arc;

/// The largest payload that lives in the database, in bytes. A synced file of its own costs 0.9 ms of
/// processor time per product; from about this size on, the row costs more.
pub const MAX_INLINE_BYTES: usize = 64 * 1024;

/// A product that is about to be stored; its bytes are here, or durable in the object store.
#[derive(Debug)]
pub struct NewImport {
    /// Which product of which observation.
    pub cell: Cell,
    /// The number of bytes.
    pub size: u64,
    /// Their checksum.
    pub sha256: Sha256,
    /// What the importer says they are.
    pub content_type: String,
    /// The burst, where the importer names one.
    pub burst_id: Option<SmolStr>,
    /// `X-Meta`.
    pub meta: Option<Sent<JsonObject>>,
    /// `X-Provenance`.
    pub provenance: Option<Sent<Provenance>>,
    /// `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// The bytes.
    pub payload: Payload,
}

/// Where the bytes of a new product are.
#[derive(Debug)]
pub enum Payload {
    /// Here; at most [`MAX_INLINE_BYTES`].
    Inline(Vec<u8>),
    /// Durable in the object store.
    Blob(Blob),
}

impl Payload {
    /// Keeps the bytes in the object store, since a record names them.
    pub(super) fn keep(self) {
        match self {
            Self::Inline(_) => {}
            Self::Blob(blob) => blob.keep(),
        }
    }
}

/// What came of an import.
#[derive(Debug, Clone)]
pub enum Imported {
    /// It is a new version.
    New(Arc<Record>),
    /// The same bytes came under the same key before; this is what was stored then.
    Repeat(Arc<Record>),
    /// Other bytes came under the same key before. Nothing was stored.
    KeyReused(Arc<Record>),
}

/// A version that is to be withdrawn.
#[derive(Debug, Clone)]
pub struct Withdrawal {
    /// Which product of which observation.
    pub cell: Cell,
    /// Which version; `None` for the latest.
    pub version: Option<Version>,
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: Option<String>,
}

impl NewImport {
    /// How many bytes the database takes for it, about: bounds the size of a commit.
    pub(super) fn row_bytes(&self) -> usize {
        match &self.payload {
            Payload::Inline(bytes) => bytes.len(),
            Payload::Blob(_) => 0,
        }
    }

    /// The record that it becomes, the texts of meta and provenance, and the bytes.
    pub(super) fn into_record(self, id: i64, version: Version, created_at: Timestamp) -> Planned {
        let (meta_text, meta) = taken_apart(self.meta);
        let (provenance_text, provenance) = taken_apart(self.provenance);
        let record = Arc::new(Record {
            id,
            cell: self.cell,
            version,
            size: self.size,
            sha256: self.sha256,
            content_type: self.content_type,
            created_at,
            burst_id: self.burst_id,
            meta,
            provenance,
            blob: match &self.payload {
                Payload::Inline(_) => None,
                Payload::Blob(blob) => Some(blob.key().to_owned()),
            },
            retraction: None,
        });
        Planned {
            record,
            meta_text,
            provenance_text,
            idempotency_key: self.idempotency_key,
            payload: self.payload,
        }
    }
}

/// A new version with all that its rows need.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) record: Arc<Record>,
    pub(super) meta_text: Option<String>,
    pub(super) provenance_text: Option<String>,
    pub(super) idempotency_key: Option<String>,
    pub(super) payload: Payload,
}

fn taken_apart<T>(sent: Option<Sent<T>>) -> (Option<String>, Option<T>) {
    match sent {
        Some(sent) => (Some(sent.text), Some(sent.value)),
        None => (None, None),
    }
}
