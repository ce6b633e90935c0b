//! What is wrong with a filter that is being typed, above the line where it is typed.

use crate::app::{App, Filter};
use crate::keys::Place;
use crate::table::wrap;
use crate::ui::theme::Role;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Clear;

/// Draws it in as many lines as it takes: what would be right stands at its end, and is not cut off.
pub(super) fn draw(frame: &mut Frame, app: &App, place: Place) {
    let Some(mistake) = app.filter(place).and_then(Filter::mistake) else {
        return;
    };
    let all = frame.area();
    let lines = wrap(mistake, Some(usize::from(all.width.saturating_sub(1)).max(1)));
    let rows = (0..all.bottom().saturating_sub(1)).rev();
    for (line, y) in lines.iter().rev().zip(rows) {
        let area = Rect { y, height: 1, ..all };
        frame.render_widget(Clear, area);
        let text = format!(" {line}");
        frame.render_widget(Line::from(app.look.span(text, Role::Failed)), area);
    }
}
