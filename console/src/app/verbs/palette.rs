//! `:`: an action by its name.

use crate::app::{App, Effect, Layer, Picker};

pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    app.layer = Some(Layer::Palette(Picker::default()));
    vec![]
}
