//! Refuses POSTs of products that `--misbehave PRODUCT=refuse-STATUS` names.

use crate::misbehaviour::{self, Misbehaviour, MisbehaviourOf};
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use domain::{Attempt, ProductName};
use serde::Deserialize;
use service_kit::Problem;
use std::sync::Arc;

/// As much of a body as the routes behind take.
const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;

#[derive(Deserialize)]
struct Asked {
    product: ProductName,
    #[serde(default)]
    attempt: Option<Attempt>,
}

/// Answers for the routes behind, where a product is to be refused.
pub(crate) async fn refuse(misbehaviours: Arc<[MisbehaviourOf]>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, MAX_BODY_BYTES).await else {
        return Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "The body is too large",
        )
        .into_response();
    };
    let asked: Option<Asked> = serde_json::from_slice(&bytes).ok();
    let misbehaviour = asked.and_then(|asked| {
        misbehaviour::of(
            &misbehaviours,
            &asked.product,
            asked.attempt.unwrap_or(Attempt::FIRST),
        )
    });
    if let Some(Misbehaviour::Refuse(status)) = misbehaviour {
        return refusal(status).into_response();
    }
    next.run(Request::from_parts(parts, Body::from(bytes))).await
}

fn refusal(status: u16) -> Problem {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let problem = |code, title| Problem::new(status, code, title).with_detail("as --misbehave asks");
    match status {
        StatusCode::NOT_FOUND => problem("unknown-product", "This pipeline does not make that product"),
        StatusCode::UNPROCESSABLE_ENTITY => problem("invalid-request", "The request is not valid"),
        StatusCode::TOO_MANY_REQUESTS => problem("busy", "The queue is full").retry_after(1),
        StatusCode::SERVICE_UNAVAILABLE => problem("draining", "The pipeline is stopping").retry_after(1),
        _ => problem("internal", "Something is wrong with the service"),
    }
}
