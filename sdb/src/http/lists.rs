//! Lists of records and of observations.

use super::{App, CellPath, problems};
use crate::store::{Filter, Observation};
use api::sdb::{ObservationRecord, ProductRecord, RecordQuery};
use axum::{Json, extract::State};
use domain::ObsId;
use serde::Deserialize;
use service_kit::{ApiPath, ApiQuery, Items, Page, Problem};

/// `/products/{obs_id}`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct ObservationPath {
    /// The observation.
    #[param(value_type = String)]
    pub(super) obs_id: ObsId,
}

/// List records
///
/// Those for which all that is given holds, the last imported first.
#[utoipa::path(
    get, path = "/products", tag = "lists", params(RecordQuery),
    responses(
        (status = 200, description = "The records", body = Items<ProductRecord>),
        (status = 422, description = "`invalid-obs-id`, `invalid-request`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`store-unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn products(
    State(app): State<App>,
    ApiQuery(query): ApiQuery<RecordQuery>,
    page: Page,
) -> Result<Json<Items<ProductRecord>>, Problem> {
    let RecordQuery {
        obs_id,
        product,
        provider,
        since,
        until,
        burst_id,
        limit: _,
        cursor: _,
    } = query;
    let filter = Filter {
        obs_id,
        product,
        provider,
        burst_id,
        since,
        until,
        before: None,
    };
    records(&app, filter, &page).await
}

/// List an observation's records
///
/// All versions of all its products, the last imported first; none if nothing was imported for it.
#[utoipa::path(
    get, path = "/products/{obs_id}", tag = "lists", params(ObservationPath, Page),
    responses(
        (status = 200, description = "The records", body = Items<ProductRecord>),
        (status = 422, description = "`invalid-obs-id`, `invalid-request`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`store-unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn observation(
    State(app): State<App>,
    ApiPath(path): ApiPath<ObservationPath>,
    page: Page,
) -> Result<Json<Items<ProductRecord>>, Problem> {
    records(
        &app,
        Filter {
            obs_id: Some(path.obs_id),
            ..Filter::default()
        },
        &page,
    )
    .await
}

/// List a product's versions
///
/// The newest first; none if it was never imported.
#[utoipa::path(
    get, path = "/products/{obs_id}/{product}/versions", tag = "lists", params(CellPath, Page),
    responses(
        (status = 200, description = "The records", body = Items<ProductRecord>),
        (status = 422, description = "`invalid-obs-id`, `invalid-request`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`store-unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn versions(
    State(app): State<App>,
    ApiPath(path): ApiPath<CellPath>,
    page: Page,
) -> Result<Json<Items<ProductRecord>>, Problem> {
    let filter = Filter {
        obs_id: Some(path.obs_id),
        product: Some(path.product),
        ..Filter::default()
    };
    records(&app, filter, &page).await
}

/// List observations
///
/// By their id, as text.
#[utoipa::path(
    get, path = "/observations", tag = "lists", params(Page),
    responses(
        (status = 200, description = "The observations", body = Items<ObservationRecord>),
        (status = 422, description = "`invalid-request`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`store-unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn observations(
    State(app): State<App>,
    page: Page,
) -> Result<Json<Items<ObservationRecord>>, Problem> {
    let after: Option<ObsId> = page
        .cursor
        .as_ref()
        .map(|cursor| cursor.parse())
        .transpose()
        .map_err(|_| page.bad_cursor())?;
    let found = app.store.observations(after.as_ref(), page.limit + 1).await;
    let found = found.map_err(|error| problems::store(&error))?;
    let (found, next) = cut(found, page.limit, |observation| observation.obs_id.to_string());
    let items = found
        .into_iter()
        .map(
            |Observation {
                 obs_id,
                 products,
                 first_import,
                 last_import,
             }| ObservationRecord {
                obs_id,
                products,
                first_import,
                last_import,
            },
        )
        .collect();
    Ok(Json(Items { items, next }))
}

async fn records(app: &App, mut filter: Filter, page: &Page) -> Result<Json<Items<ProductRecord>>, Problem> {
    filter.before = page
        .cursor
        .as_ref()
        .map(|cursor| cursor.parse())
        .transpose()
        .map_err(|_| page.bad_cursor())?;
    let found = app
        .store
        .records(&filter, page.limit + 1)
        .await
        .map_err(|error| problems::store(&error))?;
    let (found, next) = cut(found, page.limit, |record| record.id.to_string());
    Ok(Json(Items {
        items: found.iter().map(|record| app.address.record(record)).collect(),
        next,
    }))
}

/// Cuts a list that was asked for with one item more than the page has, to see whether there is a next one.
fn cut<T>(mut items: Vec<T>, limit: usize, cursor: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(cursor);
    (items, next)
}
