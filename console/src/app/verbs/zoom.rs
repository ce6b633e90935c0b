//! `z`: one pane over the whole screen.

use crate::app::{App, Effect};

pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    app.overview.is_zoomed = !app.overview.is_zoomed;
    vec![]
}
