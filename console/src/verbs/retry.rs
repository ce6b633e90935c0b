//! `retry`: failed cells again.

use crate::args::Retry;
use crate::cells;
use crate::output::Output;
use crate::session::Session;
use crate::table::{Ink, Table};
use api::conductor::Selector;
use std::process::ExitCode;

pub(super) async fn run(session: &Session, verb: Retry, output: &mut Output) -> anyhow::Result<ExitCode> {
    let selector = Selector {
        obs_id: verb.which.obs_id,
        product: verb.which.product,
        provider: verb.which.provider,
        state: verb.state,
        dry_run: verb.dry_run,
        force: verb.force,
        params: verb.params,
        note: verb.note,
    };
    let touched = session
        .conductor()?
        .retry(&selector)
        .await
        .map_err(|error| session.explain(error))?;
    if output.json {
        output.document(&touched)?;
        return Ok(ExitCode::SUCCESS);
    }
    if touched.items.is_empty() {
        let state = selector
            .state
            .map_or_else(|| "failed".to_owned(), |state| state.to_string());
        output.line(format!("nothing to retry: no such cell is {state}"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = Table::new(["OBSERVATION", "PRODUCT", "WAS", "NOW", "OUTCOME"]);
    for cell in &touched.items {
        table.row([
            (cell.obs_id.to_string(), Ink::Plain),
            (cell.product.to_string(), Ink::Plain),
            (cell.was.to_string(), cells::ink(cell.was)),
            (cell.state.to_string(), cells::ink(cell.state)),
            (cell.outcome.clone(), Ink::Plain),
        ]);
    }
    output.table(&table)?;
    let verb = if touched.dry_run {
        "would be retried"
    } else {
        "retried"
    };
    output.line(format!("{} {verb}", touched.items.len()))?;
    Ok(ExitCode::SUCCESS)
}
