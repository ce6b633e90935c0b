//! The overview: observations x products, what runs, what failed, who is alive, what is said.

mod failures;
mod grid;
mod matrix;
mod matrix_row;
mod running;
mod services;

use crate::app::App;
use crate::keys::Place;
use crate::ui::views::events;
use ratatui::Frame;

/// Draws the panes that there is room for.
pub(super) fn draw(frame: &mut Frame, app: &App) {
    for place in Place::OVERVIEW {
        let Some(area) = app.pane(*place) else {
            continue;
        };
        match place {
            Place::Matrix => matrix::draw(frame, area, app),
            Place::Running => running::draw(frame, area, app),
            Place::Failures => failures::draw(frame, area, app),
            Place::Services => services::draw(frame, area, app),
            Place::Events => events::draw(frame, area, app, Place::Events),
            Place::Graph
            | Place::Detail
            | Place::Timeline
            | Place::History
            | Place::Providers
            | Place::Runs
            | Place::Report
            | Place::Alerts
            | Place::Product => {}
        }
    }
}
