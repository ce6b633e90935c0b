//! The hand-over of the shift, as the conductor writes it.

use super::empty;
use crate::app::App;
use crate::keys::Place;
use crate::table::wrap;
use crate::ui::theme::Role;
use crate::ui::views::frame;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

pub(super) fn draw(to: &mut Frame, area: Rect, app: &App) {
    let report = &app.pages.report;
    let look = &app.look;
    let width = usize::from(area.width.saturating_sub(4));
    let lines: Vec<Line<'static>> = match app.hand_over() {
        Some(Ok(text)) => text.lines().flat_map(|line| told(app, line, width)).collect(),
        Some(Err(_)) | None => vec![],
    };
    let height = usize::from(area.height.saturating_sub(2));
    let top = report.top.min(lines.len().saturating_sub(height));
    let last = (top + height).min(lines.len());
    let since = report.since.map_or_else(String::new, |since| {
        format!(
            "the last {} h, since {}; [ ] more or less, c copies",
            report.hours,
            crate::cells::when(since, app.now)
        )
    });
    let inside = frame::pane(app, Place::Report)
        .note([look.span(since, Role::Quiet)])
        .foot([look.span(format!("{last}/{}", lines.len()), Role::Quiet)])
        .draw(to, area, look);
    match app.hand_over() {
        Some(Ok(_)) => {
            for (line, row) in lines.into_iter().skip(top).zip(inside.rows()) {
                to.render_widget(line, row);
            }
        }
        Some(Err(why)) => empty(to, inside, app, 0, (why, Role::Late)),
        None => empty(
            to,
            inside,
            app,
            0,
            ("the conductor writes the report", Role::Quiet),
        ),
    }
}

/// A line of Markdown: headings stand out, the rest is as it is written.
fn told(app: &App, line: &str, width: usize) -> Vec<Line<'static>> {
    if line.is_empty() {
        return vec![Line::default()];
    }
    let role = if line.starts_with('#') {
        Role::Title
    } else {
        Role::Text
    };
    wrap(line, Some(width))
        .into_iter()
        .map(|line| app.look.span(format!(" {line}"), role).into())
        .collect()
}
