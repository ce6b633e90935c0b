//! `?`: what the keys do.

use crate::app::{App, Effect, Layer};

pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    app.layer = Some(Layer::Help(0));
    vec![]
}
