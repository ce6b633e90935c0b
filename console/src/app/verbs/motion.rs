//! `j`, `k`, `h`, `l` and their relatives: the cursor of the pane that has the focus.

use crate::app::{App, Effect, Motion};
use crate::keys::Place;

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
        place @ (Place::Matrix
        | Place::Running
        | Place::Failures
        | Place::Services
        | Place::Providers
        | Place::Runs
        | Place::Alerts) => {
            if let Some(listed) = app.listed_mut(place) {
                listed.step(by);
            }
        }
        place @ (Place::Events | Place::History) => app.step_events(place, by),
        Place::Graph => app.step_node((0, by)),
        Place::Timeline => app.step_product(by),
        Place::Report => app.pages.report.step(by),
        Place::Product => {
            if let Some(view) = app.stored_mut().and_then(super::super::Stored::view_mut) {
                view.step(by);
            }
        }
        Place::Detail => {
            if let Some(opened) = app.opened_mut() {
                opened.top = opened.top.saturating_add_signed(by);
            }
        }
    }
    vec![]
}

/// To another product; the lists have no columns to go to.
fn sideways(app: &mut App, by: isize) -> Vec<Effect> {
    match app.place() {
        Place::Matrix => {
            app.overview.matrix.rows.list.hold();
            app.step_column(by);
        }
        Place::Graph => app.step_node((by, 0)),
        Place::Running
        | Place::Failures
        | Place::Services
        | Place::Events
        | Place::Detail
        | Place::Timeline
        | Place::History
        | Place::Providers
        | Place::Runs
        | Place::Report
        | Place::Alerts
        | Place::Product => {}
    }
    vec![]
}
