//! `1` to `5`, `Tab`, `g`: which pane gets the keys.

use crate::app::{App, Effect, Tone};
use crate::keys::Place;

/// To a pane by its name, in whichever view it is: one of an observation opens what is under the cursor.
pub(crate) fn act(app: &mut App, place: Place) -> Vec<Effect> {
    if place.view() != app.place().view() {
        if place.view() == Place::OVERVIEW {
            app.views.clear();
        } else if place.view().len() == 1 {
            super::page::open(app, place);
            return vec![];
        } else if !super::open::observation(app) {
            return vec![];
        }
    }
    app.focus(place);
    vec![]
}

/// To a pane of this view by its number, from 1.
pub(crate) fn pane(app: &mut App, number: usize) -> Vec<Effect> {
    match app.place().view().get(number - 1) {
        Some(place) => app.focus(*place),
        None => app.say(Tone::Note, format!("there is no pane {number} here")),
    }
    vec![]
}

pub(crate) fn next(app: &mut App) -> Vec<Effect> {
    by(app, 1)
}

pub(crate) fn previous(app: &mut App) -> Vec<Effect> {
    by(app, app.place().view().len() - 1)
}

fn by(app: &mut App, by: usize) -> Vec<Effect> {
    let place = app.place();
    let places = place.view();
    app.focus(places[(place.number() - 1 + by) % places.len()]);
    vec![]
}
