//! `trigger`: a product by hand.

use crate::args::Trigger;
use crate::cells;
use crate::link::made;
use crate::output::Output;
use crate::session::Session;
use anyhow::{Context as _, anyhow};
use api::conductor::ManualRequest;
use api::pipeline::ProcessingRequest;
use api::{ApiError, Http, PipelineClient, codes};
use service_kit::exit;
use std::process::ExitCode;
use url::Url;

pub(super) async fn run(session: &Session, verb: Trigger, output: &mut Output) -> anyhow::Result<ExitCode> {
    if verb.dry_run {
        return look(session, &verb, output).await;
    }
    if let Some(url) = &verb.direct {
        return straight(session, &verb, url.as_ref(), output).await;
    }
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
    output.line(made(&request, &answer, known, "--force"))?;
    Ok(ExitCode::SUCCESS)
}

/// How the cell is, and what it waits for: nothing is sent.
async fn look(session: &Session, verb: &Trigger, output: &mut Output) -> anyhow::Result<ExitCode> {
    let view = session.conductor()?.cell(&verb.obs_id, &verb.product).await;
    let view = view.map_err(|error| session.explain(error))?;
    if output.json {
        output.document(&view)?;
        return Ok(ExitCode::SUCCESS);
    }
    let Trigger { product, obs_id, .. } = verb;
    output.line(format!("{product} of {obs_id} is {}", view.cell.state))?;
    for line in cells::why(&view.why, output) {
        output.line(line)?;
    }
    output.line("nothing was done: this was a dry run")?;
    Ok(ExitCode::SUCCESS)
}

/// Asks the pipeline itself; what comes of it the conductor hears from the SDB.
async fn straight(
    session: &Session,
    verb: &Trigger,
    url: Option<&Url>,
    output: &mut Output,
) -> anyhow::Result<ExitCode> {
    let url = match url {
        Some(url) => url.clone(),
        None => url_of(session, verb).await?,
    };
    let request = ProcessingRequest {
        params: verb.params.clone(),
        trigger: Some(format!("manual by {}", session.operator())),
        ..ProcessingRequest::of(verb.product.clone(), verb.obs_id.clone())
    };
    let posted = PipelineClient::new(Http::new()).post(&url, &request).await;
    let posted = posted.map_err(|error| anyhow!("the pipeline at {url} does not take it: {error}"))?;
    if output.json {
        output.document(
            &serde_json::json!({"url": url, "run_id": posted.run_id, "state": posted.state,
            "existing": posted.existing}),
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    let run = posted.run_id.map_or_else(String::new, |run| format!(" as {run}"));
    output.line(format!(
        "the pipeline at {url} takes {} of {}{run}",
        verb.product, verb.obs_id
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Where the graph says that the product is made.
async fn url_of(session: &Session, verb: &Trigger) -> anyhow::Result<Url> {
    let graph = session.conductor()?.graph().await;
    let graph = graph
        .map_err(|error| session.explain(error))
        .context("only the graph knows the pipeline; --direct URL needs no graph")?;
    let made = graph.products.iter().find(|made| made.product == verb.product);
    let made = made.ok_or_else(|| anyhow!("the graph makes no {}", verb.product))?;
    made.url
        .parse()
        .with_context(|| format!("the url of {}", verb.product))
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
