//! `g`: a page of its own, over what is open.

use crate::app::{App, View};
use crate::keys::Place;

pub(super) fn open(app: &mut App, page: Place) {
    match page {
        Place::Product => {
            super::product::open(app);
            return;
        }
        Place::Report => app.pages.report.begin(app.now),
        Place::Providers
        | Place::Runs
        | Place::Alerts
        | Place::Matrix
        | Place::Running
        | Place::Failures
        | Place::Services
        | Place::Events
        | Place::Graph
        | Place::Detail
        | Place::Timeline
        | Place::History => {}
    }
    if matches!(app.views.last(), Some(View::Page(_) | View::Product(_))) {
        // One page does not lie over another.
        app.views.pop();
    }
    app.views.push(View::Page(page));
}
