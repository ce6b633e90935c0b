//! What operators do to providers: pause, drain, resume.

use super::actor::{ActHeaders, Actor};
use super::repeats::Answer;
use super::{problems, providers};
use crate::desk::ProviderVerb;
use api::conductor::{ProviderRequest, ProviderView};
use axum::http::StatusCode;
use domain::ProviderName;
use service_kit::{ApiJson, ApiPath, Problem};

/// Pause a provider
///
/// Nothing new is sent to it until it is resumed; what it has goes on. Cells whose run waits for it are `held`,
/// say by whom and why, and keep their order. It stays so over a restart of the conductor.
#[utoipa::path(
    post, path = "/providers/{name}/pause", tag = "providers",
    params(("name" = ProviderName, Path, description = "Its name"), ActHeaders),
    request_body = ProviderRequest, responses(SteerResponses)
)]
pub(super) async fn pause(
    actor: Actor,
    ApiPath(provider): ApiPath<ProviderName>,
    ApiJson(request): ApiJson<ProviderRequest>,
) -> Result<Answer, Problem> {
    steer(actor, "/providers/pause", provider, ProviderVerb::Pause, request).await
}

/// Drain a provider
///
/// The same, to stop or replace it: it is `draining` until what it has is over, then `paused` until it is resumed.
#[utoipa::path(
    post, path = "/providers/{name}/drain", tag = "providers",
    params(("name" = ProviderName, Path, description = "Its name"), ActHeaders),
    request_body = ProviderRequest, responses(SteerResponses)
)]
pub(super) async fn drain(
    actor: Actor,
    ApiPath(provider): ApiPath<ProviderName>,
    ApiJson(request): ApiJson<ProviderRequest>,
) -> Result<Answer, Problem> {
    steer(actor, "/providers/drain", provider, ProviderVerb::Drain, request).await
}

/// Resume a provider
///
/// What waits goes on, in its order. One that is neither paused nor drained is left as it is.
#[utoipa::path(
    post, path = "/providers/{name}/resume", tag = "providers",
    params(("name" = ProviderName, Path, description = "Its name"), ActHeaders),
    request_body = ProviderRequest, responses(SteerResponses)
)]
pub(super) async fn resume(
    actor: Actor,
    ApiPath(provider): ApiPath<ProviderName>,
    ApiJson(request): ApiJson<ProviderRequest>,
) -> Result<Answer, Problem> {
    steer(
        actor,
        "/providers/resume",
        provider,
        ProviderVerb::Resume,
        request,
    )
    .await
}

/// The answers, for the description.
#[derive(utoipa::IntoResponses)]
#[expect(
    dead_code,
    clippy::large_enum_variant,
    reason = "it describes answers that are made elsewhere"
)]
pub(super) enum SteerResponses {
    /// The provider, as it is now
    #[response(status = 200)]
    Done(#[to_schema] ProviderView),
    /// `unknown-provider`
    #[response(status = 404, content_type = "application/problem+json")]
    Unknown(#[to_schema] Problem),
    /// `too-large`: over 1 MiB
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(#[to_schema] Problem),
    /// `invalid-request`, `invalid-header`, `idempotency-key-reused`
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(#[to_schema] Problem),
    /// `ledger-unavailable`, `draining`
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(#[to_schema] Problem),
}

/// Does it once, however often the request comes.
async fn steer(
    actor: Actor,
    route: &'static str,
    provider: ProviderName,
    verb: ProviderVerb,
    request: ProviderRequest,
) -> Result<Answer, Problem> {
    let whole = (&provider, &request);
    let steer = async {
        let asker = actor.asker(request.note.clone())?;
        let steered = actor.app.desk.steer(provider.clone(), verb, asker).await;
        if !steered.map_err(problems::desk)? {
            return Err(problems::unknown_provider(&provider));
        }
        let board = providers::board(&actor.app).await?;
        let shown = board.iter().find(|shown| shown.provider == provider);
        let shown = shown.ok_or_else(|| problems::unknown_provider(&provider))?;
        Answer::json(StatusCode::OK, shown)
    };
    actor.once(route, &whole, steer).await
}
