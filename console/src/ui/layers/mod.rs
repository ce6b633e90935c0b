//! What lies over the panes: help, palette, finder, question, form, the keys after a prefix, toasts.

mod dialog;
mod foresight;
mod form;
mod help;
mod pickers;
mod toasts;
mod which_key;
mod why;

use crate::app::{App, Layer};
use ratatui::Frame;

/// Draws what lies over the panes.
pub fn draw(frame: &mut Frame, app: &App) {
    toasts::draw(frame, app);
    match &app.layer {
        Some(Layer::Help(top)) => help::draw(frame, app, *top),
        Some(Layer::Why(cell, top)) => why::draw(frame, app, cell, *top),
        Some(Layer::Palette(picker)) => pickers::palette(frame, app, picker),
        Some(Layer::Find(picker)) => pickers::find(frame, app, picker),
        Some(Layer::Dialog(dialog)) => dialog::draw(frame, app, dialog),
        Some(Layer::Form(form)) => form::draw(frame, app, form),
        // It is typed into the footer.
        Some(Layer::Filter(..)) | None => {}
    }
    if let Some(prefix) = app.prefix {
        which_key::draw(frame, app, prefix);
    }
}
