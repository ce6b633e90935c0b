//! `[`, `]`: older and newer versions of a product, a longer or a shorter look back of the report.

use crate::app::{App, Effect, Tone};
use crate::keys::Place;

pub(crate) fn older(app: &mut App) -> Vec<Effect> {
    by(app, 1)
}

pub(crate) fn newer(app: &mut App) -> Vec<Effect> {
    by(app, -1)
}

fn by(app: &mut App, older: isize) -> Vec<Effect> {
    if app.place() == Place::Report {
        app.pages.report.reach(app.now, older);
    } else if let Err(why_not) = app.step_version(older) {
        app.say(Tone::Note, why_not);
    }
    vec![]
}
