//! A product for observations that are over.

use super::act::{self, ActResponses};
use super::actor::{ActHeaders, Actor};
use super::repeats::Answer;
use super::retry::{foresee, request_each};
use super::selection::{MAX_CELLS, too_many_cells};
use super::{App, problems};
use crate::ledger::Selected;
use api::conductor::BackfillRequest;
use domain::CellState;
use jiff::SignedDuration;
use service_kit::{ApiJson, Problem};

/// How far back it goes if nobody says.
const USUAL: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Have a product made for observations that are over
///
/// One that is new in the graph is not made by itself where all else is made. Here it is asked for as by
/// `POST /processing`, without `force`, in each observation that has its mandatory inputs and where it was neither made
/// nor wanted nor kept back; at most 10 000 at once. What waits for it follows by itself.
#[utoipa::path(
    post, path = "/backfill", tag = "acts",
    params(ActHeaders), request_body = BackfillRequest, responses(ActResponses)
)]
pub(super) async fn backfill(
    actor: Actor,
    ApiJson(request): ApiJson<BackfillRequest>,
) -> Result<Answer, Problem> {
    let touch = async {
        let app = &actor.app;
        let asker = actor.asker(request.note.clone())?;
        let cells = makeable(app, &request).await?;
        let items = if request.dry_run {
            cells.into_iter().map(|cell| foresee(cell, false)).collect()
        } else {
            request_each(app, cells, false, None, &asker).await?
        };
        act::answer(request.dry_run, items)
    };
    actor.once("/backfill", &request, touch).await
}

/// The cells that could be made and that nobody wanted.
async fn makeable(app: &App, request: &BackfillRequest) -> Result<Vec<Selected>, Problem> {
    let graph = &app.graph.graph;
    let product = &request.product;
    let recipe = graph.id(product).and_then(|id| graph.recipe(id));
    let recipe = recipe.ok_or_else(|| problems::not_made(product))?;
    let inputs: Vec<_> = recipe
        .mandatory
        .iter()
        .map(|id| graph.name(*id).clone())
        .collect();
    let since = request.since.unwrap_or(app.clock.now() - USUAL);
    let found = app.ledger.makeable(product, &inputs, since, MAX_CELLS + 1).await;
    let found = found.map_err(problems::ledger)?;
    if found.len() > MAX_CELLS {
        return Err(too_many_cells());
    }
    let cell = |obs_id| Selected {
        obs_id,
        product: product.clone(),
        state: CellState::NotExpected,
    };
    Ok(found.into_iter().map(cell).collect())
}
