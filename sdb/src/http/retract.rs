//! Withdrawing a version.

use super::{App, CellPath, VersionQuery, problems};
use crate::store::{Cell, Withdrawal};
use api::sdb::{ProductRecord, RetractRequest};
use axum::{Json, extract::State};
use service_kit::{ApiJson, ApiPath, ApiQuery, Operator, Problem};

/// The longest reason, in characters: a sentence or two, not a report.
const MAX_REASON_CHARS: usize = 1000;

/// Withdraw a version
///
/// It is kept, its export answers 410 unless `?version=` asks for it, and it is announced with
/// `retracted: true`. What is withdrawn already keeps its first reason, and is announced again.
#[utoipa::path(
    post, path = "/products/{obs_id}/{product}/retract", tag = "retract",
    params(CellPath, VersionQuery, ("X-Operator" = Option<String>, Header, description = "Who acts")),
    request_body(content = RetractRequest),
    responses(
        (status = 200, description = "Withdrawn", body = ProductRecord),
        (status = 404, description = "`unknown-version`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-obs-id`, `invalid-request`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`store-unavailable`, `draining`", body = Problem, content_type = "application/problem+json"),
        (status = 507, description = "`insufficient-storage`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn product(
    State(app): State<App>,
    ApiPath(path): ApiPath<CellPath>,
    ApiQuery(VersionQuery { version }): ApiQuery<VersionQuery>,
    operator: Operator,
    ApiJson(RetractRequest { reason }): ApiJson<RetractRequest>,
) -> Result<Json<ProductRecord>, Problem> {
    if !(1..=MAX_REASON_CHARS).contains(&reason.chars().count()) {
        let detail = format!("reason takes 1 to {MAX_REASON_CHARS} characters");
        return Err(problems::invalid("invalid-request", "reason", detail));
    }
    let cell = Cell::from(path);
    let withdrawal = Withdrawal {
        cell: cell.clone(),
        version,
        reason,
        by: Some(operator.to_string()),
    };
    match app
        .store
        .withdraw(withdrawal)
        .await
        .map_err(|error| problems::store(&error))?
    {
        Some(record) => Ok(Json(app.address.record(&record))),
        None => Err(problems::unknown_version(&cell, version)),
    }
}
