//! What operators do to cells: cancel, hold, release, approve, raise, and end or extend a grace.
//!
//! `docs/verbs.md` tells what each does to a cell in each state.

use super::act::{ActResponses, act};
use super::actor::{ActHeaders, Actor};
use super::problems;
use super::repeats::Answer;
use crate::ledger::Which;
use api::conductor::{GraceAction, GraceRequest, PriorityRequest, Selector};
use conductor_core::Verb;
use domain::CellState;
use service_kit::{ApiJson, Problem};
use std::time::Duration;

/// By how much a grace is extended if nobody says: time to ask on the phone whether the input comes.
const EXTENSION: Duration = Duration::from_mins(5);

/// The longest extension. Who wants a product to wait for longer holds it, and somebody sees that.
const MAX_EXTENSION: Duration = Duration::from_hours(24);

/// Cancel cells
///
/// Gives the selected cells up: what waits is dropped, and what a provider has is cancelled there. Nothing
/// starts before they are retried or asked for. By default the active ones: `waiting`, `grace`, `queued`,
/// `requested`, `running`, `retrying`.
#[utoipa::path(
    post, path = "/cancel", tag = "acts",
    params(ActHeaders), request_body = Selector, responses(ActResponses)
)]
pub(super) async fn cancel(actor: Actor, ApiJson(selector): ApiJson<Selector>) -> Result<Answer, Problem> {
    act(actor, "/cancel", &selector, &selector, Verb::Cancel, active()).await
}

/// Hold cells
///
/// Nothing new of the selected cells starts until they are released; what a provider has goes on. What is
/// wanted meanwhile is remembered. By default all that are not done.
#[utoipa::path(
    post, path = "/hold", tag = "acts",
    params(ActHeaders), request_body = Selector, responses(ActResponses)
)]
pub(super) async fn hold(actor: Actor, ApiJson(selector): ApiJson<Selector>) -> Result<Answer, Problem> {
    act(actor, "/hold", &selector, &selector, Verb::Hold, unmade()).await
}

/// Release cells
///
/// The selected cells go on where they were held. By default those that are `held`, and those that an operator
/// holds for what comes while they show another state.
#[utoipa::path(
    post, path = "/release", tag = "acts",
    params(ActHeaders), request_body = Selector, responses(ActResponses)
)]
pub(super) async fn release(actor: Actor, ApiJson(selector): ApiJson<Selector>) -> Result<Answer, Problem> {
    act(
        actor,
        "/release",
        &selector,
        &selector,
        Verb::Release,
        Which::Held,
    )
    .await
}

/// Approve cells
///
/// The selected cells that await approval begin, from the inputs that they have now. By default those that
/// are `held`; who approves should say in `note` why.
#[utoipa::path(
    post, path = "/approve", tag = "acts",
    params(ActHeaders), request_body = Selector, responses(ActResponses)
)]
pub(super) async fn approve(actor: Actor, ApiJson(selector): ApiJson<Selector>) -> Result<Answer, Problem> {
    act(
        actor,
        "/approve",
        &selector,
        &selector,
        Verb::Approve,
        Which::In(vec![CellState::Held]),
    )
    .await
}

/// Raise cells
///
/// The selected cells, and everything that still has to be made for them, pass others at their providers. By
/// default all that are not done.
#[utoipa::path(
    post, path = "/priority", tag = "acts",
    params(ActHeaders), request_body = PriorityRequest, responses(ActResponses)
)]
pub(super) async fn raise(
    actor: Actor,
    ApiJson(request): ApiJson<PriorityRequest>,
) -> Result<Answer, Problem> {
    let verb = Verb::Raise {
        priority: request.priority,
    };
    act(actor, "/priority", &request, &request.selector, verb, unmade()).await
}

/// End or extend the wait for optional inputs
///
/// By default of the selected cells that are in `grace`.
#[utoipa::path(
    post, path = "/grace", tag = "acts",
    params(ActHeaders), request_body = GraceRequest, responses(ActResponses)
)]
pub(super) async fn grace(actor: Actor, ApiJson(request): ApiJson<GraceRequest>) -> Result<Answer, Problem> {
    let verb = match (request.action, request.by.clone()) {
        (GraceAction::End, None) => Verb::EndGrace,
        (GraceAction::End, Some(_)) => {
            return Err(problems::invalid("by", "a grace that is ended has no `by`"));
        }
        (GraceAction::Extend, by) => Verb::ExtendGrace {
            by: by.as_deref().map_or(Ok(EXTENSION), extension)?,
        },
    };
    act(
        actor,
        "/grace",
        &request,
        &request.selector,
        verb,
        Which::In(vec![CellState::Grace]),
    )
    .await
}

/// What moves, or will.
fn active() -> Which {
    Which::In(vec![
        CellState::Waiting,
        CellState::Grace,
        CellState::Queued,
        CellState::Requested,
        CellState::Running,
        CellState::Retrying,
    ])
}

/// What is not made: it may never be expected, too.
fn unmade() -> Which {
    let is_unmade = |state: &CellState| !state.is_available();
    Which::In(CellState::ALL.into_iter().filter(is_unmade).collect())
}

fn extension(text: &str) -> Result<Duration, Problem> {
    let extension = humantime::parse_duration(text).ok();
    let extension = extension.filter(|by| !by.is_zero() && *by <= MAX_EXTENSION);
    extension.ok_or_else(|| {
        let detail = format!("by {text:?} is not a duration up to 24h, such as 5m");
        problems::invalid("by", detail)
    })
}
