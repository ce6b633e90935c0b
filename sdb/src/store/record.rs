//! What the store keeps of a product, and how it is read from a row.

use domain::{JsonObject, ObsId, ProductName, Provenance, ProviderName, Sha256, Version};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use smol_str::SmolStr;
use sqlx::{Row, sqlite::SqliteRow};
use std::{fmt, str::FromStr};

/// A product of an observation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cell {
    /// The observation.
    pub obs_id: ObsId,
    /// The product.
    pub product: ProductName,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.obs_id, self.product)
    }
}

/// A JSON object that is kept as it was sent, unknown fields included, beside what we understand of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent<T> {
    /// The text as it was sent.
    pub text: String,
    /// What it means to us.
    pub value: T,
}

/// One version of a product in the store.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The place in the order of imports; never leaves the store but as a cursor.
    pub id: i64,
    /// Which product of which observation.
    pub cell: Cell,
    /// 1, 2, 3 ... per cell.
    pub version: Version,
    /// The number of bytes.
    pub size: u64,
    /// Their checksum.
    pub sha256: Sha256,
    /// What the importer said they are.
    pub content_type: String,
    /// When they were stored.
    pub created_at: Timestamp,
    /// The burst, where the importer named one.
    pub burst_id: Option<SmolStr>,
    /// `X-Meta`.
    pub meta: Option<JsonObject>,
    /// `X-Provenance`.
    pub provenance: Option<Provenance>,
    /// Where the bytes are in the object store; `None`: beside the row.
    pub blob: Option<String>,
    /// Whether, when and why it was withdrawn.
    pub retraction: Option<Retraction>,
}

/// How a version was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retraction {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
    /// By whom, if it was said.
    pub by: Option<String>,
}

/// An announcement of the feed: `n` and the record that it speaks of.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The place in the feed, from 1. Given without a gap; what is forgotten later leaves one.
    pub n: i64,
    /// When it was written.
    pub at: Timestamp,
    /// Whether it withdraws the record.
    pub retracted: bool,
    /// The record.
    pub record: std::sync::Arc<Record>,
}

/// What a query for [`Record`]s selects, in the order in which [`Record::from_row`] reads it; the table is `r`.
/// A macro, because the texts of the queries are put together at compile time.
macro_rules! record_columns {
    () => {
        "r.id, r.obs_id, r.product, r.version, r.size, r.sha256, r.content_type, r.created_at, r.burst_id, \
         r.meta, r.provenance, r.blob, r.retracted_at, r.retracted_reason, r.retracted_by"
    };
}
pub(super) use record_columns;

/// How many columns [`record_columns`] are: the place of the first one after them.
pub(super) const AFTER_RECORD: usize = 15;

impl Record {
    pub(super) fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        let retraction = match row.try_get::<Option<i64>, _>(12)? {
            None => None,
            Some(at) => Some(Retraction {
                at: timestamp(at)?,
                reason: row.try_get::<Option<String>, _>(13)?.unwrap_or_default(),
                by: row.try_get(14)?,
            }),
        };
        Ok(Self {
            id: row.try_get(0)?,
            cell: Cell {
                obs_id: parsed(row, 1)?,
                product: parsed(row, 2)?,
            },
            version: Version(unsigned(row, 3)?),
            size: unsigned(row, 4)?,
            sha256: parsed(row, 5)?,
            content_type: row.try_get(6)?,
            created_at: timestamp(row.try_get(7)?)?,
            burst_id: row.try_get::<Option<&str>, _>(8)?.map(SmolStr::new),
            meta: json(row, 9)?,
            provenance: json(row, 10)?,
            blob: row.try_get(11)?,
            retraction,
        })
    }

    /// The pipeline that made it, from the provenance.
    pub fn provider(&self) -> Option<&ProviderName> {
        self.provenance.as_ref()?.provider.as_ref()
    }
}

impl Entry {
    /// Reads [`record_columns`] followed by `n`, `at` and `retracted`.
    pub(super) fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            n: row.try_get(AFTER_RECORD)?,
            at: timestamp(row.try_get(AFTER_RECORD + 1)?)?,
            retracted: row.try_get::<i64, _>(AFTER_RECORD + 2)? != 0,
            record: std::sync::Arc::new(Record::from_row(row)?),
        })
    }
}

/// A moment from the microseconds in which the database keeps it.
pub(super) fn timestamp(microseconds: i64) -> Result<Timestamp, sqlx::Error> {
    Timestamp::from_microsecond(microseconds).map_err(decode_error)
}

fn unsigned(row: &SqliteRow, column: usize) -> Result<u64, sqlx::Error> {
    u64::try_from(row.try_get::<i64, _>(column)?).map_err(decode_error)
}

fn parsed<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    row: &SqliteRow,
    column: usize,
) -> Result<T, sqlx::Error> {
    row.try_get::<&str, _>(column)?.parse().map_err(decode_error)
}

fn json<T: DeserializeOwned>(row: &SqliteRow, column: usize) -> Result<Option<T>, sqlx::Error> {
    let text = row.try_get::<Option<&str>, _>(column)?;
    text.map(serde_json::from_str).transpose().map_err(decode_error)
}

fn decode_error(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}
