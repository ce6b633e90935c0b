//! A product made because somebody asked for it.

use super::actor::{ActHeaders, Actor};
use super::repeats::Answer;
use super::{asking, problems};
use crate::desk::{Asker, Decided};
use api::codes;
use api::conductor::{ManualAnswer, ManualRequest, Why};
use axum::http::StatusCode;
use domain::{CANARY, CellState, ObsId, ProductName, RunId};
use service_kit::{ApiJson, Problem};

/// Ask for a product
///
/// A manual request, traced like any other. Answered after it was stored: 202 with the new run, 200 with
/// the run that is open, or with the last one if the product is made and `force` is not said.
#[utoipa::path(
    post, path = "/processing", tag = "acts",
    params(ActHeaders),
    request_body(content = ManualRequest),
    responses(
        (status = 202, description = "A new run", body = ManualAnswer, headers(("Location" = String, description = "The run"))),
        (status = 200, description = "The open run, or the last one", body = ManualAnswer, headers(("Location" = String, description = "The run"))),
        (status = 404, description = "`unknown-product`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`inputs-missing`, with `inputs` and `why`; `no-run`: the product was imported by hand", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`too-large`: over 1 MiB", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-obs-id`, `invalid-request`, `invalid-header`, `idempotency-key-reused`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`ledger-unavailable`, `draining`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn process(
    actor: Actor,
    ApiJson(request): ApiJson<ManualRequest>,
) -> Result<Answer, Problem> {
    let asked = request.clone();
    let decide = async {
        let Asker { by, note } = actor.asker(request.note)?;
        let asked = conductor_core::ManualRequest {
            force: request.force,
            params: asking::params(request.params)?,
            by,
            note,
        };
        let (obs_id, product) = (request.obs_id, request.product);
        if obs_id.is_canary() {
            return Err(canary_is_not_asked_for());
        }
        let decided = actor
            .app
            .desk
            .process(obs_id.clone(), product.clone(), asked)
            .await;
        answer(&obs_id, &product, decided.map_err(problems::desk)?)
    };
    actor.once("/processing", &asked, decide).await
}

fn answer(obs_id: &ObsId, product: &ProductName, decided: Decided) -> Result<Answer, Problem> {
    let run = |status, run_id: RunId, state: CellState| {
        let location = format!("/runs/{run_id}");
        Answer::json(status, &ManualAnswer { run_id, state })?.at(&location)
    };
    match decided {
        Decided::Started { run_id, state } => run(StatusCode::ACCEPTED, run_id, state),
        Decided::Open { run_id, state }
        | Decided::Made {
            run_id: Some(run_id),
            state,
        } => run(StatusCode::OK, run_id, state),
        Decided::Made { run_id: None, .. } => Err(no_run(obs_id, product)),
        Decided::Missing { inputs, why } => Err(inputs_missing(obs_id, product, &inputs, &why)?),
        Decided::UnknownProduct => Err(problems::not_made(product)),
    }
}

fn canary_is_not_asked_for() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        codes::INVALID_OBS_ID,
        "That observation is the conductor's own",
    )
    .with_detail(format!(
        "{CANARY} is the canary, which goes round by itself; ask for a product of an observation of the mission"
    ))
    .with("field", "obs_id")
}

fn inputs_missing(
    obs_id: &ObsId,
    product: &ProductName,
    inputs: &[ProductName],
    why: &Why,
) -> Result<Problem, Problem> {
    let names = inputs
        .iter()
        .map(ProductName::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    let problem = Problem::new(
        StatusCode::CONFLICT,
        codes::INPUTS_MISSING,
        "Mandatory inputs are missing",
    )
    .with_detail(format!(
        "{product} of {obs_id} is made from {names}; \"force\": true asks for it without"
    ));
    let json = |value| serde_json::to_value(value).map_err(Problem::internal);
    let inputs = serde_json::to_value(inputs).map_err(Problem::internal)?;
    Ok(problem.with("inputs", inputs).with("why", json(why)?))
}

fn no_run(obs_id: &ObsId, product: &ProductName) -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "no-run",
        "The product is there, but no run made it",
    )
    .with_detail(format!(
        "{product} of {obs_id} was imported by hand; \"force\": true has it made"
    ))
}
