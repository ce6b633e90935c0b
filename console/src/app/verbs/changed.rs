//! `=`: only what changed since the last look.

use crate::app::{App, Effect, Tone};

/// Turned on it shows what is new; turned off, all of that has been looked at.
pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    let matrix = &mut app.overview.matrix;
    matrix.only_changed = !matrix.only_changed;
    matrix.rows.list.let_go();
    if app.overview.matrix.only_changed {
        app.say(
            Tone::Note,
            "only what changed since the last look; = again: all is looked at",
        );
    } else {
        app.last_look = app.model().mark();
    }
    vec![]
}
