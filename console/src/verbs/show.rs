//! `show`: the cells of an observation, or one cell with its runs and reasons.

use crate::args::Show;
use crate::cells;
use crate::output::Output;
use crate::session::Session;
use crate::table::{Ink, Table};
use crate::verbs::runs;
use api::ApiError;
use api::conductor::{Cell, CellView, ObservationView};
use domain::{CellState, ObsId, ProductName};
use std::process::ExitCode;

pub(super) async fn run(session: &Session, verb: Show, output: &mut Output) -> anyhow::Result<ExitCode> {
    let conductor = session.conductor()?;
    let unknown = |error: ApiError| match error.status() {
        Some(404) if !error.is_code("") => {
            anyhow::anyhow!("{}", unknown(&verb.obs_id, verb.product.as_ref()))
        }
        _ => session.explain(error),
    };
    if let Some(product) = &verb.product {
        let view = conductor.cell(&verb.obs_id, product).await.map_err(unknown)?;
        if output.json {
            output.document(&view)?;
        } else {
            cell(&view, output)?;
        }
    } else {
        let view = conductor.observation(&verb.obs_id).await.map_err(unknown)?;
        if output.json {
            output.document(&view)?;
        } else {
            observation(&view, verb.all, output)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn unknown(obs_id: &ObsId, product: Option<&ProductName>) -> String {
    match product {
        None => format!(
            "the conductor has no data of observation {obs_id}; `orchestra-console list` shows what it has"
        ),
        Some(product) => {
            format!(
                "the conductor has no {product} of observation {obs_id}; `orchestra-console show {obs_id}` shows its cells"
            )
        }
    }
}

fn observation(view: &ObservationView, all: bool, output: &mut Output) -> anyhow::Result<()> {
    let burst = view
        .burst_id
        .as_ref()
        .filter(|burst| **burst != view.obs_id.to_string());
    let burst = burst.map_or_else(String::new, |burst| format!(" (burst {burst})"));
    output.line(format!(
        "{}{burst}: {}",
        view.obs_id,
        cells::counted(&view.counts)
    ))?;
    let shown = |cell: &&Cell| all || cell.state != CellState::NotExpected;
    let table = table(view.cells.iter().filter(shown));
    if !table.is_empty() {
        output.table(&table)?;
    }
    let hidden = view.cells.iter().filter(|cell| !shown(cell)).count();
    if hidden > 0 {
        output.line(format!("{hidden} not expected; --all shows why"))?;
    }
    Ok(())
}

/// One line per cell.
pub(crate) fn table<'a>(shown: impl Iterator<Item = &'a Cell>) -> Table {
    let mut table = Table::new(["PRODUCT", "STATE", "VER", "TRY", "SINCE", "REASON"]);
    for cell in shown {
        table.row([
            (cell.product.to_string(), Ink::Plain),
            (cell.state.to_string(), cells::ink(cell.state)),
            (
                cell.version
                    .map_or_else(String::new, |version| version.to_string()),
                Ink::Plain,
            ),
            (cells::attempts(cell.attempt, cell.attempts), Ink::Plain),
            (cells::clock(cell.since), Ink::Dim),
            (cells::reason(cell), Ink::Plain),
        ]);
    }
    table
}

fn cell(view: &CellView, output: &mut Output) -> anyhow::Result<()> {
    let Cell {
        product,
        state,
        since,
        provider,
        ..
    } = &view.cell;
    let by = provider
        .as_ref()
        .map_or_else(String::new, |provider| format!(", made by {provider}"));
    output.line(format!(
        "{product} of {}: {state} since {} UTC{by}",
        view.obs_id,
        cells::date(*since)
    ))?;
    for line in cells::why(&view.why, output.screen()) {
        output.line(line)?;
    }
    for run in &view.runs {
        output.line("")?;
        runs::whole(run, output)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cells_of_an_observation_fit_80_columns() {
        let view: ObservationView =
            serde_json::from_str(include_str!("../../tests/observation.json")).unwrap();
        insta::assert_snapshot!(table(view.cells.iter()).drawn(Some(80), false));
    }
}
