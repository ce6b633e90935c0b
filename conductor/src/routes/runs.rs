//! The run ledger.

use super::{App, cursor, problems};
use crate::ledger::{Place, RunFilter, RunRecord};
use crate::view;
use api::conductor::{RunQuery, RunView};
use axum::{Json, extract::State};
use domain::RunId;
use serde::Deserialize;
use service_kit::{ApiPath, ApiQuery, Items, Page, Problem};

/// `/runs/{run_id}`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct RunPath {
    /// The run.
    #[param(value_type = String)]
    run_id: RunId,
}

/// List runs
///
/// Those for which all that is given holds, the last decided first. Of a long list only some thousands are looked at
/// for one answer: it may have fewer items than asked, or none, and a `next` all the same.
#[utoipa::path(
    get, path = "/runs", tag = "runs", params(RunQuery),
    responses(
        (status = 200, description = "The runs", body = Items<RunView>),
        (status = 422, description = "`invalid-request`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`ledger-unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    ApiQuery(query): ApiQuery<RunQuery>,
    page: Page,
) -> Result<Json<Items<RunView>>, Problem> {
    let place = |(at, id)| Place { at, id };
    let filter = RunFilter {
        cell: None,
        state: query.state,
        provider: query.provider,
        since: query.since,
        after: cursor::read(&page)?.map(place),
    };
    let found = app.ledger.runs(&filter, page.limit + 1).await;
    let found = found.map_err(problems::ledger)?;
    let (found, next) = cursor::cut_walked(found, page.limit, |found| {
        cursor::write(found.run.queued_at, &found.run.run_id)
    });
    Ok(Json(Items {
        items: found.iter().map(|found| shown(&app, found)).collect(),
        next,
    }))
}

/// Read a run
#[utoipa::path(
    get, path = "/runs/{run_id}", tag = "runs", params(RunPath),
    responses(
        (status = 200, description = "The run with its attempts", body = RunView),
        (status = 404, description = "`unknown-run`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-request`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`ledger-unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    State(app): State<App>,
    ApiPath(RunPath { run_id }): ApiPath<RunPath>,
) -> Result<Json<RunView>, Problem> {
    let found = app.ledger.run(&run_id).await.map_err(problems::ledger)?;
    let found = found.ok_or_else(|| problems::unknown_run(&run_id))?;
    Ok(Json(shown(&app, &found)))
}

fn shown(app: &App, found: &RunRecord) -> RunView {
    view::run(app.timing(), &found.obs_id, &found.run, found.version)
}
