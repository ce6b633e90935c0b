//! The routes: packets, the feed, bursts and replays.

use crate::source::{ReplayError, Source};
use crate::table::{self, Burst};
use api::feed::{FeedPage, FeedQuery};
use api::{codes, vhf};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{ObsId, ProductName, Version};
use serde::Deserialize;
use service_kit::{ApiJson, ApiPath, ApiQuery, Clock, Items, Page, Problem};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the handlers need.
#[derive(Debug, Clone)]
pub struct App {
    /// The source.
    pub source: Arc<Source>,
    /// The time.
    pub clock: Clock,
}

/// All routes of the source itself.
pub fn router(app: App) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(packet))
        .routes(routes!(packets))
        .routes(routes!(events))
        .routes(routes!(bursts))
        .routes(routes!(replays))
        .routes(routes!(replay, stop))
        .routes(routes!(start))
        .with_state(app)
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct VersionQuery {
    /// Which version; the latest if it is left out
    #[param(value_type = Option<u64>)]
    version: Option<Version>,
}

/// The bytes of a packet
#[utoipa::path(get, path = "/vhf/{obs_id}/{product}", tag = "packets",
    params(("obs_id" = ObsId, Path), ("product" = ProductName, Path), VersionQuery),
    responses((status = 200, description = "The packet", content_type = "application/json"),
        (status = 304, description = "The packet is what If-None-Match says"),
        (status = 404, description = "It was not announced: unknown-version", body = Problem)))]
async fn packet(
    State(app): State<App>,
    ApiPath((obs_id, product)): ApiPath<(ObsId, ProductName)>,
    ApiQuery(query): ApiQuery<VersionQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Some((packet, bytes)) = app.source.packet(&obs_id, &product, query.version) else {
        let version = query
            .version
            .map_or(String::new(), |version| format!("version {version} of "));
        let problem = Problem::new(
            StatusCode::NOT_FOUND,
            codes::UNKNOWN_VERSION,
            "No such packet was announced",
        );
        return Err(problem.with_detail(format!(
            "{version}{product} of {obs_id}; a replay announces packets"
        )));
    };
    let etag = format!("\"{}\"", packet.sha256);
    if headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == etag.as_bytes())
    {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response());
    }
    Ok((
        [
            (header::CONTENT_TYPE, "application/json".to_owned()),
            (header::ETAG, etag),
        ],
        bytes,
    )
        .into_response())
}

/// The packets of an observation that were announced
#[utoipa::path(get, path = "/vhf/{obs_id}", tag = "packets", params(("obs_id" = ObsId, Path), Page),
    responses((status = 200, body = Items<vhf::Packet>)))]
async fn packets(
    State(app): State<App>,
    ApiPath(obs_id): ApiPath<ObsId>,
    page: Page,
) -> Result<Json<Items<vhf::Packet>>, Problem> {
    cut(app.source.packets(&obs_id), &page).map(Json)
}

/// The announcements in order, for anyone who missed some
#[utoipa::path(get, path = "/events", tag = "feed", params(FeedQuery),
    responses((status = 200, body = FeedPage),
        (status = 409, description = "The feed is another one: feed-changed", body = Problem)))]
async fn events(
    State(app): State<App>,
    ApiQuery(query): ApiQuery<FeedQuery>,
    page: Page,
) -> Result<Json<FeedPage>, Problem> {
    let feed = app.source.feed();
    if query.feed.as_ref().is_some_and(|asked| *asked != feed) {
        let problem = Problem::new(
            StatusCode::CONFLICT,
            codes::FEED_CHANGED,
            "The feed is another one now",
        );
        return Err(problem
            .with_detail(format!("it is {feed}; start again with after=0"))
            .with("feed", feed));
    }
    let (items, head) = app.source.events(query.after, page.limit);
    let last = items.last().map(|item| item.n);
    Ok(Json(FeedPage {
        feed,
        items,
        next: last.filter(|last| *last < head),
        head: Some(head),
    }))
}

/// The bursts that can be replayed
#[utoipa::path(get, path = "/bursts", tag = "replays", params(Page),
    responses((status = 200, body = Items<vhf::Burst>)))]
async fn bursts(page: Page) -> Result<Json<Items<vhf::Burst>>, Problem> {
    cut(table::bursts().iter().map(Burst::view).collect(), &page).map(Json)
}

/// The replays, newest first
#[utoipa::path(get, path = "/replays", tag = "replays", params(Page),
    responses((status = 200, body = Items<vhf::Replay>)))]
async fn replays(State(app): State<App>, page: Page) -> Result<Json<Items<vhf::Replay>>, Problem> {
    cut(app.source.replays(), &page).map(Json)
}

/// One replay and its progress
#[utoipa::path(get, path = "/replays/{id}", tag = "replays", params(("id" = u64, Path)),
    responses((status = 200, body = vhf::Replay), (status = 404, description = "unknown-replay", body = Problem)))]
async fn replay(State(app): State<App>, ApiPath(id): ApiPath<u64>) -> Result<Json<vhf::Replay>, Problem> {
    app.source
        .replay(id)
        .map(Json)
        .ok_or_else(|| refuse(ReplayError::Unknown(id)))
}

/// Stop a replay
#[utoipa::path(delete, path = "/replays/{id}", tag = "replays", params(("id" = u64, Path)),
    responses((status = 202, body = vhf::Replay), (status = 404, description = "unknown-replay", body = Problem)))]
async fn stop(State(app): State<App>, ApiPath(id): ApiPath<u64>) -> Result<Response, Problem> {
    let stopped = blocking(move || app.source.stop(app.clock.now(), id)).await?;
    Ok((StatusCode::ACCEPTED, Json(stopped)).into_response())
}

/// Replay a burst, or all
#[utoipa::path(post, path = "/replay", tag = "replays", request_body = vhf::ReplayRequest,
    responses((status = 202, body = vhf::Replay),
        (status = 404, description = "unknown-burst", body = Problem),
        (status = 422, description = "invalid-request", body = Problem),
        (status = 429, description = "busy: too many replays run", body = Problem)))]
async fn start(
    State(app): State<App>,
    ApiJson(request): ApiJson<vhf::ReplayRequest>,
) -> Result<Response, Problem> {
    let replay = blocking(move || app.source.start(app.clock.now(), &request)).await?;
    let location = format!("/replays/{}", replay.id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(replay)).into_response())
}

/// Runs what syncs the disk where it holds up nobody.
async fn blocking<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, ReplayError> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(act)
        .await
        .map_err(Problem::internal)?
        .map_err(refuse)
}

fn refuse(error: ReplayError) -> Problem {
    let (status, code, title, field) = match &error {
        ReplayError::Which => (
            StatusCode::UNPROCESSABLE_ENTITY,
            codes::INVALID_REQUEST,
            "The request is not valid",
            "burst",
        ),
        ReplayError::Speed { .. } => (
            StatusCode::UNPROCESSABLE_ENTITY,
            codes::INVALID_REQUEST,
            "The request is not valid",
            "speed",
        ),
        ReplayError::Gap(_) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            codes::INVALID_REQUEST,
            "The request is not valid",
            "gap",
        ),
        ReplayError::UnknownBurst(_) => (StatusCode::NOT_FOUND, "unknown-burst", "No such burst", "burst"),
        ReplayError::Unknown(_) => (StatusCode::NOT_FOUND, "unknown-replay", "No such replay", "id"),
        ReplayError::TooMany(_) => {
            let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, codes::BUSY, "Too many replays run");
            return problem.with_detail(error.to_string()).retry_after(10);
        }
        ReplayError::Journal(_) => {
            tracing::error!(
                error = format!("{:#}", anyhow::Error::from(error)),
                "a replay could not be written down"
            );
            return Problem::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "journal",
                "The journal cannot be written",
            );
        }
    };
    Problem::new(status, code, title)
        .with_detail(error.to_string())
        .with("field", field)
}

/// A page of a list that is in memory; its cursor is a position.
fn cut<T>(mut items: Vec<T>, page: &Page) -> Result<Items<T>, Problem> {
    let start = match page.cursor.as_deref().map(str::parse::<usize>) {
        None => 0,
        Some(Ok(start)) if start <= items.len() => start,
        Some(_) => return Err(page.bad_cursor()),
    };
    items.drain(..start);
    let more = items.len() > page.limit;
    items.truncate(page.limit);
    Ok(Items {
        items,
        next: more.then(|| (start + page.limit).to_string()),
    })
}
