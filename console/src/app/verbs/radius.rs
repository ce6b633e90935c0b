//! The blast radius of an act: what a dialog shows before anything is sent.

use crate::app::App;
use crate::model::CellId;
use crate::ui::text::clock;
use std::collections::{BTreeMap, BTreeSet};

/// More cells are told by their observation only.
const NAMED: usize = 6;

/// How many and where, why they are as they are, what waits for them, and who makes them.
pub(super) fn lines(app: &App, cells: &[CellId]) -> Vec<String> {
    let model = app.live();
    let mut per_observation: BTreeMap<String, usize> = BTreeMap::new();
    let mut blocked: BTreeSet<(String, String)> = BTreeSet::new();
    let mut providers: BTreeMap<String, usize> = BTreeMap::new();
    for cell in cells {
        *per_observation.entry(cell.obs_id.to_string()).or_default() += 1;
        let Some(known) = model.cell(cell) else { continue };
        blocked.extend(
            known
                .blocks()
                .into_iter()
                .map(|product| (cell.obs_id.to_string(), product.to_string())),
        );
        if let Some(provider) = known.provider() {
            *providers.entry(provider.to_string()).or_default() += 1;
        }
    }
    let observations = per_observation.len();
    let mut lines = vec![format!(
        "{} in {}, list frozen {}",
        counted(cells.len(), "cell"),
        counted(observations, "observation"),
        clock(app.now)
    )];
    if cells.len() <= NAMED {
        lines.extend(cells.iter().map(|cell| format!("  {}", told(app, cell))));
    } else {
        lines.extend(
            per_observation
                .iter()
                .map(|(obs_id, count)| format!("  {obs_id:<20} {count}")),
        );
    }
    if !blocked.is_empty() {
        let wait = if blocked.len() == 1 { "waits" } else { "wait" };
        lines.push(format!("{} {wait} for them", counted(blocked.len(), "product")));
    }
    for (provider, count) in providers {
        let state = model
            .providers()
            .iter()
            .find(|view| view.provider.as_str() == provider);
        let state = state.map_or_else(
            || "is unknown".to_owned(),
            |view| {
                let state = format!("{:?}", view.state).to_lowercase();
                format!("is {state}, {} at work, {} wait", view.in_flight, view.queued)
            },
        );
        lines.push(format!("{count} by {provider}, which {state}"));
    }
    lines
}

fn told(app: &App, cell: &CellId) -> String {
    let Some(known) = app.live().cell(cell) else {
        return cell.to_string();
    };
    match known.reason() {
        Some(reason) => format!("{cell}: {}", crate::cells::readable(reason, app.now)),
        None => format!("{cell}: {}", known.state()),
    }
}

pub(super) fn counted(count: usize, of: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {of}{ending}")
}
