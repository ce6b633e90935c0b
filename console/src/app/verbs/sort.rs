//! `s`, `.`: in which order the observations stand.

use crate::app::{App, Effect, Order};

pub(crate) fn sort(app: &mut App, order: Order) -> Vec<Effect> {
    app.overview.matrix.order = order;
    app.overview.matrix.rows.list.let_go();
    vec![]
}

/// Takes over the order that was held back; the cursor stays on its row.
pub(crate) fn resort(app: &mut App) -> Vec<Effect> {
    let place = app.place();
    if let Some(listed) = app.listed_mut(place) {
        listed.let_go();
    }
    vec![]
}
