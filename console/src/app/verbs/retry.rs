//! `r`, `R`: failed cells again. It destroys nothing, so it needs no arming: the key shows which, and `y` sends.

use crate::app::{App, Dialog, Effect, Layer, Scope, Tone};
use crate::keys::Danger;
use crate::link::{Act, CellVerb};
use crate::model::{CellId, CellRef};
use crate::ui::text::clock;
use std::collections::{BTreeMap, BTreeSet};

/// More cells are told by their observation only.
const NAMED: usize = 6;

pub(crate) fn act(app: &mut App, scope: Scope) -> Vec<Effect> {
    match cells(app, scope) {
        Ok((what, cells)) => {
            let lines = lines(app, &cells);
            let mut dialog = Dialog::new(format!("Retry {what}"), retry(cells), Danger::Acts);
            dialog.lines = lines;
            app.layer = Some(Layer::Dialog(Box::new(dialog)));
        }
        Err(why_not) => app.say(Tone::Note, why_not),
    }
    vec![]
}

fn retry(cells: Vec<CellId>) -> Act {
    Act::Cells {
        verb: CellVerb::Retry {
            force: false,
            params: None,
        },
        cells,
        note: None,
        dry_run: false,
    }
}

/// What it is about in words, and its cells, as they are now and not as they are shown.
fn cells(app: &App, scope: Scope) -> Result<(String, Vec<CellId>), String> {
    let problems = || app.live().problems().iter();
    let (what, cells): (String, Vec<CellId>) = match scope {
        Scope::Focused if !app.overview.marks.is_empty() => {
            let marks = &app.overview.marks;
            let failed = problems().filter(|cell| marks.contains(cell)).cloned().collect();
            (format!("what failed of {} marked", marks.len()), failed)
        }
        Scope::Focused => {
            let cell = app
                .focused_cell()
                .ok_or("no cell is under the cursor; n goes to the next problem")?;
            let state = app.live().cell(&cell).map(CellRef::state);
            if !problems().any(|problem| *problem == cell) {
                let state = state.map_or_else(|| "unknown".to_owned(), |state| state.to_string());
                return Err(format!("{cell} is {state}: only what failed is tried again"));
            }
            (cell.to_string(), vec![cell])
        }
        Scope::Observation => {
            let obs_id = app
                .focused_observation()
                .ok_or("no observation is under the cursor")?;
            let failed = problems().filter(|cell| cell.obs_id == obs_id).cloned().collect();
            (format!("all that failed of {obs_id}"), failed)
        }
        Scope::Provider => {
            let provider = provider(app).ok_or("no cell with a provider is under the cursor")?;
            let is_its = |cell: &&CellId| {
                app.live()
                    .cell(cell)
                    .is_some_and(|cell| cell.provider() == Some(&provider))
            };
            (
                format!("all that failed of {provider}"),
                problems().filter(is_its).cloned().collect(),
            )
        }
        Scope::Fingerprint => {
            let failure = app.focused_failure().ok_or("no failure is under the cursor")?;
            let failed = failure
                .cells
                .iter()
                .filter(|cell| problems().any(|problem| problem == *cell));
            (
                "all that failed for this cause".to_owned(),
                failed.cloned().collect(),
            )
        }
    };
    if cells.is_empty() {
        return Err(format!("nothing to retry: {what} is nothing"));
    }
    Ok((what, cells))
}

fn provider(app: &App) -> Option<domain::ProviderName> {
    let cell = app.focused_cell()?;
    app.live().cell(&cell)?.provider().cloned()
}

/// The blast radius: how many and where, why they failed, what waits for them, and who would have to make them.
fn lines(app: &App, cells: &[CellId]) -> Vec<String> {
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
        lines.push(format!("{} waits for them", counted(blocked.len(), "product")));
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
    let known = app.live().cell(cell);
    let reason = known.and_then(CellRef::reason).unwrap_or("for no known reason");
    format!("{cell}: {}", crate::cells::readable(reason, app.now))
}

fn counted(count: usize, of: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {of}{ending}")
}
