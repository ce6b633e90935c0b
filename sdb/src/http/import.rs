//! Import: the bytes become durable, then visible, then the 201 is sent.

use super::{
    App, CellPath,
    body::{Received, collect},
    form::{Form, is_form},
    headers::Description,
    problems,
};
use crate::store::{Cell, Imported, NewImport};
use api::sdb::{ImportDocument, ProductRecord};
use axum::{
    Json,
    body::{Body, HttpBody},
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{ObsId, ProductName};
use serde::Deserialize;
use serde_json::value::RawValue;
use service_kit::{ApiJson, ApiPath, Problem};
use std::{fmt::Display, str::FromStr};

/// The largest document of `POST /products`, in bytes: it is read whole to find its names in it.
const MAX_DOCUMENT_BYTES: u64 = 8 * 1024 * 1024;

/// Import a product
///
/// The body is the product's bytes, streamed, whatever they are; of a multipart form the part `file`, with
/// `meta` and `provenance` as parts where they are too large for headers. When it is answered 201 it is on disk and
/// will be announced on `data.sdb`; when it is not, nothing of it is visible.
#[utoipa::path(
    post, path = "/products/{obs_id}/{product}", tag = "import",
    params(
        CellPath,
        ("Repr-Digest" = Option<String>, Header, description = "`sha-256=:<base64>:` (RFC 9530): checked"),
        ("Digest" = Option<String>, Header, description = "`SHA-256=<base64>` (RFC 3230): checked"),
        ("Idempotency-Key" = Option<String>, Header, description = "Kept 7 days per cell: a repeat answers 200 with the first record and announces it again"),
        ("X-Meta" = Option<String>, Header, description = "A JSON object, at most 8 KiB of ASCII; its `burst_id` is searched for"),
        ("X-Provenance" = Option<String>, Header, description = "A JSON object, at most 8 KiB of ASCII: `run_id`, `attempt`, `provider`, `software_version`, `params`, `inputs`, `missing`"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The product's bytes, of any type"),
    responses(
        (status = 201, description = "Stored as a new version", body = ProductRecord, headers(("Location" = String, description = "Where the bytes are"))),
        (status = 200, description = "The Idempotency-Key is known: what was stored then", body = ProductRecord),
        (status = 400, description = "`digest-mismatch`, `invalid-digest`, `body-incomplete`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`body-timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`too-large`: over --max-body", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported-media-type`: a Content-Encoding", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-obs-id`, `invalid-request`, `invalid-form`, `invalid-meta`, `invalid-provenance`, `idempotency-key-reused`", body = Problem, content_type = "application/problem+json"),
        (status = 431, description = "`header-too-large`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`busy`, `store-unavailable`, `draining`", body = Problem, content_type = "application/problem+json"),
        (status = 507, description = "`insufficient-storage`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn product(
    State(app): State<App>,
    ApiPath(path): ApiPath<CellPath>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let _work = app.work.begin();
    let mut description = Description::read(&headers)?;
    refuse_too_large(&body, app.max_body)?;
    if !is_form(&description.content_type) {
        let received = Received::stream(&app, body).await?;
        return store(&app, path.into(), description, None, received).await;
    }
    let form = Form::receive(&app, &description.content_type, body).await?;
    let cell: Cell = path.into();
    let is_other = |said: &Option<String>, here: String| said.as_ref().is_some_and(|said| *said != here);
    if is_other(&form.product, cell.product.to_string()) || is_other(&form.obs_id, cell.obs_id.to_string()) {
        let detail = format!("the form is about another product than {cell} of the address");
        return Err(problems::invalid_form(detail));
    }
    let (received, burst_id) = description.fill(form)?;
    store(&app, cell, description, burst_id, received).await
}

/// Import a JSON document or a form
///
/// The product's bytes are the document itself, exactly as it was sent; or the part `file` of a multipart
/// form, whose parts `obs_id` and `product` say whose they are.
#[utoipa::path(
    post, path = "/products", tag = "import",
    request_body(content = ImportDocument),
    responses(
        (status = 201, description = "Stored as a new version", body = ProductRecord, headers(("Location" = String, description = "Where the bytes are"))),
        (status = 200, description = "The Idempotency-Key is known: what was stored then", body = ProductRecord),
        (status = 400, description = "`digest-mismatch`, `invalid-digest`, `body-incomplete`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`too-large`: over 8 MiB", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported-media-type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-obs-id`, `invalid-request`, `invalid-form`, `invalid-meta`, `invalid-provenance`, `idempotency-key-reused`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`busy`, `store-unavailable`, `draining`", body = Problem, content_type = "application/problem+json"),
        (status = 507, description = "`insufficient-storage`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn document(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let _work = app.work.begin();
    let mut description = Description::read(&headers)?;
    if is_form(&description.content_type) {
        refuse_too_large(&body, app.max_body)?;
        let form = Form::receive(&app, &description.content_type, body).await?;
        let cell = Cell {
            obs_id: named("obs_id", "invalid-obs-id", form.obs_id.as_deref())?,
            product: named("product", "invalid-request", form.product.as_deref())?,
        };
        let (received, burst_id) = description.fill(form)?;
        return store(&app, cell, description, burst_id, received).await;
    }
    let max_bytes = MAX_DOCUMENT_BYTES.min(app.max_body);
    refuse_too_large(&body, max_bytes)?;
    let bytes = collect(body, max_bytes).await?;
    let ApiJson(named) = ApiJson::<Named>::from_bytes(&bytes)?;
    description.complete(
        named.meta.as_deref().and_then(present),
        named.provenance.as_deref().and_then(present),
    )?;
    "application/json".clone_into(&mut description.content_type);
    let cell = Cell {
        obs_id: named.obs_id,
        product: named.product,
    };
    let received = Received::whole(&app, bytes).await?;
    store(&app, cell, description, named.burst_id, received).await
}

/// What is read of an [`ImportDocument`]; meta and provenance stay as they were sent.
#[derive(Debug, Deserialize)]
struct Named {
    product: ProductName,
    obs_id: ObsId,
    #[serde(default)]
    meta: Option<Box<RawValue>>,
    #[serde(default)]
    provenance: Option<Box<RawValue>>,
    #[serde(default)]
    burst_id: Option<String>,
}

/// What a part of a form names.
fn named<T>(part: &'static str, code: &'static str, text: Option<&str>) -> Result<T, Problem>
where
    T: FromStr,
    T::Err: Display,
{
    let text = text.ok_or_else(|| problems::invalid_form(format!("the form has no part {part}")))?;
    text.trim()
        .parse()
        .map_err(|error| problems::invalid(code, part, format!("{part}: {error}")))
}

fn present(value: &RawValue) -> Option<&str> {
    (value.get() != "null").then(|| value.get())
}

fn refuse_too_large(body: &Body, max_bytes: u64) -> Result<(), Problem> {
    if body.size_hint().lower() > max_bytes {
        Err(problems::too_large(max_bytes))
    } else {
        Ok(())
    }
}

async fn store(
    app: &App,
    cell: Cell,
    description: Description,
    burst_id: Option<String>,
    received: Received,
) -> Result<Response, Problem> {
    description.check(received.sha256)?;
    let burst_id = description.burst_id(burst_id)?;
    let (size, sha256) = (received.size, received.sha256);
    let failed = |error| problems::store(&error);
    let payload = received.payload(app).await.map_err(failed)?;
    let import = NewImport {
        cell,
        size,
        sha256,
        content_type: description.content_type,
        burst_id,
        meta: description.meta,
        provenance: description.provenance,
        idempotency_key: description.idempotency_key,
        payload,
    };
    let (status, record) = match app.store.import(import).await.map_err(failed)? {
        Imported::New(record) => {
            // The canary is no work of the mission's.
            if !record.cell.obs_id.is_canary() {
                metrics::counter!("sdb_imports_total").increment(1);
                metrics::counter!("sdb_imported_bytes_total").increment(size);
            }
            (StatusCode::CREATED, record)
        }
        Imported::Repeat(record) => (StatusCode::OK, record),
        Imported::KeyReused(first) => return Err(problems::key_reused(&first)),
    };
    let record = app.address.record(&record);
    Ok((status, [(header::LOCATION, record.href.clone())], Json(record)).into_response())
}
