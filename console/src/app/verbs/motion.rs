//! `j`, `k`, `h`, `l` and their relatives: the cursor of the pane that has the focus.

use crate::app::{App, Effect, Motion, Rows};
use crate::keys::Place;
use std::hash::Hash;

/// Moving holds the order: from now on nothing moves under the cursor.
pub(crate) fn act(app: &mut App, motion: Motion) -> Vec<Effect> {
    let page = app.page();
    let by = match motion {
        Motion::Up => -1,
        Motion::Down => 1,
        Motion::HalfUp => -(page / 2).max(1),
        Motion::HalfDown => (page / 2).max(1),
        Motion::First => isize::MIN,
        Motion::Last => isize::MAX,
        Motion::Left => return sideways(app, -1),
        Motion::Right => return sideways(app, 1),
    };
    match app.place() {
        Place::Matrix => step(&mut app.overview.matrix.rows, by),
        Place::Running => step(&mut app.overview.running, by),
        Place::Failures => step(&mut app.overview.failures, by),
        Place::Services => step(&mut app.overview.services, by),
        Place::Events => app.step_events(by),
    }
    vec![]
}

fn step<Id: Clone + Eq + Hash>(rows: &mut Rows<Id>, by: isize) {
    rows.list.hold();
    rows.list.step(by);
}

/// To another product; the lists have no columns to go to.
fn sideways(app: &mut App, by: isize) -> Vec<Effect> {
    if app.place() == Place::Matrix {
        app.overview.matrix.rows.list.hold();
        app.step_column(by);
    }
    vec![]
}
