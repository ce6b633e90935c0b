//! The overview: observations x products, what runs, what failed, who is alive, what is said.

mod events;
mod failures;
mod frame;
mod grid;
mod matrix;
mod matrix_row;
mod running;
mod services;

use crate::app::App;
use crate::keys::Place;
use crate::ui::layout::Parts;
use ratatui::Frame;

/// Draws the panes that there is room for.
pub fn draw(frame: &mut Frame, parts: &Parts, app: &App) {
    let overview = &app.overview;
    for place in Place::ALL {
        let Some(area) = parts.pane(place, overview.focus, overview.tab) else {
            continue;
        };
        match place {
            Place::Matrix => matrix::draw(frame, area, app),
            Place::Running => running::draw(frame, area, app),
            Place::Failures => failures::draw(frame, area, app),
            Place::Services => services::draw(frame, area, app),
            Place::Events => events::draw(frame, area, app),
        }
    }
}
