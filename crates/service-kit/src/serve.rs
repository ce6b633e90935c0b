//! The HTTP server of a service: its own routes, and those that all services have.

use crate::{Health, Problem, Shutdown, TraceParent, metrics, openapi};
use axum::{
    Json, Router,
    extract::{MatchedPath, Request},
    http::{Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
    serve::ListenerExt as _,
};
use serde_json::json;
use std::{net::SocketAddr, time::Instant};
use tokio::net::TcpListener;
use tracing::{Instrument as _, Level};
use utoipa_axum::router::OpenApiRouter;

/// What a service is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceInfo {
    /// `sdb`.
    pub name: &'static str,
    /// `env!("CARGO_PKG_VERSION")`.
    pub version: &'static str,
    /// A sentence for the reader of its documentation.
    pub description: &'static str,
}

/// Starts to serve as the task `http`, until the shutdown; says where.
///
/// At the stop it accepts nothing more and lets the requests that are being answered finish.
///
/// # Errors
/// The listener's own, if it does not know its address.
pub fn serve(
    listener: TcpListener,
    router: OpenApiRouter,
    info: ServiceInfo,
    health: Health,
    shutdown: &Shutdown,
) -> std::io::Result<SocketAddr> {
    let address = listener.local_addr()?;
    let app = assemble(router, info, health, shutdown);
    // Answers are small: without this, Nagle's algorithm and delayed acks add up to 40 ms to some of them.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
    });
    let token = shutdown.token();
    shutdown.spawn("http", async move {
        axum::serve(listener, app)
            .with_graceful_shutdown(token.cancelled_owned())
            .await?;
        Ok(())
    });
    shutdown.spawn("metrics-upkeep", metrics::keep_up(shutdown.clone()));
    Ok(address)
}

/// The whole router of a service, as [`serve`] serves it: for tests that need no socket.
pub fn assemble(router: OpenApiRouter, info: ServiceInfo, health: Health, shutdown: &Shutdown) -> Router {
    metrics::install();
    let (router, document) = router.split_for_parts();
    let stopping = shutdown.clone();
    router
        .merge(openapi::routes(document, &info))
        .route("/health/live", get(|| async { Json(json!({"status": "live"})) }))
        .route(
            "/health/ready",
            get(move || async move { ready(&health, &stopping) }),
        )
        .route(
            "/metrics",
            get(|| async {
                (
                    [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
                    metrics::render(),
                )
            }),
        )
        .fallback(|| async { Problem::new(StatusCode::NOT_FOUND, "not-found", "There is no such route") })
        .method_not_allowed_fallback(|| async {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "The route does not know this method; see Allow",
            )
        })
        .layer(middleware::from_fn(observe))
}

fn ready(health: &Health, shutdown: &Shutdown) -> Response {
    let problem = |title| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready", title);
    if shutdown.is_stopping() {
        return problem("The service is stopping").into_response();
    }
    let all = health.all();
    let checks: Vec<_> = all
        .iter()
        .map(|(name, wrong)| json!({"name": name, "ok": wrong.is_none(), "reason": wrong}))
        .collect();
    if all.iter().all(|(_, wrong)| wrong.is_none()) {
        return Json(json!({"status": "ready", "checks": checks})).into_response();
    }
    problem("The service cannot do its work now")
        .with_detail(health.detail())
        .with("checks", checks)
        .into_response()
}

/// Times every request for `/metrics`, and logs it when somebody listens at `debug`.
async fn observe(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = method_label(request.method());
    let response = if tracing::enabled!(Level::DEBUG) {
        logged(request, next, started).await
    } else {
        next.run(request).await
    };
    // A path that nobody routes is no label: there are as many as anybody cares to send.
    let route = route.as_ref().map_or("none", MatchedPath::as_str).to_owned();
    let status = status_label(response.status());
    ::metrics::histogram!("http_request_duration_seconds", "method" => method, "route" => route, "status" => status)
        .record(started.elapsed().as_secs_f64());
    response
}

async fn logged(request: Request, next: Next, started: Instant) -> Response {
    let trace: Option<TraceParent> = request
        .headers()
        .get(TraceParent::HEADER)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    let trace_id = trace.map(|trace| trace.trace_id());
    let span = tracing::debug_span!(
        "request", method = %request.method(), path = request.uri().path(), trace.id = trace_id
    );
    let response = next.run(request).instrument(span.clone()).await;
    let duration_ms = started.elapsed().as_secs_f64() * 1e3;
    span.in_scope(|| tracing::debug!(status = response.status().as_u16(), duration_ms, "answered"));
    response
}

fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        _ => "other",
    }
}

fn status_label(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}
