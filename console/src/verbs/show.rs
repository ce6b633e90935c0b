//! `show`: the cells of an observation, or one cell with its runs and reasons.

use crate::args::Show;
use crate::cells;
use crate::output::Output;
use crate::session::Session;
use crate::table::{Ink, Table};
use crate::verbs::runs;
use api::conductor::{Cell, CellView, ObservationView};
use api::{ApiError, codes};
use domain::{CellState, ObsId, ProductName};
use jiff::Timestamp;
use std::process::ExitCode;

pub(super) async fn run(session: &Session, verb: Show, output: &mut Output) -> anyhow::Result<ExitCode> {
    let conductor = session.conductor()?;
    let unknown = |error: ApiError| match unknown(&error, &verb.obs_id, verb.product.as_ref()) {
        Some(text) => anyhow::anyhow!(text),
        None => session.explain(error),
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

/// What is not there, and how to find what is; none for all other errors.
pub(super) fn unknown(error: &ApiError, obs_id: &ObsId, product: Option<&ProductName>) -> Option<String> {
    if error.is_code(codes::UNKNOWN_OBSERVATION) {
        return Some(format!(
            "nothing was ever announced of observation {obs_id}; `orchestra-console list` shows those that are known"
        ));
    }
    let product = product.filter(|_| error.is_code(codes::UNKNOWN_PRODUCT))?;
    Some(format!(
        "the graph has no {product}; `orchestra-console show {obs_id} --all` shows all of its products"
    ))
}

fn observation(view: &ObservationView, all: bool, output: &mut Output) -> anyhow::Result<()> {
    let burst = view
        .burst_id
        .as_ref()
        .filter(|burst| **burst != view.obs_id.to_string());
    let burst = burst.map_or_else(String::new, |burst| format!(" (burst {burst})"));
    let now = output.now;
    output.line(format!("{}{burst} at {} UTC", view.obs_id, cells::date(now)))?;
    let shown = |cell: &&Cell| all || cell.state != CellState::NotExpected;
    let table = table(view.cells.iter().filter(shown), now);
    if !table.is_empty() {
        output.table(&table)?;
    }
    // Last, where it is in view when a small terminal has scrolled.
    output.text(cells::counted(&view.counts))?;
    let hidden = view.cells.iter().filter(|cell| !shown(cell)).count();
    if hidden > 0 {
        output.line(format!("{hidden} more are not expected; --all shows why"))?;
    }
    Ok(())
}

/// One line per cell.
pub(crate) fn table<'a>(shown: impl Iterator<Item = &'a Cell>, now: Timestamp) -> Table {
    let mut table = Table::new(["PRODUCT", "STATE", "VER", "TRY", "SINCE", "ETA", "REASON"]);
    for cell in shown {
        table.row([
            (cell.product.to_string(), Ink::Plain),
            cells::state(cell),
            (
                cell.version
                    .map_or_else(String::new, |version| version.to_string()),
                Ink::Plain,
            ),
            (cells::attempts(cell.attempt, cell.attempts), Ink::Plain),
            (cells::when(cell.since, now), Ink::Dim),
            (cells::eta(cell, now), Ink::Plain),
            (cells::reason(cell, now), Ink::Plain),
        ]);
    }
    table.unless_empty("ETA")
}

fn cell(view: &CellView, output: &mut Output) -> anyhow::Result<()> {
    let Cell {
        product,
        state,
        since,
        provider,
        version,
        ..
    } = &view.cell;
    let version = version.map_or_else(String::new, |version| format!(", version {version}"));
    let by = provider
        .as_ref()
        .map_or_else(String::new, |provider| format!(", made by {provider}"));
    output.text(format!(
        "{product} of {}: {state} since {} UTC{version}{by}",
        view.obs_id,
        cells::date(*since)
    ))?;
    // Of what is there and has nothing to do, there is nothing to explain.
    let settled = matches!(state, CellState::Done | CellState::Received)
        && view.why.blockers.is_empty()
        && view.why.next.is_none();
    if !settled {
        for line in cells::why(&view.why, output) {
            output.line(line)?;
        }
    }
    if let Some(timing) = cells::timing(&view.cell, output.now) {
        output.text(timing)?;
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
        let now = "2026-11-24T04:11:00Z".parse().unwrap();
        insta::assert_snapshot!(table(view.cells.iter(), now).drawn(Some(80), false));
    }
}
