//! What has the whole screen: providers, runs, alerts, the report, a product.

mod alerts;
pub(super) mod product;
mod providers;
mod report;
mod runs;

use crate::app::App;
use crate::keys::{Page, Place};
use crate::ui::theme::Role;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws a page.
pub(super) fn draw(frame: &mut Frame, app: &App, page: Place) {
    let Some(area) = app.pane(page) else { return };
    match page.page() {
        Some(Page::Providers) => providers::draw(frame, area, app),
        Some(Page::Runs) => runs::draw(frame, area, app),
        Some(Page::Alerts) => alerts::draw(frame, area, app),
        Some(Page::Report) => report::draw(frame, area, app),
        // It has a view of its own.
        Some(Page::Product) | None => {}
    }
}

/// How many rows would move if the held order were let go; nothing where none would.
fn moved(app: &App, place: Place) -> Option<Span<'static>> {
    let text = match app.listed(place)?.displaced() {
        0 => return None,
        1 => "1 row would move (.)".to_owned(),
        count => format!("{count} rows would move (.)"),
    };
    Some(app.look.span(text, Role::Caution))
}

/// A row, selected or not.
fn row(app: &App, line: Line<'static>, is_focused: bool) -> Line<'static> {
    if is_focused {
        line.patch_style(app.look.style(Role::Selected))
    } else {
        line
    }
}

/// A sentence where there are no rows, below so many lines.
fn empty(frame: &mut Frame, inside: Rect, app: &App, below: u16, (text, role): (&str, Role)) {
    let area = Rect {
        y: inside.y + below.min(inside.height),
        height: inside.height.saturating_sub(below),
        ..inside
    };
    let width = usize::from(area.width.saturating_sub(2));
    let lines = crate::table::wrap(text, Some(width)).into_iter();
    let lines = lines.map(|line| Line::from(app.look.span(format!(" {line}"), role)));
    crate::ui::widgets::over_inside(frame, area, lines);
}
