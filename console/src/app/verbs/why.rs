//! `w`: why the cell under the cursor is as it is.

use crate::app::{App, Effect, Layer, Tone};

pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    match app.focused_cell() {
        Some(cell) => app.layer = Some(Layer::Why(cell, 0)),
        None => app.say(
            Tone::Note,
            "no cell is under the cursor; n goes to the next problem",
        ),
    }
    vec![]
}
