//! The titles of the panes; where only one fits they are tabs.

use crate::app::App;
use crate::keys::Place;
use crate::ui::layout::Division;
use crate::ui::text::fit;
use crate::ui::theme::Role;
use crate::ui::widgets::Pane;
use domain::ObsId;
use ratatui::text::Span;

/// The frame of a pane, with its number, its name, what there is in it, and its filter.
pub(super) fn pane<'a>(app: &App, place: Place) -> Pane<'a> {
    let has_focus = app.place() == place;
    let division = app.parts().division;
    let title: Vec<Span<'a>> = if division == Division::Tabs && place.number() > 1 {
        let tabs = place.view()[1..].iter().enumerate().flat_map(|(index, tab)| {
            let gap = Span::raw(if index == 0 { "" } else { "  " });
            [gap, name(app, *tab, *tab == place)]
        });
        tabs.collect()
    } else {
        vec![name(app, place, true)]
    };
    let pane = Pane::new(has_focus).title(title);
    let Some(filter) = app.filter(place).filter(|filter| !filter.is_empty()) else {
        return pane;
    };
    pane.foot([app.look.span(format!("/{}", filter.text()), Role::Late)])
}

fn name<'a>(app: &App, place: Place, is_shown: bool) -> Span<'a> {
    let number = place.number();
    let number = if place.view().len() == 1 {
        String::new()
    } else {
        format!("{number} ")
    };
    let text = format!("{number}{} {}", place.name(), counted(app, place));
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
        Place::Matrix => of(overview.matrix.rows.list.len(), overview.matrix.rows.total),
        Place::Running => of(overview.running.list.len(), overview.running.total),
        Place::Failures => of(overview.failures.list.len(), overview.failures.total),
        Place::Services => {
            let services = app.model().services();
            format!("{}/{}", services.alive(app.now), services.len())
        }
        Place::Graph => app
            .opened()
            .map(|opened| made(app, &opened.obs_id))
            .unwrap_or_default(),
        Place::Detail => app
            .opened()
            .map(|opened| opened.product.to_string())
            .unwrap_or_default(),
        Place::Providers => of(app.pages.providers.list.rows().len(), app.pages.providers.total),
        Place::Runs => of(app.pages.runs.rows.list.rows().len(), app.pages.runs.rows.total),
        Place::Alerts => of(app.pages.alerts.list.rows().len(), app.pages.alerts.total),
        Place::Report | Place::Product | Place::Events | Place::Timeline | Place::History => String::new(),
    }
}

/// An observation and how much of it is made: `sb26112401 31/40`.
fn made(app: &App, obs_id: &ObsId) -> String {
    let counts = app
        .model()
        .observation(obs_id)
        .map(crate::model::Observation::counts);
    let made = counts.map(|counts| format!(" {}/{}", counts.available(), counts.expected()));
    format!("{obs_id}{}", made.unwrap_or_default())
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
