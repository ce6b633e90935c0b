//! The keys that can follow a prefix.

use crate::app::App;
use crate::keys::Chord;
use crate::ui::theme::Role;
use crate::ui::widgets::{Pane, over};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Draws them at the lower right, where they hide little.
pub(super) fn draw(frame: &mut Frame, app: &App, prefix: Chord) {
    let look = &app.look;
    let rows: Vec<Line> = app
        .keymap
        .after(app.place(), prefix)
        .map(|(chord, entry)| {
            Line::from_iter([
                look.span(format!("{chord} "), Role::Key),
                look.span(entry.short, Role::Text),
            ])
        })
        .collect();
    let title = format!("{prefix} {}", app.keymap.begins(prefix));
    let width = rows
        .iter()
        .map(Line::width)
        .max()
        .unwrap_or(0)
        .max(title.len() + 2);
    let all = frame.area();
    let width = u16::try_from(width + 4).unwrap_or(u16::MAX).min(all.width);
    let height = u16::try_from(rows.len() + 2)
        .unwrap_or(u16::MAX)
        .min(all.height.saturating_sub(1));
    let area = Rect {
        x: all.right() - width,
        y: (all.bottom() - 1).saturating_sub(height),
        width,
        height,
    };
    let pane = Pane::new(true).title([look.span(title, Role::Title)]);
    over(frame, area, pane, look, rows);
}
