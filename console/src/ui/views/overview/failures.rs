//! What failed, by cause: what, why, what it blocks.

use crate::app::App;
use crate::keys::Place;
use crate::model::Failure;
use crate::ui::text::{clock, fit};
use crate::ui::theme::Role;
use crate::ui::views::frame::{self, cursor};
use domain::{CellState, ProductName};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// A failure has three lines.
const LINES: usize = 3;

pub(super) fn draw(to: &mut Frame, area: Rect, app: &App) {
    let unseen = app
        .model()
        .failures()
        .filter(|failure| !failure.is_acknowledged())
        .count();
    let note = app.look.span(format!("{unseen} not acknowledged"), Role::Quiet);
    let inside = frame::pane(app, Place::Failures)
        .note([note])
        .draw(to, area, &app.look);
    let list = &app.overview.failures.list;
    let (top, rows) = list.window(app.height(Place::Failures));
    let width = usize::from(inside.width);
    let lines = rows.iter().enumerate().flat_map(|(index, id)| {
        let is_focused = app.place() == Place::Failures && Some(top + index) == list.index();
        let failure = app.model().failure(id);
        failure.map_or_else(Vec::new, |failure| told(app, failure, is_focused, width))
    });
    for (line, area) in lines.zip(inside.rows()) {
        to.render_widget(line, area);
    }
    if rows.is_empty() {
        to.render_widget(app.look.span(" nothing has failed", Role::Quiet), inside);
    }
}

fn told(app: &App, failure: &Failure, is_focused: bool, width: usize) -> Vec<Line<'static>> {
    let look = &app.look;
    let newest = failure.newest_cell();
    let role = if failure.is_acknowledged() {
        Role::Quiet
    } else {
        Role::Failed
    };
    let what = newest.as_ref().map(ToString::to_string).unwrap_or_default();
    let more = match failure.count() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let tried = newest.and_then(|cell| app.model().cell(&cell));
    let tried = tried.and_then(|cell| Some(format!(" try {}/{}", cell.attempt()?, cell.attempts()?)));
    let by = failure
        .provider
        .as_ref()
        .map(|provider| format!(", {provider}"))
        .unwrap_or_default();
    let head = format!(
        " {} {what}{more}{by}{}",
        clock(failure.newest),
        tried.unwrap_or_default()
    );
    let reason = crate::cells::readable(&failure.reason, app.now);
    let mut lines = vec![
        Line::from_iter([
            cursor(app, is_focused),
            Span::styled(look.glyphs.state(CellState::Failed), look.style(role)),
            look.span(fit(&head, width.saturating_sub(2), look.glyphs), Role::Text),
        ]),
        Line::from(look.span(fit(&format!("    {reason}"), width, look.glyphs), role)),
    ];
    // The same products of many observations are named once.
    let blocked = failure.blocked_products(app.model());
    let blocked: Vec<&str> = blocked.into_iter().map(ProductName::as_str).collect();
    let blocks = match failure.blocked() {
        0 => "blocks nothing".to_owned(),
        count => format!("blocks {count}: {}", blocked.join(" ")),
    };
    let seen = failure
        .acknowledged
        .as_ref()
        .map(|seen| crate::cells::seen(seen, app.now));
    let text = match seen {
        Some(seen) => format!("    {seen}; {blocks}"),
        None => format!("    {blocks}"),
    };
    lines.push(Line::from(look.span(fit(&text, width, look.glyphs), Role::Quiet)));
    debug_assert_eq!(lines.len(), LINES);
    if is_focused {
        lines[0] = std::mem::take(&mut lines[0]).patch_style(look.style(Role::Selected));
    }
    lines
}
