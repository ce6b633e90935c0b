//! One file or directory per view.

mod events;
mod frame;
mod observation;
mod overview;
mod pages;
mod small;

use crate::app::{App, View};
use crate::ui::layout::{Division, Parts};
use ratatui::Frame;

/// Draws the view that is open.
pub fn draw(frame: &mut Frame, parts: &Parts, app: &App) {
    match app.views.last() {
        Some(View::Observation(opened)) => observation::draw(frame, app, opened),
        Some(View::Page(place)) => pages::draw(frame, app, *place),
        Some(View::Product(stored)) => pages::product::draw(frame, app, stored),
        None if parts.division == Division::Small => small::draw(frame, parts.body, app),
        None => overview::draw(frame, app),
    }
}
