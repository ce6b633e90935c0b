//! `Enter`: what is under the cursor.

use crate::app::{App, Effect, Tone};
use crate::keys::Place;

/// From the overview to the observation and its cell; from a node of its graph to what is known of it.
pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    match app.place() {
        Place::Graph | Place::Timeline | Place::History => app.focus(Place::Detail),
        Place::Detail => app.focus(Place::Graph),
        Place::Product => {
            if let Some(view) = app.stored_mut().and_then(crate::app::Stored::view_mut) {
                view.toggle();
            }
        }
        Place::Providers | Place::Report => app.say(Tone::Note, "nothing of it can be opened"),
        Place::Matrix
        | Place::Running
        | Place::Failures
        | Place::Services
        | Place::Events
        | Place::Runs
        | Place::Alerts => {
            observation(app);
        }
    }
    vec![]
}

/// Opens the observation under the cursor, at the cell under it or at what most wants attention.
pub(super) fn observation(app: &mut App) -> bool {
    let foremost = |app: &App| app.focused_observation().and_then(|obs_id| app.foremost(&obs_id));
    let Some(cell) = app.focused_cell().or_else(|| foremost(app)) else {
        app.say(Tone::Note, "there is no observation to open");
        return false;
    };
    app.open(cell);
    true
}
