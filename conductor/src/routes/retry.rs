//! Failed cells again.

use super::repeats::{Answer, IdempotencyKey, Repeats};
use super::selection::{PER_TURN, select};
use super::{App, asking, problems};
use crate::desk::{Asker, Decided, DeskError};
use crate::ledger::Selected;
use api::conductor::{Selector, Touched, TouchedCell};
use axum::extract::State;
use axum::http::StatusCode;
use conductor_core::ManualRequest;
use domain::{CellState, JsonObject, ProductName};
use futures_util::stream::{StreamExt as _, TryStreamExt as _};
use service_kit::{ApiJson, Operator, Problem};
use std::sync::Arc;

/// How many requests of one act lie on the desk at once, so that the writer decides them in few commits and
/// others still find room there.
const AT_ONCE: usize = 64;

/// Retry cells
///
/// The selected cells with how they were, how they are, and what came of it. Only failed cells are retried;
/// with `force` also those that are done, and with `force` or `params` each is asked for as by
/// `POST /processing`.
#[utoipa::path(
    post, path = "/retry", tag = "acts",
    params(
        ("X-Operator" = Option<String>, Header, description = "Who acts"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeat gets the answer of the first and starts nothing, until a restart"),
    ),
    request_body(content = Selector),
    responses(
        (status = 200, description = "The cells", body = Touched),
        (status = 404, description = "`unknown-observation`, `unknown-product`, `unknown-provider`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`too-large`: over 1 MiB", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`selector-empty`, `too-many-cells`, `invalid-obs-id`, `invalid-request`, `invalid-header`, `idempotency-key-reused`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`ledger-unavailable`, `draining`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn retry(
    State(app): State<App>,
    State(repeats): State<Arc<Repeats>>,
    operator: Operator,
    key: IdempotencyKey,
    ApiJson(selector): ApiJson<Selector>,
) -> Result<Answer, Problem> {
    let touch = async {
        let asker = asking::asker(&operator, selector.note.clone())?;
        let params = asking::params(selector.params.clone().unwrap_or_default())?;
        let meant = match (selector.state, selector.force) {
            (Some(state), _) => vec![state],
            (None, true) => vec![CellState::Failed, CellState::Done],
            (None, false) => vec![CellState::Failed],
        };
        let selected = select(&app, &selector, meant).await?;
        let forced = selector.force || params.is_some();
        let items = match (selector.dry_run, forced) {
            (true, _) => selected
                .into_iter()
                .map(|cell| dry(cell, selector.force, forced))
                .collect(),
            (false, true) => request_each(&app, selected, selector.force, params, &asker).await?,
            (false, false) => retry_all(&app, selected, asker).await?,
        };
        let touched = Touched {
            dry_run: selector.dry_run,
            items,
            next: None,
        };
        Answer::json(StatusCode::OK, &touched)
    };
    repeats.once("/retry", key, &selector, touch).await
}

async fn retry_all(app: &App, selected: Vec<Selected>, asker: Asker) -> Result<Vec<TouchedCell>, Problem> {
    let cells: Vec<_> = selected
        .into_iter()
        .map(|cell| (cell.obs_id, cell.product))
        .collect();
    let mut retried = Vec::with_capacity(cells.len());
    for part in cells.chunks(PER_TURN) {
        let part = app.desk.retry(part.to_vec(), asker.clone());
        retried.append(&mut part.await.map_err(problems::desk)?);
    }
    Ok(retried
        .into_iter()
        .map(|cell| TouchedCell {
            outcome: retried_to(cell.was, cell.state),
            obs_id: cell.obs_id,
            product: cell.product,
            was: cell.was,
            state: cell.state,
        })
        .collect())
}

async fn request_each(
    app: &App,
    selected: Vec<Selected>,
    force: bool,
    params: Option<JsonObject>,
    asker: &Asker,
) -> Result<Vec<TouchedCell>, Problem> {
    let request = ManualRequest {
        force,
        params,
        by: asker.by.clone(),
        note: asker.note.clone(),
    };
    let ask = |cell: Selected| {
        let decided = app
            .desk
            .process(cell.obs_id.clone(), cell.product.clone(), request.clone());
        async move { decided.await.map(|decided| requested(cell, decided)) }
    };
    let touched: Result<_, DeskError> = futures_util::stream::iter(selected)
        .map(ask)
        .buffered(AT_ONCE)
        .try_collect()
        .await;
    touched.map_err(problems::desk)
}

fn requested(cell: Selected, decided: Decided) -> TouchedCell {
    let was = cell.state;
    let (state, outcome) = match decided {
        Decided::Started { run_id, state } => (state, format!("{run_id} was started")),
        Decided::Open { run_id, state } => (state, format!("left alone: {run_id} is open")),
        Decided::Made { state, .. } => (state, "left alone: it is made".to_owned()),
        Decided::Missing { inputs, .. } => {
            let names: Vec<&str> = inputs.iter().map(ProductName::as_str).collect();
            (was, format!("left alone: without {}", names.join(", ")))
        }
        Decided::UnknownProduct => (was, "left alone: the graph does not make it".to_owned()),
    };
    TouchedCell {
        obs_id: cell.obs_id,
        product: cell.product,
        was,
        state,
        outcome,
    }
}

/// What would come of it, as far as the ledger can say.
fn dry(cell: Selected, force: bool, forced: bool) -> TouchedCell {
    let state = cell.state;
    let outcome = match (state == CellState::Failed, forced) {
        (true, _) => "would be retried",
        (false, _) if force => "would be made again",
        (false, true) => "would be asked for",
        (false, false) => "would be left alone: only a failed cell is retried",
    };
    TouchedCell {
        obs_id: cell.obs_id,
        product: cell.product,
        was: state,
        state,
        outcome: outcome.to_owned(),
    }
}

fn retried_to(was: CellState, state: CellState) -> String {
    match (was == CellState::Failed, state == CellState::Failed) {
        (true, false) => "retried".to_owned(),
        (true, true) => "left alone: the graph does not make it".to_owned(),
        (false, _) => "left alone: only a failed cell is retried".to_owned(),
    }
}
