//! The audit log.

use super::{App, cursor, problems};
use crate::ledger::ActRecord;
use api::conductor::EventView;
use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::Deserialize;
use service_kit::{ApiQuery, Items, Page, Problem};

/// Which acts.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct EventQuery {
    /// At this time or later.
    #[serde(default)]
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
}

/// Read the audit log
///
/// What operators did, the last act first.
#[utoipa::path(
    get, path = "/events", tag = "events", params(EventQuery, Page),
    responses(
        (status = 200, description = "The acts", body = Items<EventView>),
        (status = 422, description = "`invalid-request`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`ledger-unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    ApiQuery(EventQuery { since }): ApiQuery<EventQuery>,
    page: Page,
) -> Result<Json<Items<EventView>>, Problem> {
    let before = cursor::parse(&page)?;
    let found = app.ledger.acts(since, before, page.limit + 1).await;
    let found = found.map_err(problems::ledger)?;
    let (found, next) = cursor::cut(found, page.limit, |found| found.n.to_string());
    Ok(Json(Items {
        items: views(found),
        next,
    }))
}

/// The acts as they are shown.
pub(super) fn views(found: Vec<ActRecord>) -> Vec<EventView> {
    let view = |ActRecord { n, act }: ActRecord| EventView {
        n,
        at: act.at,
        verb: act.verb,
        target: act.target,
        by: act.by,
        note: act.note,
        outcome: act.outcome,
    };
    found.into_iter().map(view).collect()
}
