//! What the acts on cells have in common: on which cells, and what came of it.

use super::actor::Actor;
use super::repeats::Answer;
use super::selection::{PER_TURN, select};
use super::{App, problems};
use crate::desk::{Asker, Operated};
use crate::ledger::{Selected, Which};
use api::conductor::{Selector, Touched, TouchedCell};
use axum::http::StatusCode;
use conductor_core::Verb;
use serde::Serialize;
use service_kit::Problem;

/// The answers of an act, for its description.
#[derive(utoipa::IntoResponses)]
#[expect(dead_code, reason = "it describes answers that are made elsewhere")]
pub(super) enum ActResponses {
    /// The cells
    #[response(status = 200)]
    Touched(#[to_schema] Touched),
    /// `unknown-observation`, `unknown-product`, `unknown-provider`
    #[response(status = 404, content_type = "application/problem+json")]
    Unknown(#[to_schema] Problem),
    /// `too-large`: over 1 MiB
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(#[to_schema] Problem),
    /// `selector-empty`, `too-many-cells`, `invalid-obs-id`, `invalid-request`, `invalid-header`,
    /// `idempotency-key-reused`
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(#[to_schema] Problem),
    /// `ledger-unavailable`, `draining`
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(#[to_schema] Problem),
}

/// Does it to the cells that the selector means, the usual ones unless it names a state; once, however often
/// the request comes.
pub(super) async fn act(
    actor: Actor,
    route: &'static str,
    request: &impl Serialize,
    selector: &Selector,
    verb: Verb,
    usual: Which,
) -> Result<Answer, Problem> {
    let touch = async {
        let app = &actor.app;
        let asker = actor.asker(selector.note.clone())?;
        let selected = select(app, selector, usual).await?;
        let items = each(app, selected, verb, selector.dry_run, asker).await?;
        answer(selector.dry_run, items)
    };
    actor.once(route, request, touch).await
}

/// The answer of an act on cells.
pub(super) fn answer(dry_run: bool, items: Vec<TouchedCell>) -> Result<Answer, Problem> {
    let touched = Touched {
        dry_run,
        items,
        next: None,
    };
    Answer::json(StatusCode::OK, &touched)
}

/// Does it to each of the cells, or says what it would do.
pub(super) async fn each(
    app: &App,
    selected: Vec<Selected>,
    verb: Verb,
    dry_run: bool,
    asker: Asker,
) -> Result<Vec<TouchedCell>, Problem> {
    let cells: Vec<_> = selected
        .into_iter()
        .map(|cell| (cell.obs_id, cell.product))
        .collect();
    let mut touched = Vec::with_capacity(cells.len());
    for part in cells.chunks(PER_TURN) {
        let operated = app.desk.operate(part.to_vec(), verb, dry_run, asker.clone());
        let operated = operated.await.map_err(problems::desk)?;
        touched.extend(operated.into_iter().map(|cell| shown(cell, verb, dry_run)));
    }
    Ok(touched)
}

fn shown(cell: Operated, verb: Verb, dry_run: bool) -> TouchedCell {
    let outcome = match (&cell.why_not, dry_run) {
        (None, false) => done(verb).to_owned(),
        (None, true) => format!("would be {}", done(verb)),
        (Some(why_not), false) => format!("left alone: {why_not}"),
        (Some(why_not), true) => format!("would be left alone: {why_not}"),
    };
    TouchedCell {
        obs_id: cell.obs_id,
        product: cell.product,
        was: cell.was,
        state: cell.state,
        outcome,
        downstream: cell.downstream,
    }
}

fn done(verb: Verb) -> &'static str {
    match verb {
        Verb::Retry => "retried",
        Verb::Cancel => "cancelled",
        Verb::Hold => "held",
        Verb::Release => "released",
        Verb::Approve => "approved",
        Verb::EndGrace => "begun without the inputs that are not there",
        Verb::ExtendGrace { .. } => "left to wait for longer",
        Verb::Raise { .. } => "raised",
    }
}
