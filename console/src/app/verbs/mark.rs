//! `Space`, `C-Space`: marks cells for one act.

use crate::app::{App, Effect, Motion, Tone};
use crate::keys::Place;
use crate::model::{CellId, CellRef};
use domain::CellState;
use std::ops::RangeInclusive;

/// Marks the cell under the cursor or unmarks it, and goes on, so that a row of them is a row of spaces.
pub(crate) fn mark(app: &mut App) -> Vec<Effect> {
    let Some(cell) = app.focused_cell() else {
        return nothing(app);
    };
    let overview = &mut app.overview;
    if overview.marks.remove(&cell) {
        overview.marked_last = None;
    } else {
        overview.marks.insert(cell.clone());
        overview.marked_last = Some(cell);
    }
    let count = overview.marks.len();
    app.say(Tone::Note, format!("{count} marked"));
    super::motion::act(app, Motion::Down)
}

/// Marks all from the cell that was marked last to the one under the cursor; without such a one, only that.
pub(crate) fn range(app: &mut App) -> Vec<Effect> {
    let Some(to) = app.focused_cell() else {
        return nothing(app);
    };
    let from = app.overview.marked_last.clone();
    let from = from.filter(|from| app.overview.marks.contains(from));
    let cells = from.and_then(|from| between(app, &from, &to));
    let is_begun = cells.is_none();
    let overview = &mut app.overview;
    overview.marks.extend(cells.unwrap_or_default());
    overview.marks.insert(to.clone());
    overview.marked_last = Some(to);
    let count = overview.marks.len();
    let further = if is_begun {
        "; at another cell the same key marks all between"
    } else {
        ""
    };
    app.say(Tone::Note, format!("{count} marked{further}"));
    vec![]
}

/// Unmarks all.
pub(crate) fn unmark(app: &mut App) -> Vec<Effect> {
    app.overview.marks.clear();
    app.overview.marked_last = None;
    vec![]
}

fn nothing(app: &mut App) -> Vec<Effect> {
    app.say(Tone::Note, "no cell is under the cursor");
    vec![]
}

/// The cells of a list between two of it, or of the matrix those in the rectangle, both ends included. None if one of
/// them is not shown any more.
fn between(app: &App, from: &CellId, to: &CellId) -> Option<Vec<CellId>> {
    if app.place() == Place::Running {
        let rows = app.running_rows();
        return Some(rows[span(&rows, from, to)?].to_vec());
    }
    let rows = app.overview.matrix.rows.list.rows();
    let columns = app.columns();
    let columns: Vec<_> = columns.iter().map(|column| &column.node.product).collect();
    let rows = &rows[span(rows, &from.obs_id, &to.obs_id)?];
    let columns = &columns[span(&columns, &&from.product, &&to.product)?];
    let cells = rows.iter().flat_map(|obs_id| {
        columns.iter().map(|product| CellId {
            obs_id: obs_id.clone(),
            product: (*product).clone(),
        })
    });
    let is_there = |cell: &CellId| {
        let state = app.model().cell(cell).map(CellRef::state);
        state.is_some_and(|state| state != CellState::NotExpected)
    };
    Some(cells.filter(is_there).collect())
}

fn span<T: PartialEq>(all: &[T], from: &T, to: &T) -> Option<RangeInclusive<usize>> {
    let place = |wanted: &T| all.iter().position(|one| one == wanted);
    let (from, to) = (place(from)?, place(to)?);
    Some(from.min(to)..=from.max(to))
}
