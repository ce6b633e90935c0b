//! `o`: an observation by any part of its id.

use crate::app::{App, Effect, Layer, Picker};

pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    app.layer = Some(Layer::Find(Picker::default()));
    vec![]
}
