//! The errors of the store, and of requests to it, as problems.

use crate::store::{Cell, Record, StoreError};
use api::codes;
use axum::http::StatusCode;
use domain::{ObsId, Sha256, Version};
use service_kit::Problem;

/// When a client should come back after a failure that needs somebody to act.
const RETRY_AFTER_S: u64 = 5;

/// What the client hears of a failure of the store. The store has logged what it is in trouble with.
pub(super) fn store(error: &StoreError) -> Problem {
    match error {
        StoreError::Full(_) => Problem::new(
            StatusCode::INSUFFICIENT_STORAGE,
            "insufficient-storage",
            "No space is left for products",
        )
        .with_detail("nothing was stored; repeat the import when the disk has space again")
        .retry_after(RETRY_AFTER_S),
        StoreError::Database(_) | StoreError::Objects(_) => {
            let cause: &(dyn std::error::Error + 'static) = error;
            tracing::error!(error = cause, "a request failed");
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "store-unavailable",
                "The store is unavailable",
            )
            .retry_after(RETRY_AFTER_S)
        }
        StoreError::Corrupt { what } => {
            tracing::error!(product = what, "the stored bytes do not have their checksum");
            Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "checksum-mismatch",
                "The stored bytes do not have their checksum",
            )
            .with_detail(format!(
                "the bytes of {what} are damaged on disk and are not handed out"
            ))
        }
        StoreError::Closing => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            codes::DRAINING,
            "The service is stopping",
        )
        .retry_after(1),
    }
}

pub(super) fn unknown_observation(obs_id: &ObsId) -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        codes::UNKNOWN_OBSERVATION,
        "There is no such observation",
    )
    .with_detail(format!("nothing was ever imported for {obs_id}"))
}

pub(super) fn unknown_version(cell: &Cell, version: Option<Version>) -> Problem {
    let detail = match version {
        None => format!("{cell} was never imported"),
        Some(version) => format!("{cell} has no version {version}"),
    };
    Problem::new(
        StatusCode::NOT_FOUND,
        codes::UNKNOWN_VERSION,
        "There is no such product",
    )
    .with_detail(detail)
}

pub(super) fn retracted(record: &Record, reason: &str) -> Problem {
    let Record { cell, version, .. } = record;
    Problem::new(StatusCode::GONE, codes::RETRACTED, "The product was withdrawn")
        .with_detail(format!(
            "{cell} version {version} was withdrawn: {reason}; ?version={version} still gives its bytes"
        ))
        .with("version", version.0)
}

pub(super) fn not_satisfiable(record: &Record) -> Problem {
    Problem::new(
        StatusCode::RANGE_NOT_SATISFIABLE,
        "range-not-satisfiable",
        "The product has no such part",
    )
    .with_detail(format!("it has {} bytes", record.size))
    .with("size", record.size)
}

pub(super) fn too_large(max_body: u64) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        codes::TOO_LARGE,
        "The body is too large",
    )
    .with_detail(format!("at most {max_body} bytes are taken"))
    .with("max_bytes", max_body)
}

pub(super) fn cut_off(received: u64) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "body-incomplete",
        "The body ended before it was whole",
    )
    .with_detail(format!("{received} bytes came; nothing was stored"))
}

pub(super) fn silent(received: u64, seconds: u64) -> Problem {
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "body-timeout",
        "The body stopped coming",
    )
    .with_detail(format!(
        "nothing came for {seconds} s after {received} bytes; nothing was stored"
    ))
}

pub(super) fn busy() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        codes::BUSY,
        "Too many large products are being received",
    )
    .retry_after(1)
}

pub(super) fn digest_mismatch(said: Sha256, found: Sha256) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "digest-mismatch",
        "The body does not have the digest that was sent with it",
    )
    .with_detail(format!(
        "the digest says {said}, the body has {found}; nothing was stored"
    ))
}

pub(super) fn key_reused(first: &Record) -> Problem {
    let (cell, version) = (&first.cell, first.version);
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        codes::IDEMPOTENCY_KEY_REUSED,
        "The Idempotency-Key came before with other bytes",
    )
    .with_detail(format!(
        "it stands for version {version} of {cell}; other bytes need another key"
    ))
    .with("version", version.0)
}

pub(super) fn unsupported(detail: impl Into<String>) -> Problem {
    Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported-media-type",
        "The body is of a kind that is not taken here",
    )
    .with_detail(detail)
}

pub(super) fn invalid_form(detail: impl Into<String>) -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "invalid-form",
        "The multipart form is not valid",
    )
    .with_detail(detail)
}

pub(super) fn invalid(code: &'static str, field: &'static str, detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, "The request is not valid")
        .with_detail(detail)
        .with("field", field)
}
