//! `trigger`: a product by hand.

use crate::args::Trigger;
use crate::cells;
use crate::output::Output;
use crate::session::Session;
use api::conductor::ManualRequest;
use api::{ApiError, codes};
use service_kit::exit;
use std::process::ExitCode;

pub(super) async fn run(session: &Session, verb: Trigger, output: &mut Output) -> anyhow::Result<ExitCode> {
    let request = ManualRequest {
        product: verb.product,
        obs_id: verb.obs_id,
        force: verb.force,
        params: verb.params.unwrap_or_default(),
        note: verb.note,
    };
    let (answer, known) = match session.conductor()?.process(&request).await {
        Ok(answered) => answered,
        Err(error) if error.is_code(codes::INPUTS_MISSING) => return refused(&error, &request, output),
        Err(error) => return Err(session.explain(error)),
    };
    if output.json {
        output.document(&answer)?;
        return Ok(ExitCode::SUCCESS);
    }
    let ManualRequest { product, obs_id, .. } = &request;
    let (run, state) = (&answer.run_id, answer.state);
    if !known {
        output.line(format!("{product} of {obs_id} is {state} as {run}"))?;
    } else if state.is_active() {
        output.line(format!("{product} of {obs_id} is {state} already, as {run}"))?;
    } else {
        output.line(format!(
            "{product} of {obs_id} is {state}, by {run}; --force makes it again"
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Says what is missing, as the conductor does.
fn refused(error: &ApiError, request: &ManualRequest, output: &mut Output) -> anyhow::Result<ExitCode> {
    let why = error.problem().and_then(api::Problem::why).unwrap_or_default();
    if output.json {
        output.document(&serde_json::json!({"code": codes::INPUTS_MISSING, "why": why}))?;
        return Ok(ExitCode::from(exit::FAILURE));
    }
    output.line(format!(
        "{} of {} is not started; --force does all the same",
        request.product, request.obs_id
    ))?;
    for line in cells::why(&why, output) {
        output.line(line)?;
    }
    Ok(ExitCode::from(exit::FAILURE))
}
