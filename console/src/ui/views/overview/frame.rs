//! The titles of the panes; where only one fits they are tabs.

use crate::app::App;
use crate::keys::Place;
use crate::ui::layout::Division;
use crate::ui::text::fit;
use crate::ui::theme::Role;
use crate::ui::widgets::Pane;
use ratatui::text::Span;

/// The frame of a pane, with its number, its name, what there is in it, and its filter.
pub(super) fn pane<'a>(app: &App, place: Place) -> Pane<'a> {
    let has_focus = app.place() == place;
    let division = app.parts().division;
    let title: Vec<Span<'a>> = if division == Division::Tabs && place != Place::Matrix {
        let lower = Place::ALL.into_iter().filter(|place| *place != Place::Matrix);
        let tabs = lower.enumerate().flat_map(|(index, tab)| {
            let gap = Span::raw(if index == 0 { "" } else { "  " });
            [gap, name(app, tab, tab == place)]
        });
        tabs.collect()
    } else {
        vec![name(app, place, true)]
    };
    let filter = app.overview.filter(place);
    let pane = Pane::new(has_focus).title(title);
    if filter.is_empty() {
        return pane;
    }
    pane.foot([app.look.span(format!("/{}", filter.text()), Role::Late)])
}

fn name<'a>(app: &App, place: Place, is_shown: bool) -> Span<'a> {
    let number = Place::ALL.iter().position(|other| *other == place).unwrap_or(0) + 1;
    let text = format!("{number} {} {}", place.name(), counted(app, place));
    let role = if is_shown { Role::Title } else { Role::Quiet };
    app.look.span(text.trim_end().to_owned(), role)
}

/// How much there is in a pane, and how much of it is shown.
fn counted(app: &App, place: Place) -> String {
    let overview = &app.overview;
    let of = |shown: usize, total: usize| {
        if shown == total {
            total.to_string()
        } else {
            format!("{shown} of {total}")
        }
    };
    match place {
        Place::Matrix => of(overview.matrix.rows.list.rows().len(), overview.matrix.rows.total),
        Place::Running => of(overview.running.list.rows().len(), overview.running.total),
        Place::Failures => of(overview.failures.list.rows().len(), overview.failures.total),
        Place::Services => {
            let services = app.model().services();
            format!("{}/{}", services.alive(app.now), services.len())
        }
        Place::Events => String::new(),
    }
}

/// The cursor or a blank before a row.
pub(super) fn cursor(app: &App, is_focused: bool) -> Span<'static> {
    use crate::ui::glyphs::Sign;
    if is_focused {
        app.look.sign(Sign::Cursor, Role::Key)
    } else {
        Span::raw(" ")
    }
}

/// A text in a column of its own.
pub(super) fn column(app: &App, text: &str, width: usize, role: Role) -> Span<'static> {
    app.look.span(fit(text, width, app.look.glyphs), role)
}
