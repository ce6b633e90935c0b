//! Observations and their cells.

use super::{App, cursor, problems};
use crate::eta::{self, Kept, Night, OfOne};
use crate::ledger::{ObservationFilter, ObservationRecord, Place, RunFilter};
use crate::view;
use api::conductor::{Cell, CellView, ObservationItem, ObservationQuery, ObservationView};
use axum::{Json, extract::State};
use domain::{ObsId, ProductName};
use jiff::Timestamp;
use serde::Deserialize;
use service_kit::{ApiPath, ApiQuery, Items, Page, Problem};

/// The most runs that are shown of a cell, the newest: a cell has one or two, and one that is retried by a
/// script for days should not fill the answer. `GET /runs` has them all.
const MAX_RUNS: usize = 100;

/// The most observations that are taken into account when it is said how long one has to wait for its providers: on
/// a night on which more are under way, those that changed last.
const MAX_OTHERS: usize = 50;

/// `/observations/{obs_id}`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct ObservationPath {
    /// The observation.
    #[param(value_type = String)]
    pub(super) obs_id: ObsId,
}

/// `/observations/{obs_id}/products/{product}`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct CellPath {
    /// The observation.
    #[param(value_type = String)]
    obs_id: ObsId,
    /// The product.
    #[param(value_type = String)]
    product: ProductName,
}

/// List observations
///
/// Those for which all that is given holds, the last changed first. The counts are those of the observation
/// itself: each node of the graph is in one of them, most often as `not_expected`. An observation that
/// changes while the list is read page by page moves to its front. Of a long list only some thousands are looked at
/// for one answer: it may have fewer items than asked, or none, and a `next` all the same.
#[utoipa::path(
    get, path = "/observations", tag = "observations", params(ObservationQuery),
    responses(
        (status = 200, description = "The observations", body = Items<ObservationItem>),
        (status = 422, description = "`invalid-request`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`ledger-unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    ApiQuery(query): ApiQuery<ObservationQuery>,
    page: Page,
) -> Result<Json<Items<ObservationItem>>, Problem> {
    let place = |(at, id)| Place { at, id };
    let filter = ObservationFilter {
        state: query.state,
        product: query.product,
        text: query.q.filter(|text| !text.is_empty()),
        since: query.since,
        after: cursor::read(&page)?.map(place),
    };
    let found = app
        .ledger
        .observations(&app.graph.graph, &filter, page.limit + 1)
        .await;
    let found = found.map_err(problems::ledger)?;
    let (found, next) = cursor::cut_walked(found, page.limit, |(record, _)| {
        cursor::write(record.changed_at, &record.obs_id)
    });
    let items = found
        .into_iter()
        .map(|(record, counts)| ObservationItem {
            obs_id: record.obs_id,
            rev: record.rev,
            worst: view::worst(&counts),
            counts,
            burst_id: record.burst_id,
            first_at: Some(record.first_at),
            updated_at: Some(record.changed_at),
        })
        .collect();
    Ok(Json(Items { items, next }))
}

/// Read an observation
///
/// All its cells in the order of the graph, inputs first, then those of products that the graph does not
/// know.
#[utoipa::path(
    get, path = "/observations/{obs_id}", tag = "observations", params(ObservationPath),
    responses(
        (status = 200, description = "The observation", body = ObservationView),
        (status = 404, description = "`unknown-observation`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-obs-id`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`ledger-unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    State(app): State<App>,
    State(kept): State<Kept>,
    ApiPath(ObservationPath { obs_id }): ApiPath<ObservationPath>,
) -> Result<Json<ObservationView>, Problem> {
    let found = app.ledger.observation(&obs_id).await.map_err(problems::ledger)?;
    let (record, observation) = found.ok_or_else(|| problems::unknown_observation(&obs_id))?;
    let mut view = view::observation(app.timing(), &record, &observation);
    tell_etas(&app, &kept, &record, &mut view.cells).await?;
    acknowledge(&app, &mut view.cells).await?;
    Ok(Json(view))
}

/// Read a cell
///
/// With its runs, the newest first, and why it is as it is: every blocker as a tree, and what would happen
/// next.
#[utoipa::path(
    get, path = "/observations/{obs_id}/products/{product}", tag = "observations", params(CellPath),
    responses(
        (status = 200, description = "The cell", body = CellView),
        (status = 404, description = "`unknown-observation`, `unknown-product`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-obs-id`, `invalid-request`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`ledger-unavailable`, `draining`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn cell(
    State(app): State<App>,
    State(kept): State<Kept>,
    ApiPath(CellPath { obs_id, product }): ApiPath<CellPath>,
) -> Result<Json<CellView>, Problem> {
    let found = app.ledger.observation(&obs_id).await.map_err(problems::ledger)?;
    let (record, observation) = found.ok_or_else(|| problems::unknown_observation(&obs_id))?;
    let mut cells = view::cells(app.timing(), record.first_at, &observation);
    tell_etas(&app, &kept, &record, &mut cells).await?;
    let mut cell = cells
        .into_iter()
        .find(|cell| cell.product == product)
        .ok_or_else(|| problems::unknown_product(&product, Some(&obs_id)))?;
    acknowledge(&app, std::slice::from_mut(&mut cell)).await?;
    let filter = RunFilter {
        cell: Some((obs_id.clone(), product.clone())),
        ..RunFilter::default()
    };
    let runs = app
        .ledger
        .runs(&filter, MAX_RUNS)
        .await
        .map_err(problems::ledger)?;
    let why = app
        .desk
        .explain(obs_id.clone(), product)
        .await
        .map_err(problems::desk)?;
    Ok(Json(CellView {
        obs_id,
        cell,
        runs: runs
            .found
            .iter()
            .map(|found| view::run(app.timing(), &found.obs_id, &found.run, found.version))
            .collect(),
        why,
    }))
}

/// Says of each cell when its product will be there. Of an observation in which nothing is on its way, that is
/// nothing, and costs nothing.
async fn tell_etas(
    app: &App,
    kept: &Kept,
    record: &ObservationRecord,
    cells: &mut [Cell],
) -> Result<(), Problem> {
    if !cells.iter().any(|cell| eta::is_on_its_way(cell.state)) {
        return Ok(());
    }
    let (now, obs_id) = (app.clock.now(), &record.obs_id);
    let etas = if let Some(etas) = kept.get(now, obs_id, record.rev) {
        etas
    } else {
        let etas = play(app, now, obs_id).await?;
        kept.keep(now, obs_id.clone(), record.rev, etas.clone());
        etas
    };
    for cell in cells {
        cell.eta = etas.get(&cell.product).copied();
    }
    Ok(())
}

async fn play(app: &App, now: Timestamp, obs_id: &ObsId) -> Result<OfOne, Problem> {
    let standings = app.ledger.standings(obs_id, MAX_OTHERS).await;
    let mut etas = eta::etas(&Night {
        graph: &app.graph.graph,
        durations: &app.durations,
        now,
        cells: &standings.map_err(problems::ledger)?,
    });
    Ok(etas.remove(obs_id).unwrap_or_default())
}

/// Says of failed cells who has seen it.
async fn acknowledge(app: &App, cells: &mut [Cell]) -> Result<(), Problem> {
    if cells.iter().all(|cell| cell.fingerprint.is_none()) {
        return Ok(());
    }
    let seen = app.ledger.acknowledgements(app.clock.now()).await;
    view::acknowledge(cells, &seen.map_err(problems::ledger)?);
    Ok(())
}
