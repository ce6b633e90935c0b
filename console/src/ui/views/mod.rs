//! One file or directory per view.

pub mod overview;
mod small;

use crate::app::App;
use crate::ui::layout::{Division, Parts};
use ratatui::Frame;

/// Draws the view that is open.
pub fn draw(frame: &mut Frame, parts: &Parts, app: &App) {
    match parts.division {
        Division::Small => small::draw(frame, parts.body, app),
        Division::Tabs | Division::Panes | Division::Zoomed => overview::draw(frame, parts, app),
    }
}
