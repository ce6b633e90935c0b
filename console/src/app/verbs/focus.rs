//! `1` to `5`, `Tab`: which pane gets the keys.

use crate::app::{App, Effect};
use crate::keys::Place;

pub(crate) fn act(app: &mut App, place: Place) -> Vec<Effect> {
    app.overview.focus(place);
    vec![]
}

pub(crate) fn next(app: &mut App) -> Vec<Effect> {
    by(app, 1)
}

pub(crate) fn previous(app: &mut App) -> Vec<Effect> {
    by(app, Place::ALL.len() - 1)
}

fn by(app: &mut App, by: usize) -> Vec<Effect> {
    let focus = app.overview.focus;
    let index = Place::ALL.iter().position(|place| *place == focus).unwrap_or(0);
    act(app, Place::ALL[(index + by) % Place::ALL.len()])
}
