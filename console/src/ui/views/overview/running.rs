//! What runs, and how far it is against how long it should take.

use crate::app::App;
use crate::keys::Place;
use crate::model::CellId;
use crate::ui::text::span;
use crate::ui::theme::Role;
use crate::ui::views::frame::{self, column, cursor};
use crate::ui::widgets::gauge;
use jiff::SignedDuration;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub(super) fn draw(to: &mut Frame, area: Rect, app: &App) {
    let note = app.look.span("elapsed/p95", Role::Quiet);
    let inside = frame::pane(app, Place::Running)
        .note([note])
        .draw(to, area, &app.look);
    let list = &app.overview.running.list;
    let (top, rows) = list.window(usize::from(inside.height));
    for ((index, cell), area) in rows.iter().enumerate().zip(inside.rows()) {
        let is_focused = app.place() == Place::Running && Some(top + index) == list.index();
        to.render_widget(row(app, cell, is_focused, usize::from(inside.width)), area);
    }
    if rows.is_empty() {
        to.render_widget(app.look.span(" nothing runs", Role::Quiet), inside);
    }
}

fn row(app: &App, id: &CellId, is_focused: bool, width: usize) -> Line<'static> {
    let Some(cell) = app.model().cell(id) else {
        return Line::default();
    };
    let provider = if width >= 70 { 16 } else { 0 };
    let times = 14;
    let bar = width
        .saturating_sub(1 + 11 + 16 + 3 + provider + usize::from(provider > 0) + times)
        .min(24);
    let elapsed = cell.elapsed(app.now).unwrap_or_default();
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of a run are far below 2^52"
    )]
    let expected = cell
        .expected()
        .map(|expected| (expected.p50_ms as f64 / 1e3, expected.p95_ms as f64 / 1e3));
    let role = if cell.is_late() { Role::Late } else { Role::Text };
    let mut spans = vec![
        cursor(app, is_focused),
        column(app, &id.obs_id.to_string(), 11, Role::Text),
        Span::raw(" "),
        column(app, id.product.as_str(), 16, role),
        Span::raw(" "),
    ];
    if provider > 0 {
        spans.push(column(
            app,
            cell.provider().map_or("", |provider| provider.as_str()),
            provider,
            Role::Quiet,
        ));
        spans.push(Span::raw(" "));
    }
    spans.extend(gauge(bar, elapsed.as_secs_f64(), expected, &app.look).spans);
    let limit = expected.map_or_else(
        || "?".to_owned(),
        |(_, p95)| span(SignedDuration::from_secs_f64(p95)),
    );
    let late = if cell.is_late() { " !" } else { "" };
    spans.push(app.look.span(format!(" {}/{limit}{late}", span(elapsed)), role));
    let line = Line::from(spans);
    if is_focused {
        line.patch_style(app.look.style(Role::Selected))
    } else {
        line
    }
}
