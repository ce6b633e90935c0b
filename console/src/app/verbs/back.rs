//! `Esc`: closes one layer of what stands between the operator and everything.

use crate::app::{App, Effect, Filter, Tone};

/// The nearest first: the zoom, a filter, narrower lists, the marks, the held order.
pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    let place = app.place();
    let overview = &mut app.overview;
    if !overview.filter(place).is_empty() {
        overview.set_filter(place, Filter::default());
    } else if overview.matrix.only_problems || overview.matrix.only_changed {
        overview.matrix.only_problems = false;
        overview.matrix.only_changed = false;
    } else if overview.is_zoomed {
        overview.is_zoomed = false;
    } else if !overview.marks.is_empty() {
        overview.marks.clear();
    } else if overview.is_held() {
        overview.let_go();
    } else if app.frozen_at().is_some() {
        app.thaw();
    } else {
        app.say(Tone::Note, "nothing is open; :q or C-c C-c leaves");
    }
    vec![]
}
