//! `report`: what the next shift should know.

use crate::args::Report;
use crate::output::Output;
use crate::session::Session;
use std::process::ExitCode;

pub(super) async fn run(session: &Session, verb: &Report, output: &mut Output) -> anyhow::Result<ExitCode> {
    let since = verb.since.map(|since| since.at(output.now));
    let conductor = session.conductor()?;
    if output.json {
        let report = conductor.report(since).await;
        output.document(&report.map_err(|error| session.explain(error))?)?;
    } else {
        let report = conductor.report_in_words(since).await;
        let report = report.map_err(|error| session.explain(error))?;
        output.line(report.trim_end())?;
    }
    Ok(ExitCode::SUCCESS)
}
