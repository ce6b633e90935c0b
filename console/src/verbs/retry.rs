//! `retry`: failed cells again.

use crate::args::Retry;
use crate::cells;
use crate::output::Output;
use crate::session::Session;
use crate::table::{Ink, Table};
use api::conductor::{Selector, Touched};
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
        let state = match (selector.state, selector.force) {
            (Some(state), _) => state.to_string(),
            (None, true) => "failed or done".to_owned(),
            (None, false) => "failed".to_owned(),
        };
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
    output.line(summary(&touched))?;
    Ok(ExitCode::SUCCESS)
}

/// Cells of the wrong state are named by their outcome and left as they were.
fn summary(touched: &Touched) -> String {
    if touched.dry_run {
        return "nothing was done: this was a dry run".to_owned();
    }
    let retried = touched.items.iter().filter(|cell| cell.was != cell.state).count();
    match touched.items.len() - retried {
        0 => format!("{retried} retried"),
        others => format!("{retried} retried, {others} left alone"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_retried_is_counted_as_retried() {
        let cell = r#"{"obs_id":42,"product":"A","was":"failed","state":"queued","outcome":"retried"}"#;
        let left = r#"{"obs_id":42,"product":"B","was":"done","state":"done","outcome":"left alone"}"#;
        let told = |dry_run: bool, cells: &str| {
            let json = format!(r#"{{"dry_run":{dry_run},"items":[{cells}]}}"#);
            summary(&serde_json::from_str(&json).unwrap())
        };
        assert_eq!(told(false, cell), "1 retried");
        assert_eq!(told(false, &format!("{cell},{left}")), "1 retried, 1 left alone");
        assert_eq!(told(true, cell), "nothing was done: this was a dry run");
    }
}
