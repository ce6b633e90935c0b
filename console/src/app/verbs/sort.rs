//! `s`, `.`: in which order the observations stand.

use crate::app::{App, Effect, Order};

pub(crate) fn sort(app: &mut App, order: Order) -> Vec<Effect> {
    app.overview.matrix.order = order;
    resort(app)
}

/// Takes over the order that was held back; the cursor stays on its observation.
pub(crate) fn resort(app: &mut App) -> Vec<Effect> {
    app.overview.matrix.rows.list.let_go();
    vec![]
}
