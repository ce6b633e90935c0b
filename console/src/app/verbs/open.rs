//! `Enter`: what is under the cursor, in the matrix.

use crate::app::{App, Effect, Tone};
use crate::keys::Place;
use crate::model::CellRef;

/// From a list to its cell among the others; in the matrix to the cell that most wants attention.
pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    let cell = match app.place() {
        Place::Matrix => app.focused_observation().and_then(|obs_id| {
            let observation = app.model().observation(&obs_id)?;
            observation.worst_cells().next().map(CellRef::id)
        }),
        Place::Running | Place::Failures | Place::Events | Place::Services => app.focused_cell(),
    };
    match cell {
        Some(cell) => app.go_to_cell(&cell),
        None => app.say(Tone::Note, "there is no cell to go to"),
    }
    vec![]
}
