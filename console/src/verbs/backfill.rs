//! `backfill`: a product that is new, for observations that are over.

use super::act;
use crate::args::Backfill;
use crate::output::Output;
use crate::session::Session;
use api::conductor::BackfillRequest;
use std::process::ExitCode;

pub(super) async fn run(session: &Session, verb: Backfill, output: &mut Output) -> anyhow::Result<ExitCode> {
    let request = BackfillRequest {
        product: verb.product,
        since: verb.since.map(|since| since.at(output.now)),
        dry_run: verb.dry_run,
        note: verb.note,
    };
    let touched = session.conductor()?.backfill(&request).await;
    let touched = touched.map_err(|error| session.explain(error))?;
    if output.json {
        output.document(&touched)?;
    } else if touched.items.is_empty() {
        output.line(format!(
            "nothing to ask for: no observation of that time has the inputs of {} and was left without it",
            request.product
        ))?;
    } else {
        output.table(&act::table(&touched.items))?;
        output.line(summary(touched.dry_run, touched.items.len()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn summary(dry_run: bool, cells: usize) -> String {
    if dry_run {
        format!("{cells} would be asked for; nothing was done: this was a dry run")
    } else {
        format!("{cells} asked for")
    }
}
