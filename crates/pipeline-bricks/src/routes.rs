//! The routes of `docs/protocol.md` section 3.1, under the base path of each provider.

use crate::{
    provenance,
    registry::Registry,
    runs::Refusal,
    station::{Refused, Station},
};
use api::{
    Items, codes,
    pipeline::{ProcessingQuery, ProcessingReply, ProcessingRequest, ProcessingRun, ProductOffer},
};
use axum::{
    Json,
    extract::{FromRequestParts, OriginalUri, RawPathParams},
    http::{Method, StatusCode, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use domain::{Attempt, ProviderName, RunId};
use serde::Deserialize;
use service_kit::{ApiJson, ApiPath, ApiQuery, Page, Problem, TraceParent};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

/// How soon a busy provider may be asked again, in seconds: it ends a run every now and then.
const RETRY_BUSY_S: u64 = 1;
/// How soon a stopping one may be, in seconds: it is replaced or started again by somebody.
const RETRY_DRAINING_S: u64 = 5;

/// Whom a base path belongs to.
#[derive(Clone)]
pub(crate) enum Site {
    /// Always the same provider.
    Of(Arc<Station>),
    /// The one that the path segment `provider` names.
    Named(Arc<Registry>),
}

/// The routes below a base path.
pub(crate) fn routes(site: Site) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(post_processing, list_processing))
        .routes(routes!(get_processing, delete_processing))
        .routes(routes!(list_products))
        .with_state(site)
}

/// Asks for a product
#[utoipa::path(
    post, path = "/processing", tag = "processing", request_body = ProcessingRequest,
    responses(
        (status = ACCEPTED, body = ProcessingReply, description = "A run starts, or waits for a worker", headers(("Location", description = "The run"))),
        (status = OK, body = ProcessingReply, description = "The run and attempt were known, or a lower attempt is still active: nothing starts"),
        (status = NOT_FOUND, body = Problem, description = "`unknown-product`: permanent"),
        (status = CONFLICT, body = Problem, description = "`stale-attempt`: a higher attempt is known"),
        (status = UNPROCESSABLE_ENTITY, body = Problem, description = "`invalid-request`, `invalid-obs-id`, `provenance-too-large` (params, inputs and missing do not fit into the 8 KiB of a provenance): permanent"),
        (status = TOO_MANY_REQUESTS, body = Problem, description = "`busy`: the queue is full, see Retry-After"),
        (status = SERVICE_UNAVAILABLE, body = Problem, description = "`draining`: it stops, see Retry-After"),
    )
)]
async fn post_processing(
    At(station): At,
    OriginalUri(uri): OriginalUri,
    trace: Option<TraceParent>,
    ApiJson(request): ApiJson<ProcessingRequest>,
) -> Result<Response, Problem> {
    check(&request)?;
    let (reply, starts) = station.submit(request, trace)?;
    let status = if starts {
        StatusCode::ACCEPTED
    } else {
        StatusCode::OK
    };
    let location = format!("{}/{}", uri.path().trim_end_matches('/'), reply.run_id);
    Ok((status, [(header::LOCATION, location)], Json(reply)).into_response())
}

/// Its runs, latest first
#[utoipa::path(
    get, path = "/processing", tag = "processing", params(ProcessingQuery),
    responses((status = OK, body = Items<ProcessingRun>), (status = UNPROCESSABLE_ENTITY, body = Problem))
)]
async fn list_processing(
    At(station): At,
    ApiQuery(query): ApiQuery<ProcessingQuery>,
    page: Page,
) -> Result<Json<Items<ProcessingRun>>, Problem> {
    let cursor = page
        .cursor
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(|_| page.bad_cursor())?;
    let (items, next) = station.page(query.open == Some(true), cursor, page.limit);
    Ok(Json(Items {
        items,
        next: next.map(|number| number.to_string()),
    }))
}

/// One run: state, progress, times, error, last log lines
#[utoipa::path(
    get, path = "/processing/{run_id}", tag = "processing", params(("run_id" = RunId, Path)),
    responses((status = OK, body = ProcessingRun), (status = NOT_FOUND, body = Problem, description = "`unknown-run`"))
)]
async fn get_processing(
    At(station): At,
    ApiPath(path): ApiPath<RunPath>,
) -> Result<Json<ProcessingRun>, Problem> {
    station
        .run(&path.run_id)
        .map(Json)
        .ok_or_else(|| unknown_run(&path.run_id))
}

/// Cancels a run; one that has ended stays as it is
#[utoipa::path(
    delete, path = "/processing/{run_id}", tag = "processing", params(("run_id" = RunId, Path)),
    responses(
        (status = ACCEPTED, body = ProcessingRun, description = "It ends, or has ended"),
        (status = NOT_FOUND, body = Problem, description = "`unknown-run`"),
    )
)]
async fn delete_processing(At(station): At, ApiPath(path): ApiPath<RunPath>) -> Result<Response, Problem> {
    let run = station
        .cancel(&path.run_id)
        .ok_or_else(|| unknown_run(&path.run_id))?;
    Ok((StatusCode::ACCEPTED, Json(run)).into_response())
}

/// The products that it can make
#[utoipa::path(get, path = "/products", tag = "products", responses((status = OK, body = Vec<ProductOffer>)))]
async fn list_products(At(station): At) -> Json<Vec<ProductOffer>> {
    Json(station.offers())
}

#[derive(Deserialize)]
struct RunPath {
    run_id: RunId,
}

/// The provider that the request is for.
struct At(Arc<Station>);

impl FromRequestParts<Site> for At {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Problem> {
        let registry = match site {
            Site::Of(station) => return Ok(Self(Arc::clone(station))),
            Site::Named(registry) => registry,
        };
        let params = RawPathParams::from_request_parts(parts, site)
            .await
            .map_err(Problem::internal)?;
        let name = params
            .iter()
            .find_map(|(key, value)| (key == "provider").then_some(value))
            .unwrap_or_default();
        let unknown = |detail: String| {
            Problem::new(
                StatusCode::NOT_FOUND,
                "unknown-provider",
                "There is no such provider here",
            )
            .with_detail(detail)
        };
        let provider: ProviderName = name
            .parse()
            .map_err(|error| unknown(format!("{name:?}: {error}")))?;
        // Only a request for a product brings a provider into being: to ask about a misspelt one must not.
        let found = if parts.method == Method::POST {
            registry.find(&provider)
        } else {
            registry.glance(&provider)
        };
        match found {
            Ok(Some(station)) => Ok(Self(station)),
            Ok(None) => Err(unknown(format!("{provider} is none of {}", registry.names()))),
            Err(error) => Err(Problem::internal(error)),
        }
    }
}

/// What the types cannot say: refused before it is made, not after.
fn check(request: &ProcessingRequest) -> Result<(), Problem> {
    if request.attempt.is_some_and(|attempt| attempt < Attempt::FIRST) {
        return Err(
            invalid(codes::INVALID_REQUEST, "attempt: attempts are numbered from 1").with("field", "attempt"),
        );
    }
    provenance::check_given(request).map_err(|detail| invalid(provenance::TOO_LARGE, &detail))
}

fn invalid(code: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, "The request is not valid").with_detail(detail)
}

fn unknown_run(run_id: &RunId) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, codes::UNKNOWN_RUN, "There is no such run")
        .with_detail(run_id.to_string())
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::UnknownProduct(product) => Self::new(
                StatusCode::NOT_FOUND,
                codes::UNKNOWN_PRODUCT,
                "This pipeline does not make that product",
            )
            .with_detail(format!("{product}; GET products lists what it makes")),
            Refused::By(Refusal::Busy { queued }) => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, codes::BUSY, "The queue is full")
                    .with("queued", queued)
                    .retry_after(RETRY_BUSY_S)
            }
            Refused::By(Refusal::Draining) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                codes::DRAINING,
                "The pipeline is stopping",
            )
            .retry_after(RETRY_DRAINING_S),
            Refused::By(Refusal::Stale { known }) => Self::new(
                StatusCode::CONFLICT,
                codes::STALE_ATTEMPT,
                "A higher attempt of the run is known",
            )
            .with_detail(format!("attempt {known} is known"))
            .with("attempt", known.0),
            Refused::By(Refusal::OtherCell) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                codes::INVALID_REQUEST,
                "The run was asked for with another product or observation",
            )
            .with("field", "run_id"),
        }
    }
}
