//! Calls to the SDB.

use super::download::Download;
use super::http::{Call, Http, at};
use crate::sdb::{ObservationRecord, ProductRecord, RecordQuery, RetractRequest};
use crate::{ApiError, Items, PageQuery};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::{JsonObject, ObsId, ProductName, Provenance, Sha256, Version};
use reqwest::Method;
use serde::Serialize;
use std::fmt::Write as _;
use std::time::Duration;
use url::Url;

/// Lists and acts: a few rows of an index; ten seconds is an SDB in trouble.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// Until the first byte of an export, with a shared commit or two before it.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(10);

/// An import is answered when it is durable; a disk under load may take this long for a small one.
const IMPORT_TIMEOUT: Duration = Duration::from_secs(30);

/// The slowest import that is not given up, in bytes per second.
const IMPORT_LEAST_RATE: u64 = 1024 * 1024;

/// An import of unknown length is given up after this: 16 GiB, the SDB's default limit, at the least rate.
const IMPORT_UNKNOWN_TIMEOUT: Duration = Duration::from_secs(16 * 1024);

/// The largest `X-Meta` and `X-Provenance`, each, in bytes (protocol section 3.2).
const MAX_HEADER_BYTES: usize = 8 * 1024;

/// What is told about the bytes of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Import {
    /// Their type; `application/octet-stream` if not given.
    pub content_type: Option<String>,
    /// A repeat with the same key and bytes answers with the first record.
    pub idempotency_key: Option<String>,
    /// `X-Meta`.
    pub meta: Option<JsonObject>,
    /// `X-Provenance`.
    pub provenance: Option<Provenance>,
    /// Their checksum, which the SDB compares.
    pub sha256: Option<Sha256>,
}

/// A client of one SDB.
#[derive(Debug, Clone)]
pub struct SdbClient {
    http: Http,
    base: Url,
}

impl SdbClient {
    /// A client of the SDB at this URL.
    pub fn new(http: Http, base: Url) -> Self {
        Self { http, base }
    }

    /// The same client, passing on a W3C `traceparent`.
    #[must_use]
    pub fn traced(&self, traceparent: Option<&str>) -> Self {
        Self {
            http: self.http.traced(traceparent),
            base: self.base.clone(),
        }
    }

    /// Where the SDB is.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// `POST /products/{obs_id}/{product}`: stores bytes as the cell's next version.
    pub async fn import(
        &self,
        obs_id: &ObsId,
        product: &ProductName,
        bytes: Bytes,
        import: &Import,
    ) -> Result<ProductRecord, ApiError> {
        let size = bytes.len() as u64;
        self.import_body(obs_id, product, bytes.into(), Some(size), import)
            .await
    }

    /// The same for a body that is streamed; `size` is its length if that is known.
    pub async fn import_body(
        &self,
        obs_id: &ObsId,
        product: &ProductName,
        body: reqwest::Body,
        size: Option<u64>,
        import: &Import,
    ) -> Result<ProductRecord, ApiError> {
        let timeout = match size {
            Some(size) => IMPORT_TIMEOUT + Duration::from_secs(size / IMPORT_LEAST_RATE),
            None => IMPORT_UNKNOWN_TIMEOUT,
        };
        let url = self.product(obs_id, product, &[])?;
        let mut call = describe(Call::new(Method::POST, url, timeout), import)?;
        *call.request.body_mut() = Some(body);
        self.http.call(call).await?.json()
    }

    /// `POST /products`: a JSON document that names its own cell.
    pub async fn import_document(&self, document: &impl Serialize) -> Result<ProductRecord, ApiError> {
        self.http
            .post(at(&self.base, &["products"])?, document, IMPORT_TIMEOUT)
            .await
    }

    /// `GET /products/{obs_id}/{product}`: the bytes of the latest version, or of this one, as they come.
    pub async fn export(
        &self,
        obs_id: &ObsId,
        product: &ProductName,
        version: Option<Version>,
    ) -> Result<Download, ApiError> {
        let url = with_version(self.product(obs_id, product, &[])?, version);
        Download::open(&self.http, Call::new(Method::GET, url, EXPORT_TIMEOUT)).await
    }

    /// `GET /products/{obs_id}/{product}/versions`: the cell's records, newest first.
    pub async fn versions(
        &self,
        obs_id: &ObsId,
        product: &ProductName,
        page: &PageQuery,
    ) -> Result<Items<ProductRecord>, ApiError> {
        let url = self.product(obs_id, product, &["versions"])?;
        self.http.query(url, page, CALL_TIMEOUT).await
    }

    /// `GET /products/{obs_id}`: the records of one observation.
    pub async fn observation(
        &self,
        obs_id: &ObsId,
        page: &PageQuery,
    ) -> Result<Items<ProductRecord>, ApiError> {
        let url = at(&self.base, &["products", &obs_id.to_string()])?;
        self.http.query(url, page, CALL_TIMEOUT).await
    }

    /// `GET /products`: the records that meet a query.
    pub async fn records(&self, query: &RecordQuery) -> Result<Items<ProductRecord>, ApiError> {
        self.http
            .query(at(&self.base, &["products"])?, query, CALL_TIMEOUT)
            .await
    }

    /// `GET /observations`.
    pub async fn observations(&self, page: &PageQuery) -> Result<Items<ObservationRecord>, ApiError> {
        self.http
            .query(at(&self.base, &["observations"])?, page, CALL_TIMEOUT)
            .await
    }

    /// `POST /products/{obs_id}/{product}/retract`: withdraws the latest version, or this one.
    pub async fn retract(
        &self,
        obs_id: &ObsId,
        product: &ProductName,
        version: Option<Version>,
        reason: &str,
    ) -> Result<ProductRecord, ApiError> {
        let url = with_version(self.product(obs_id, product, &["retract"])?, version);
        let body = RetractRequest {
            reason: reason.to_owned(),
        };
        self.http.post(url, &body, CALL_TIMEOUT).await
    }

    fn product(&self, obs_id: &ObsId, product: &ProductName, more: &[&str]) -> Result<Url, ApiError> {
        let mut url = at(&self.base, &["products", &obs_id.to_string(), product.as_str()])?;
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(more);
        }
        Ok(url)
    }
}

fn with_version(mut url: Url, version: Option<Version>) -> Url {
    if let Some(version) = version {
        url.query_pairs_mut().append_pair("version", &version.to_string());
    }
    url
}

fn describe(mut call: Call, import: &Import) -> Result<Call, ApiError> {
    let content_type = import
        .content_type
        .as_deref()
        .unwrap_or("application/octet-stream");
    call = call.header("content-type", content_type)?;
    if let Some(key) = &import.idempotency_key {
        call = call.header("idempotency-key", key)?;
    }
    if let Some(meta) = &import.meta {
        call = call.header("x-meta", &ascii_json("X-Meta", meta)?)?;
    }
    if let Some(provenance) = &import.provenance {
        call = call.header("x-provenance", &ascii_json("X-Provenance", provenance)?)?;
    }
    if let Some(sha256) = &import.sha256 {
        // RFC 9530: a structured dictionary of byte sequences.
        let digest = STANDARD.encode(sha256.as_bytes());
        call = call.header("repr-digest", &format!("sha-256=:{digest}:"))?;
    }
    Ok(call)
}

/// JSON for a header: ASCII only, everything else escaped as JSON allows.
fn ascii_json(name: &str, value: &impl Serialize) -> Result<String, ApiError> {
    let json = serde_json::to_string(value).map_err(|error| ApiError::Invalid(format!("{name}: {error}")))?;
    let mut ascii = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() && character != '\x7f' {
            ascii.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(ascii, "\\u{unit:04x}");
            }
        }
    }
    if ascii.len() > MAX_HEADER_BYTES {
        let size = ascii.len();
        return Err(ApiError::Invalid(format!(
            "{name} has {size} bytes as a header; at most {MAX_HEADER_BYTES} can be sent"
        )));
    }
    Ok(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_into_a_header_is_ascii_and_reads_back() {
        let meta: JsonObject = serde_json::from_str(r#"{"name":"η Carinæ 🚀","tab":"a\tb"}"#).unwrap();
        let header = ascii_json("X-Meta", &meta).unwrap();
        assert!(
            header.bytes().all(|byte| (0x20..0x7f).contains(&byte)),
            "{header}"
        );
        assert_eq!(serde_json::from_str::<JsonObject>(&header).unwrap(), meta);
    }

    #[test]
    fn what_is_too_large_for_a_header_is_refused_before_it_is_sent() {
        let meta = JsonObject::from_iter([("x".to_owned(), "y".repeat(MAX_HEADER_BYTES).into())]);
        assert!(matches!(ascii_json("X-Meta", &meta), Err(ApiError::Invalid(_))));
    }
}
