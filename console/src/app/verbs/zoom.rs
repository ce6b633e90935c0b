//! `z`: one pane over the whole screen.

use crate::app::{App, Effect};

pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    app.zoom(!app.is_zoomed());
    vec![]
}
