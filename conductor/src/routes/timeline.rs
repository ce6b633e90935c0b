//! Where the time of an observation went.

use super::observations::ObservationPath;
use super::{App, problems};
use crate::timeline::timeline;
use api::conductor::TimelineView;
use axum::{Json, extract::State};
use service_kit::{ApiPath, Problem};

/// Read a timeline
///
/// From the first packet to each product: what it waited for, and what worked for it. The segments of a product
/// follow each other without a gap.
#[utoipa::path(
    get, path = "/observations/{obs_id}/timeline", tag = "observations", params(ObservationPath),
    responses(
        (status = 200, description = "The timeline", body = TimelineView),
        (status = 404, description = "`unknown-observation`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-obs-id`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`ledger-unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    State(app): State<App>,
    ApiPath(ObservationPath { obs_id }): ApiPath<ObservationPath>,
) -> Result<Json<TimelineView>, Problem> {
    let found = app.ledger.history(&obs_id).await.map_err(problems::ledger)?;
    let history = found.ok_or_else(|| problems::unknown_observation(&obs_id))?;
    Ok(Json(timeline(&app.graph.graph, &history, app.clock.now())))
}
