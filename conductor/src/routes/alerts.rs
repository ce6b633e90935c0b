//! What calls for a human, and who has seen it.

use super::actor::{ActHeaders, Actor};
use super::repeats::Answer;
use super::selection::{MAX_CELLS, select};
use super::{App, cursor, problems};
use crate::alerts::{self, Acknowledgement, Alert, Fingerprint};
use crate::desk::Asker;
use crate::ledger::{FailedCell, Which};
use api::codes;
use api::conductor::{AcknowledgeRequest, Acknowledged, AlertView, TouchedCell};
use axum::http::StatusCode;
use axum::{Json, extract::State};
use domain::{CellState, ObsId, ProductName};
use jiff::{SignedDuration, Timestamp};
use service_kit::{ApiJson, Items, Page, Problem};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long an acknowledgement holds if nobody says: a shift.
const SHIFT: Duration = Duration::from_hours(8);

/// The longest: what is known for longer belongs into a ticket, and the alarm into the past.
const MAX_LASTING: Duration = Duration::from_hours(31 * 24);

/// List the alerts
///
/// What calls for a human now, the worst first, and of what is as bad the oldest.
#[utoipa::path(
    get, path = "/alerts", tag = "alerts", params(Page),
    responses(
        (status = 200, description = "The alerts that stand", body = Items<AlertView>),
        (status = 422, description = "`invalid-request`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`ledger-unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(State(app): State<App>, page: Page) -> Result<Json<Items<AlertView>>, Problem> {
    let mut open = app.ledger.standing_alerts().await.map_err(problems::ledger)?;
    let seen = app.ledger.acknowledgements(app.clock.now()).await;
    let seen = seen.map_err(problems::ledger)?;
    open.sort_by(|a, b| order(a).cmp(&order(b)));
    let after = page.cursor.as_deref().map(Fingerprint::from);
    let mut rest = open.as_slice();
    if let Some(after) = after {
        let place = open.iter().position(|alert| alert.fingerprint == after);
        rest = &open[place.ok_or_else(|| page.bad_cursor())? + 1..];
    }
    let shown = rest.iter().take(page.limit + 1);
    let shown = shown.map(|alert| alerts::view(alert, &seen)).collect();
    let (items, next) = cursor::cut(shown, page.limit, |shown: &AlertView| shown.fingerprint.clone());
    Ok(Json(Items { items, next }))
}

/// The place of an alert in the list.
fn order(alert: &Alert) -> impl Ord + '_ {
    (std::cmp::Reverse(alert.severity), alert.since, &alert.fingerprint)
}

/// Acknowledge failures and alerts
///
/// Somebody has seen why the selected cells failed, or what a fingerprint stands for: until `until` it calls
/// again only if it worsens. What is acknowledged is the cause, wherever else cells fail for it.
#[utoipa::path(
    post, path = "/acknowledge", tag = "alerts",
    params(ActHeaders), request_body = AcknowledgeRequest,
    responses(
        (status = 200, description = "What was acknowledged", body = Acknowledged),
        (status = 404, description = "`unknown-observation`, `unknown-product`, `unknown-provider`, `unknown-fingerprint`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`too-large`: over 1 MiB", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`selector-empty`, `too-many-cells`, `invalid-obs-id`, `invalid-request`, `invalid-header`, `idempotency-key-reused`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`ledger-unavailable`, `draining`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn acknowledge(
    actor: Actor,
    ApiJson(request): ApiJson<AcknowledgeRequest>,
) -> Result<Answer, Problem> {
    let act = async {
        let app = &actor.app;
        let now = app.clock.now();
        let until = until(&request, now)?;
        let Asker { by, note } = actor.asker(request.selector.note.clone())?;
        let meant = meant(app, &request).await?;
        let acknowledgements: Vec<Acknowledgement> = meant
            .keys()
            .map(|fingerprint| Acknowledgement {
                fingerprint: fingerprint.clone(),
                by: by.clone(),
                at: now,
                until,
                note: note.clone(),
            })
            .collect();
        let dry_run = request.selector.dry_run;
        let answer = Acknowledged {
            dry_run,
            acknowledgements: acknowledgements.iter().map(Acknowledgement::view).collect(),
            items: meant
                .values()
                .flatten()
                .map(|cell| touched(cell, dry_run))
                .collect(),
            next: None,
        };
        if !dry_run && !acknowledgements.is_empty() {
            let noted = app.desk.acknowledge(acknowledgements).await;
            noted.map_err(problems::desk)?;
        }
        Answer::json(StatusCode::OK, &answer)
    };
    actor.once("/acknowledge", &request, act).await
}

/// What is acknowledged, and the failed cells that were meant by it.
async fn meant(
    app: &App,
    request: &AcknowledgeRequest,
) -> Result<BTreeMap<Fingerprint, Vec<FailedCell>>, Problem> {
    let selector = &request.selector;
    let wanted = request.fingerprint.as_deref().map(Fingerprint::from);
    let mut meant: BTreeMap<Fingerprint, Vec<FailedCell>> = BTreeMap::new();
    let selected = if wanted.is_some() && selector.is_empty() {
        None
    } else {
        let selected = select(app, selector, Which::In(vec![CellState::Failed])).await?;
        let cells = selected.into_iter().map(|cell| (cell.obs_id, cell.product));
        Some(cells.collect::<BTreeSet<(ObsId, ProductName)>>())
    };
    let failed = app.ledger.failed(selector.obs_id.as_ref(), MAX_CELLS).await;
    for cell in failed.map_err(problems::ledger)? {
        let key = (cell.obs_id.clone(), cell.cell.product.clone());
        let fingerprint = cell.failure.fingerprint();
        let is_selected = selected.as_ref().is_none_or(|selected| selected.contains(&key));
        if is_selected && wanted.as_ref().is_none_or(|wanted| *wanted == fingerprint) {
            meant.entry(fingerprint).or_default().push(cell);
        }
    }
    if let Some(wanted) = wanted.filter(|_| selected.is_none())
        && !meant.contains_key(&wanted)
    {
        let open = app.ledger.standing_alerts().await.map_err(problems::ledger)?;
        if !open.iter().any(|alert| alert.fingerprint == wanted) {
            return Err(unknown_fingerprint(&wanted));
        }
        meant.insert(wanted, Vec::new());
    }
    Ok(meant)
}

fn until(request: &AcknowledgeRequest, now: Timestamp) -> Result<Timestamp, Problem> {
    let (field, lasting) = match (&request.until, &request.lasting) {
        (Some(_), Some(_)) => return Err(problems::invalid("until", "say either until or for")),
        (Some(until), None) => ("until", until.duration_since(now)),
        (None, Some(text)) => {
            let lasting = humantime::parse_duration(text);
            let lasting = lasting.map_err(|error| problems::invalid("for", format!("{text:?}: {error}")))?;
            (
                "for",
                SignedDuration::try_from(lasting).unwrap_or(SignedDuration::MAX),
            )
        }
        (None, None) => ("for", SignedDuration::try_from(SHIFT).unwrap_or_default()),
    };
    let longest = SignedDuration::try_from(MAX_LASTING).unwrap_or_default();
    if lasting <= SignedDuration::ZERO || lasting > longest {
        let detail = "an acknowledgement ends in the future, within 31 days";
        return Err(problems::invalid(field, detail));
    }
    Ok(request.until.unwrap_or(now + lasting))
}

fn touched(cell: &FailedCell, dry_run: bool) -> TouchedCell {
    let outcome = if dry_run {
        "would be acknowledged"
    } else {
        "acknowledged"
    };
    TouchedCell {
        obs_id: cell.obs_id.clone(),
        product: cell.cell.product.clone(),
        was: cell.cell.state,
        state: cell.cell.state,
        outcome: outcome.to_owned(),
        downstream: Vec::new(),
    }
}

fn unknown_fingerprint(fingerprint: &Fingerprint) -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        codes::UNKNOWN_FINGERPRINT,
        "There is no such fingerprint",
    )
    .with_detail(format!(
        "no alert stands and no cell failed with the fingerprint {fingerprint}; GET /alerts lists those that do"
    ))
}
