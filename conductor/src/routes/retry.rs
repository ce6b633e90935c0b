//! Cells again.

use super::act::{self, ActResponses};
use super::actor::{ActHeaders, Actor};
use super::repeats::Answer;
use super::selection::select;
use super::{App, asking, problems};
use crate::desk::{Asker, Decided, DeskError};
use crate::ledger::{Selected, Which};
use api::conductor::{Selector, TouchedCell};
use conductor_core::{ManualRequest, Verb};
use domain::{CellState, JsonObject, ProductName};
use futures_util::stream::{StreamExt as _, TryStreamExt as _};
use service_kit::{ApiJson, Problem};

/// How many requests of one act lie on the desk at once, so that the writer decides them in few commits and
/// others still find room there.
const AT_ONCE: usize = 64;

/// Retry cells
///
/// The selected cells with how they were, how they are, and what came of it. Cells that failed, were cancelled or are
/// held are retried, by default those that failed; with `force` also those that are done, and with `force` or `params` each is asked for as by
/// `POST /processing`.
#[utoipa::path(
    post, path = "/retry", tag = "acts",
    params(ActHeaders), request_body = Selector, responses(ActResponses)
)]
pub(super) async fn retry(actor: Actor, ApiJson(selector): ApiJson<Selector>) -> Result<Answer, Problem> {
    let touch = async {
        let app = &actor.app;
        let asker = actor.asker(selector.note.clone())?;
        let params = asking::params(selector.params.clone().unwrap_or_default())?;
        let mut usual = vec![CellState::Failed];
        if selector.force {
            usual.push(CellState::Done);
        }
        let selected = select(app, &selector, Which::In(usual)).await?;
        let forced = selector.force || params.is_some();
        let items = match (forced, selector.dry_run) {
            (false, dry_run) => act::each(app, selected, Verb::Retry, dry_run, asker).await?,
            (true, true) => selected
                .into_iter()
                .map(|cell| foresee(cell, selector.force))
                .collect(),
            (true, false) => request_each(app, selected, selector.force, params, &asker).await?,
        };
        act::answer(selector.dry_run, items)
    };
    actor.once("/retry", &selector, touch).await
}

/// Asks for each of the cells, and says what came of it.
pub(super) async fn request_each(
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
    touched(cell, state, outcome)
}

/// What a request of this cell would be, as far as the ledger can say.
pub(super) fn foresee(cell: Selected, force: bool) -> TouchedCell {
    let outcome = if force {
        "would be made again"
    } else {
        "would be asked for"
    };
    let state = cell.state;
    touched(cell, state, outcome.to_owned())
}

fn touched(cell: Selected, state: CellState, outcome: String) -> TouchedCell {
    TouchedCell {
        obs_id: cell.obs_id,
        product: cell.product,
        was: cell.state,
        state,
        outcome,
        downstream: Vec::new(),
    }
}
