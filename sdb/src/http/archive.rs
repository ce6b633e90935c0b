//! Everything of one observation in one file.

use super::{
    App,
    lists::ObservationPath,
    problems,
    verified::{corrupt, verified, verified_stream},
};
use crate::store::{Record, StoreError, Stored};
use api::sdb::ProductRecord;
use axum::{
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, TryStreamExt, future, stream};
use jiff::Timestamp;
use serde::Serialize;
use service_kit::{ApiPath, Problem};

/// A tar file consists of blocks of so many bytes (POSIX.1-2017, pax, "ustar Interchange Format").
const BLOCK: u64 = 512;

/// Two empty blocks end it.
const END: u64 = 2 * BLOCK;

/// What is in the archive: its first file, `manifest.json`.
#[derive(Debug, Serialize)]
struct Manifest {
    obs_id: domain::ObsId,
    created_at: Timestamp,
    products: Vec<Item>,
}

/// A product's record, and where its bytes are in the archive.
#[derive(Debug, Serialize)]
struct Item {
    path: Option<String>,
    #[serde(flatten)]
    record: ProductRecord,
}

/// Export an observation
///
/// A tar of the latest version of each of its products, with `manifest.json` as the first file: the records,
/// each with the `path` of its bytes. Products whose latest version is withdrawn have none, and no bytes.
#[utoipa::path(
    get, path = "/export/{obs_id}", tag = "export", params(ObservationPath),
    responses(
        (status = 200, description = "The archive", body = Vec<u8>, content_type = "application/x-tar"),
        (status = 404, description = "`unknown-observation`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-obs-id`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`store-unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn observation(
    State(app): State<App>,
    ApiPath(path): ApiPath<ObservationPath>,
) -> Result<Response, Problem> {
    let failed = |error| problems::store(&error);
    let records = app.store.latest(&path.obs_id).await.map_err(failed)?;
    if records.is_empty() {
        return Err(problems::unknown_observation(&path.obs_id));
    }
    let now = app.store.clock().now();
    let manifest = Manifest {
        obs_id: path.obs_id.clone(),
        created_at: now,
        products: records.iter().map(|record| item(&app, record)).collect(),
    };
    let manifest = serde_json::to_vec_pretty(&manifest).map_err(Problem::internal)?;
    let included = records.into_iter().filter(|record| record.retraction.is_none());
    let included: Vec<Record> = included.collect();
    let manifest_size = manifest.len() as u64;
    let sizes = included.iter().map(|record| record.size).chain([manifest_size]);
    let length = sizes
        .map(|size| BLOCK + size.next_multiple_of(BLOCK))
        .sum::<u64>()
        + END;
    let first = entry("manifest.json", manifest_size, now).map_err(Problem::internal)?;
    let first = whole([first, manifest.into(), padding(manifest_size)]);
    let products = stream::iter(included)
        .map(Ok)
        .and_then(move |record| product(app.clone(), record));
    let body = first
        .chain(products.try_flatten())
        .chain(whole([padding_of(END)]));
    let name = format!("attachment; filename=\"{}.tar\"", path.obs_id);
    let headers = [
        (header::CONTENT_TYPE, "application/x-tar".to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::CONTENT_DISPOSITION, name),
    ];
    metrics::counter!("sdb_archives_total").increment(1);
    Ok((headers, Body::from_stream(body)).into_response())
}

type Part = stream::BoxStream<'static, Result<Bytes, StoreError>>;

fn item(app: &App, record: &Record) -> Item {
    Item {
        path: record.retraction.is_none().then(|| place(record)),
        record: app.address.record(record),
    }
}

/// Where a product is in the archive: no name of ours needs more than the 100 bytes that a header has.
fn place(record: &Record) -> String {
    let product = &record.cell.product;
    format!("{product}.v{}", record.version)
}

/// A product in the archive. Bytes that are damaged break the transfer off.
async fn product(app: App, record: Record) -> Result<Part, StoreError> {
    let head = entry(&place(&record), record.size, record.created_at).map_err(|_| corrupt(&record))?;
    let stored = app.store.stored(&record.cell, Some(record.version)).await?;
    let bytes = match (stored, &record.blob) {
        (
            Some(Stored {
                inline: Some(bytes), ..
            }),
            _,
        ) => whole([verified(bytes, &record)?.into()]),
        (_, Some(blob)) => verified_stream(app.store.blob(blob).await?, &record).boxed(),
        (_, None) => return Err(corrupt(&record)),
    };
    let parts = whole([head]).chain(bytes).chain(whole([padding(record.size)]));
    Ok(parts.boxed())
}

fn entry(path: &str, size: u64, at: Timestamp) -> std::io::Result<Bytes> {
    let mut header = tar::Header::new_ustar();
    header.set_path(path)?;
    header.set_size(size);
    header.set_mode(0o644);
    header.set_mtime(u64::try_from(at.as_second()).unwrap_or(0));
    header.set_cksum();
    Ok(Bytes::copy_from_slice(header.as_bytes()))
}

/// What fills the last block of so many bytes.
fn padding(size: u64) -> Bytes {
    padding_of(size.next_multiple_of(BLOCK) - size)
}

fn padding_of(length: u64) -> Bytes {
    usize::try_from(length)
        .map(|length| Bytes::from(vec![0; length]))
        .unwrap_or_default()
}

fn whole<const N: usize>(parts: [Bytes; N]) -> Part {
    stream::iter(parts)
        .filter(|part| future::ready(!part.is_empty()))
        .map(Ok)
        .boxed()
}
