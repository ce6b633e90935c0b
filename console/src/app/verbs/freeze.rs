//! `Z`: the screen held still.

use crate::app::{App, Effect};

pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    if app.frozen_at().is_some() {
        app.thaw();
    } else {
        app.freeze();
    }
    vec![]
}
