//! Where the time of an observation went: a pure function over its rows.

mod cut;
mod path;
mod records;
mod waterfall;

use crate::ledger::History;
use api::conductor::{ProductTimeline, Segment, SegmentKind, TimelineView};
use conductor_core::{Cell, Datum, HeldTime, Run};
use domain::{CellState, ProviderName};
use jiff::Timestamp;
use product_graph::{NodeId, ProductGraph, Recipe};
use records::Records;
use waterfall::Waterfall;

/// The way of each product that is made, or is to be made, from the first packet until it was known.
pub fn timeline(graph: &ProductGraph, history: &History, now: Timestamp) -> TimelineView {
    let records = Records::new(history);
    let first = records.first();
    let first_at = first.map_or(history.first_at, |datum| datum.at);
    let cells = graph.products().filter_map(|id| records.cell(graph.name(id)));
    let products = cells.filter_map(|cell| of_cell(graph, &records, cell, (first_at, now)));
    TimelineView {
        obs_id: history.obs_id.clone(),
        first_input: first.map(|datum| datum.product.clone()),
        first_at,
        products: products.collect(),
    }
}

/// The way of a cell to the product that it has, or else to where it is now; none of one that is not expected.
fn of_cell(
    graph: &ProductGraph,
    records: &Records<'_>,
    cell: &Cell,
    (first_at, now): (Timestamp, Timestamp),
) -> Option<ProductTimeline> {
    let made = records.available(cell);
    let run = match made {
        Some(datum) => records.maker(datum),
        None => cell.run_id.as_ref().and_then(|run_id| records.run(run_id)),
    };
    if made.is_none() && run.is_none() && !is_awaited(cell.state) {
        return None;
    }
    let end = made
        .map(|datum| datum.at)
        .or_else(|| run.and_then(|run| run.ended_at))
        .unwrap_or(now);
    let (segments, path) = match run {
        Some(run) => (
            cut::of_run(graph, records, run, made, &held(cell, run, end), (first_at, end)),
            path::critical(records, run, made),
        ),
        None => (unmade(graph, records, cell, made, (first_at, end)), Vec::new()),
    };
    let last_input = path.iter().rev().nth(1).map(|step| step.product.clone());
    let recipe = graph.id(&cell.product).and_then(|id| graph.recipe(id));
    Some(ProductTimeline {
        product: cell.product.clone(),
        state: cell.state,
        provider: provider(run, recipe),
        run_id: run.map(|run| run.run_id.clone()),
        made_at: made.map(|datum| datum.at),
        until: end.max(first_at),
        last_input,
        segments,
        path,
    })
}

/// A cell without a run: somebody else made its product, or it waits.
fn unmade(
    graph: &ProductGraph,
    records: &Records<'_>,
    cell: &Cell,
    made: Option<&Datum>,
    (first_at, end): (Timestamp, Timestamp),
) -> Vec<Segment> {
    let mut fall = Waterfall::new(first_at, end);
    if made.is_some() {
        return fall.finish(SegmentKind::Foreign, None);
    }
    let Some(last) = mandatory_at(graph, records, cell) else {
        return fall.finish(SegmentKind::Waiting, None);
    };
    fall.reach(SegmentKind::Waiting, last, None);
    if cell.state != CellState::Held {
        return fall.finish(SegmentKind::Grace, None);
    }
    fall.reach(SegmentKind::Grace, cell.since, None);
    fall.finish(SegmentKind::Held, None)
}

/// When the last mandatory input of a cell came; none while one is missing.
fn mandatory_at(graph: &ProductGraph, records: &Records<'_>, cell: &Cell) -> Option<Timestamp> {
    let recipe = graph.recipe(graph.id(&cell.product)?)?;
    let at = |id: &NodeId| {
        let input = records.cell(graph.name(*id))?;
        records.available(input).map(|datum| datum.at)
    };
    let at: Option<Vec<Timestamp>> = recipe.mandatory.iter().map(at).collect();
    at?.into_iter().max()
}

/// When the run was held, until now if it still is.
fn held(cell: &Cell, run: &Run, end: Timestamp) -> Vec<HeldTime> {
    let is_held = cell.state == CellState::Held && cell.run_id.as_ref() == Some(&run.run_id);
    let still = is_held.then_some(HeldTime {
        since: cell.since,
        until: end,
    });
    run.held.iter().copied().chain(still).collect()
}

fn provider(run: Option<&Run>, recipe: Option<&Recipe>) -> Option<ProviderName> {
    run.map(|run| run.provider.clone())
        .or_else(|| recipe.map(|recipe| recipe.provider.clone()))
}

/// Whether a cell without a run is to be made.
fn is_awaited(state: CellState) -> bool {
    matches!(state, CellState::Waiting | CellState::Grace | CellState::Held)
}
