//! What lies over the panes: help, palette, finder, question, form, the keys after a prefix, toasts.

mod dialog;
mod foresight;
mod form;
mod help;
mod mistake;
mod pickers;
mod toasts;
mod which_key;
mod why;

use crate::app::{Action, App, Layer};
use crate::keys::Danger;
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
        Some(Layer::Filter(place, ..)) => mistake::draw(frame, app, *place),
        None => {}
    }
    if let Some(prefix) = app.prefix {
        which_key::draw(frame, app, prefix);
    }
}

/// Beside the keys that send: that it can hurt, and how it is armed.
fn warning(app: &App, danger: Danger) -> String {
    match danger {
        Danger::Looks | Danger::Acts => String::new(),
        Danger::Harms if app.arming.left(app.now).is_some() => "  this can hurt".to_owned(),
        Danger::Harms => {
            let keys = app.keymap.shown(Action::Arm);
            let keys = keys.map(|keys| keys.to_string()).unwrap_or_default();
            format!("  {keys} arms it first: it can hurt")
        }
    }
}
