//! One observation: its graph, what is known of the cell under the cursor, where the time went, what was said.

mod columns;
mod detail;
mod graph;
mod near;
mod timeline;
mod wires;

use super::events;
use crate::app::{App, Opened};
use crate::keys::Place;
use ratatui::Frame;

/// Draws the panes that there is room for.
pub(super) fn draw(frame: &mut Frame, app: &App, opened: &Opened) {
    for place in Place::OBSERVATION {
        let Some(area) = app.pane(*place) else {
            continue;
        };
        match place {
            Place::Graph => graph::draw(frame, area, app, opened),
            Place::Detail => detail::draw(frame, area, app, opened),
            Place::Timeline => timeline::draw(frame, area, app, opened),
            Place::History => events::draw(frame, area, app, Place::History),
            Place::Matrix
            | Place::Running
            | Place::Failures
            | Place::Services
            | Place::Events
            | Place::Providers
            | Place::Runs
            | Place::Report
            | Place::Alerts
            | Place::Product => {}
        }
    }
}
