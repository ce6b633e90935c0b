//! What is drawn: functions of what the [`App`] holds, which change nothing.
//!
//! A view is a function `draw(frame, area, app)`. It makes only the rows that are seen, asks the [`Look`] for roles
//! and signs, never for colours, and puts whatever came from outside through [`Look::span`] or [`text::fit`].

pub mod chrome;
pub mod glyphs;
pub mod layers;
pub mod layout;
pub mod look;
pub mod product;
#[cfg(test)]
mod tests;
pub mod text;
pub mod theme;
pub mod views;
pub mod widgets;

pub use look::Look;

use crate::app::App;
use ratatui::Frame;

/// Draws the whole screen.
pub fn draw(frame: &mut Frame, app: &App) {
    let parts = app.parts();
    chrome::draw(frame, &parts, app);
    views::draw(frame, &parts, app);
    layers::draw(frame, app);
}
