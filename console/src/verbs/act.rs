//! What is done to cells: `retry`, `cancel`, `hold`, `release`, `approve`, `raise`, `grace`.

use crate::args::OnCells;
use crate::cells;
use crate::link::CellVerb;
use crate::output::Output;
use crate::session::Session;
use crate::table::{Ink, Table};
use api::conductor::TouchedCell;
use std::process::ExitCode;

/// How the conductor begins the outcome of a cell to which the verb does not apply.
const LEFT_ALONE: &str = "left alone";

/// Does it to the selected cells, and prints what came of it for each.
pub(super) async fn run(
    session: &Session,
    verb: &CellVerb,
    on: OnCells,
    output: &mut Output,
) -> anyhow::Result<ExitCode> {
    let selector = on.selector();
    let states = selector
        .state
        .map_or_else(|| usual(verb).to_owned(), |state| state.to_string());
    let conductor = session.conductor()?;
    let touched = verb.send(&conductor, selector).await;
    let touched = touched.map_err(|error| session.explain(error))?;
    if output.json {
        output.document(&touched)?;
    } else if touched.items.is_empty() {
        output.line(format!("nothing to {}: no such cell is {states}", word(verb)))?;
    } else {
        output.table(&table(&touched.items))?;
        output.line(summary(verb, touched.dry_run, &touched.items))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Cells, how they were, how they are, and what came of the act.
pub(super) fn table(cells: &[TouchedCell]) -> Table {
    let mut table = Table::new(["OBSERVATION", "PRODUCT", "WAS", "NOW", "OUTCOME"]);
    for cell in cells {
        table.row([
            (cell.obs_id.to_string(), Ink::Plain),
            (cell.product.to_string(), Ink::Plain),
            (cell.was.to_string(), cells::ink(cell.was)),
            (cell.state.to_string(), cells::ink(cell.state)),
            (cell.outcome.clone(), Ink::Plain),
        ]);
    }
    table
}

/// Cells to which the verb does not apply are named by their outcome and left as they were.
fn summary(verb: &CellVerb, dry_run: bool, cells: &[TouchedCell]) -> String {
    if dry_run {
        return "nothing was done: this was a dry run".to_owned();
    }
    let is_left = |cell: &&TouchedCell| cell.outcome.starts_with(LEFT_ALONE);
    let left = cells.iter().filter(is_left).count();
    let done = format!("{} {}", cells.len() - left, done(verb));
    match left {
        0 => done,
        left => format!("{done}, {left} left alone"),
    }
}

/// As it is typed.
fn word(verb: &CellVerb) -> &'static str {
    match verb {
        CellVerb::Raise(_) => "raise",
        CellVerb::EndGrace => "begin",
        CellVerb::ExtendGrace(_) => "extend",
        CellVerb::Retry { .. }
        | CellVerb::Cancel
        | CellVerb::Hold
        | CellVerb::Release
        | CellVerb::Approve => verb.name(),
    }
}

fn done(verb: &CellVerb) -> &'static str {
    match verb {
        CellVerb::Retry { .. } => "retried",
        CellVerb::Cancel => "cancelled",
        CellVerb::Hold => "held",
        CellVerb::Release => "released",
        CellVerb::Approve => "approved",
        CellVerb::Raise(_) => "raised",
        CellVerb::EndGrace => "begun without what is not there",
        CellVerb::ExtendGrace(_) => "left to wait for longer",
    }
}

/// Which cells it is about if nobody names a state.
fn usual(verb: &CellVerb) -> &'static str {
    match verb {
        CellVerb::Retry { force: false, .. } => "failed",
        CellVerb::Retry { force: true, .. } => "failed or done",
        CellVerb::Cancel => "under way",
        CellVerb::Hold | CellVerb::Raise(_) => "still to be made",
        CellVerb::Release | CellVerb::Approve => "held",
        CellVerb::EndGrace | CellVerb::ExtendGrace(_) => "in grace",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_touched_is_counted_and_a_state_that_stays_is_no_sign() {
        let cells: Vec<TouchedCell> = serde_json::from_str(
            r#"[{"obs_id":42,"product":"A","was":"running","state":"running","outcome":"held"},
                {"obs_id":42,"product":"B","was":"held","state":"held","outcome":"left alone: it is held already"}]"#,
        )
        .unwrap();
        assert_eq!(summary(&CellVerb::Hold, false, &cells[..1]), "1 held");
        assert_eq!(summary(&CellVerb::Hold, false, &cells), "1 held, 1 left alone");
        assert_eq!(
            summary(&CellVerb::Hold, true, &cells),
            "nothing was done: this was a dry run"
        );
    }
}
