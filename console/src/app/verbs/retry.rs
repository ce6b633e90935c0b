//! `r`, `R`: failed cells again. It destroys nothing, so it needs no arming: the key shows which, and `y` sends.

use super::radius;
use crate::app::{App, Dialog, Effect, Layer, Scope, Tone};
use crate::keys::Danger;
use crate::link::{Act, CellVerb};
use crate::model::{CellId, CellRef};

pub(crate) fn act(app: &mut App, scope: Scope) -> Vec<Effect> {
    match cells(app, scope) {
        Ok((what, cells)) => {
            let lines = radius::lines(app, &cells);
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
    let problems = || app.live().problems();
    let is_problem = |cell: &CellId| app.live().cell(cell).is_some_and(CellRef::is_problem);
    let (what, cells): (String, Vec<CellId>) = match scope {
        Scope::Focused if !app.overview.marks.is_empty() => {
            let marks = &app.overview.marks;
            let failed = problems().filter(|cell| marks.contains(cell)).collect();
            (format!("what failed of {} marked", marks.len()), failed)
        }
        Scope::Focused => {
            let cell = app
                .focused_cell()
                .ok_or("no cell is under the cursor; n goes to the next problem")?;
            let state = app.live().cell(&cell).map(CellRef::state);
            if !is_problem(&cell) {
                let state = state.map_or_else(|| "unknown".to_owned(), |state| state.to_string());
                return Err(format!("{cell} is {state}: only what failed is tried again"));
            }
            (cell.to_string(), vec![cell])
        }
        Scope::Observation => {
            let obs_id = app
                .focused_observation()
                .ok_or("no observation is under the cursor")?;
            let failed = problems().filter(|cell| cell.obs_id == obs_id).collect();
            (format!("all that failed of {obs_id}"), failed)
        }
        Scope::Provider => {
            let provider = provider(app).ok_or("no cell with a provider is under the cursor")?;
            let is_its = |cell: &CellId| {
                app.live()
                    .cell(cell)
                    .is_some_and(|cell| cell.provider() == Some(&provider))
            };
            (
                format!("all that failed of {provider}"),
                problems().filter(is_its).collect(),
            )
        }
        Scope::Fingerprint => {
            let failure = app.focused_failure().ok_or("no failure is under the cursor")?;
            (
                "all that failed for this cause".to_owned(),
                failure.cells().filter(is_problem).collect(),
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
