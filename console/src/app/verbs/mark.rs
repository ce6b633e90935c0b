//! `Space`: marks cells for one act.

use crate::app::{App, Effect, Motion, Tone};

/// Marks the cell under the cursor or unmarks it, and goes on, so that a row of them is a row of spaces.
pub(crate) fn mark(app: &mut App) -> Vec<Effect> {
    let Some(cell) = app.focused_cell() else {
        app.say(Tone::Note, "no cell is under the cursor");
        return vec![];
    };
    let marks = &mut app.overview.marks;
    if !marks.remove(&cell) {
        marks.insert(cell);
    }
    let count = marks.len();
    app.say(Tone::Note, format!("{count} marked"));
    super::motion::act(app, Motion::Down)
}

pub(crate) fn unmark(app: &mut App) -> Vec<Effect> {
    app.overview.marks.clear();
    vec![]
}
