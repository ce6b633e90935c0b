//! `/`: only what contains a text.

use crate::app::{App, Effect, Layer};
use tui_input::Input;

/// Typing goes on from the filter that holds.
pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    let place = app.place();
    let Some(before) = app.filter(place).cloned() else {
        return vec![];
    };
    let line = Input::new(before.text().to_owned());
    app.layer = Some(Layer::Filter(place, line, before));
    vec![]
}
