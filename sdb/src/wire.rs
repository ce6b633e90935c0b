//! Records and entries of the feed as others see them, with the address of the bytes.

use crate::store::{Entry, Record};
use api::sdb::{ProductRecord, Retraction};
use domain::Announcement;

/// Where this database is reached by others.
#[derive(Debug, Clone)]
pub struct Address {
    base: String,
}

impl Address {
    /// From the base URL, with or without a slash at its end.
    pub fn new(base: &str) -> Self {
        Self {
            base: base.trim_end_matches('/').to_owned(),
        }
    }

    /// The path and query of a record's bytes. Ids and names need no escaping, their alphabets see to that.
    pub fn path(record: &Record) -> String {
        format!(
            "/products/{}/{}?version={}",
            record.cell.obs_id, record.cell.product, record.version
        )
    }

    /// The whole address of a record's bytes.
    pub fn href(&self, record: &Record) -> String {
        format!("{}{}", self.base, Self::path(record))
    }

    /// A record as REST shows it.
    pub fn record(&self, record: &Record) -> ProductRecord {
        ProductRecord {
            obs_id: record.cell.obs_id.clone(),
            product: record.cell.product.clone(),
            version: record.version,
            size: record.size,
            sha256: record.sha256,
            content_type: record.content_type.clone(),
            created_at: record.created_at,
            href: self.href(record),
            meta: record.meta.clone(),
            provenance: record.provenance.clone(),
            burst_id: record.burst_id.as_ref().map(ToString::to_string),
            retracted: record.retraction.as_ref().map(|retraction| Retraction {
                at: retraction.at,
                reason: retraction.reason.clone(),
                by: retraction.by.clone(),
            }),
        }
    }

    /// An entry of the feed, as `data.sdb` says it.
    pub fn announcement(&self, entry: &Entry) -> Announcement {
        let record = &*entry.record;
        let provenance = record.provenance.as_ref();
        Announcement {
            version: Some(record.version),
            href: Some(self.href(record)),
            sha256: Some(record.sha256),
            size: Some(record.size),
            burst_id: record.burst_id.clone(),
            at: Some(entry.at),
            retracted: entry.retracted,
            meta: record.meta.clone(),
            run_id: provenance.and_then(|provenance| provenance.run_id.clone()),
            attempt: provenance.and_then(|provenance| provenance.attempt),
            provider: record.provider().cloned(),
            inputs: provenance.and_then(|provenance| provenance.inputs.clone()),
            ..Announcement::of(record.cell.product.clone(), record.cell.obs_id.clone())
        }
    }
}
