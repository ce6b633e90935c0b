//! `p`: the stored product of the cell under the cursor, and `d` its record.

use crate::app::{App, Effect, Stored, Tone, View};
use crate::keys::Place;

pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    open(app);
    vec![]
}

/// Opens it; of a run what it made.
pub(super) fn open(app: &mut App) {
    if app.place() == Place::Product {
        return;
    }
    let Some(cell) = app.focused_cell() else {
        app.say(Tone::Note, "no cell is under the cursor");
        return;
    };
    let is_run = app.place() == Place::Runs;
    let version = app.focused_run().filter(|_| is_run).and_then(|run| run.version);
    app.views
        .push(View::Product(Box::new(Stored::new(cell, version))));
}

pub(crate) fn record(app: &mut App) -> Vec<Effect> {
    if let Some(view) = app.stored_mut().and_then(Stored::view_mut) {
        view.toggle_record();
    }
    vec![]
}
