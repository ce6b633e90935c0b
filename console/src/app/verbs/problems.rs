//! `x`, `n`, `N`: what failed.

use crate::app::{App, Effect, Tone};
use crate::model::CellId;

/// Only observations that have a problem, or all.
pub(crate) fn only(app: &mut App) -> Vec<Effect> {
    let matrix = &mut app.overview.matrix;
    matrix.only_problems = !matrix.only_problems;
    matrix.rows.list.let_go();
    vec![]
}

pub(crate) fn next(app: &mut App) -> Vec<Effect> {
    go(app, true)
}

pub(crate) fn previous(app: &mut App) -> Vec<Effect> {
    go(app, false)
}

/// From any pane; those of the observation under the cursor come first.
fn go(app: &mut App, is_forward: bool) -> Vec<Effect> {
    let found = match (app.focused_cell(), app.focused_observation()) {
        (Some(cell), _) => app.model().next_problem(Some(&cell), is_forward),
        (None, Some(obs_id)) => {
            let its = app.model().problems().find(|cell: &CellId| cell.obs_id == obs_id);
            its.or_else(|| app.model().next_problem(None, is_forward))
        }
        (None, None) => app.model().next_problem(None, is_forward),
    };
    match found {
        Some(cell) => app.go_to_cell(&cell),
        None => app.say(Tone::Good, "nothing has failed"),
    }
    vec![]
}
