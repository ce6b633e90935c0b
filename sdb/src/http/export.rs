//! Export: the bytes as they were imported, or none.

use super::{
    App, CellPath, VersionQuery, digest, problems,
    verified::{corrupt, verified, verified_stream},
    wanted::Wanted,
};
use crate::{
    store::{Record, Stored},
    wire::Address,
};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use headers::ETag;
use service_kit::{ApiPath, ApiQuery, Problem};
use std::ops::Range;

/// Export a product
///
/// The latest version's bytes, or those of `?version=N`, verified against their checksum. A latest version
/// that was withdrawn answers 410; there is no fallback to an older one. `Range` gives a part; only a part of a
/// product over 64 KiB is not verified on the way.
#[utoipa::path(
    get, path = "/products/{obs_id}/{product}", tag = "export",
    params(
        CellPath, VersionQuery,
        ("Range" = Option<String>, Header, description = "`bytes=0-99`: one part"),
        ("If-Range" = Option<String>, Header, description = "The ETag of which a part is wanted; all of another"),
        ("If-None-Match" = Option<String>, Header, description = "The ETags that the client has"),
    ),
    responses(
        (status = 200, description = "The bytes, of the type with which they were imported", body = Vec<u8>, content_type = "application/octet-stream",
         headers(("ETag" = String, description = "The checksum"), ("Repr-Digest" = String, description = "The checksum (RFC 9530)"), ("Content-Location" = String, description = "The address of this version"))),
        (status = 206, description = "The part that was asked for", body = Vec<u8>, content_type = "application/octet-stream",
         headers(("Content-Range" = String, description = "Which part, of how many bytes"))),
        (status = 304, description = "The client has it"),
        (status = 404, description = "`unknown-version`", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "`retracted`", body = Problem, content_type = "application/problem+json"),
        (status = 416, description = "`range-not-satisfiable`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-obs-id`, `invalid-request`", body = Problem, content_type = "application/problem+json"),
        (status = 500, description = "`checksum-mismatch`: the bytes are damaged on disk", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`store-unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn product(
    State(app): State<App>,
    ApiPath(path): ApiPath<CellPath>,
    ApiQuery(VersionQuery { version }): ApiQuery<VersionQuery>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let cell = path.into();
    let failed = |error| problems::store(&error);
    let Some(Stored { record, inline }) = app.store.stored(&cell, version).await.map_err(failed)? else {
        return Err(problems::unknown_version(&cell, version));
    };
    if let (None, Some(retraction)) = (version, &record.retraction) {
        return Err(problems::retracted(&record, &retraction.reason));
    }
    let tag = format!("\"{}\"", record.sha256);
    let etag: ETag = tag.parse().map_err(Problem::internal)?;
    let part = match Wanted::of(&asked, record.size, &etag) {
        Wanted::All => None,
        Wanted::Part(part) => Some(part),
        Wanted::Nothing => return Ok((StatusCode::NOT_MODIFIED, named(&record, tag)).into_response()),
        Wanted::Unsatisfiable => return Err(problems::not_satisfiable(&record)),
    };
    let body = match (inline, &record.blob, part.clone()) {
        (Some(bytes), _, part) => cut(verified(bytes, &record).map_err(failed)?, part).into(),
        (None, Some(blob), None) => {
            let bytes = app.store.blob(blob).await.map_err(failed)?;
            Body::from_stream(verified_stream(bytes, &record))
        }
        (None, Some(blob), Some(part)) => {
            Body::from_stream(app.store.blob_part(blob, part).await.map_err(failed)?)
        }
        (None, None, _) => return Err(failed(corrupt(&record))),
    };
    metrics::counter!("sdb_exports_total").increment(1);
    let mut response = (named(&record, tag), described(&record), body).into_response();
    let length = match part {
        None => record.size,
        Some(part) => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let of = format!("bytes {}-{}/{}", part.start, part.end - 1, record.size);
            response.headers_mut().insert(header::CONTENT_RANGE, value(of));
            part.end - part.start
        }
    };
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, length.into());
    Ok(response)
}

/// Which bytes they are.
fn named(record: &Record, tag: String) -> [(HeaderName, HeaderValue); 2] {
    [
        (header::ETAG, value(tag)),
        (header::CONTENT_LOCATION, value(Address::path(record))),
    ]
}

/// How they are; of a part, too, the digest is that of the whole.
fn described(record: &Record) -> [(HeaderName, HeaderValue); 3] {
    [
        (header::CONTENT_TYPE, value(record.content_type.clone())),
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        (
            HeaderName::from_static("repr-digest"),
            value(digest::structured(record.sha256)),
        ),
    ]
}

fn value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

/// A part of bytes that are at most 64 KiB.
fn cut(mut bytes: Vec<u8>, part: Option<Range<u64>>) -> Vec<u8> {
    if let Some(part) = part {
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
        let (start, end) = (place(part.start), place(part.end));
        bytes.truncate(end);
        bytes.drain(..start);
    }
    bytes
}
