//! `Esc`: closes one layer of what stands between the operator and everything.

use crate::app::{App, Effect, Filter, Tone};

/// The nearest first: a filter, narrower lists, the zoom, an open view, the marks, the held order.
pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    let place = app.place();
    let is_open = !app.views.is_empty();
    if app.filter(place).is_some_and(|filter| !filter.is_empty()) {
        app.set_filter(place, Filter::default());
    } else if app.is_zoomed() {
        app.zoom(false);
    } else if is_open {
        app.views.pop();
    } else if app.overview.matrix.only_problems || app.overview.matrix.only_changed {
        app.overview.matrix.only_problems = false;
        app.overview.matrix.only_changed = false;
    } else if !app.overview.marks.is_empty() {
        app.overview.marks.clear();
    } else if app.listed(place).is_some_and(crate::app::Listed::is_held) {
        if let Some(listed) = app.listed_mut(place) {
            listed.let_go();
        }
    } else if app.frozen_at().is_some() {
        app.thaw();
    } else {
        app.say(Tone::Note, "nothing is open; :q or C-c C-c leaves");
    }
    vec![]
}
