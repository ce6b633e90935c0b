//! The short messages, above the footer at the right.

use crate::app::{App, Tone};
use crate::ui::theme::Role;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Clear;
use unicode_width::UnicodeWidthStr as _;

/// Draws them, the newest lowest.
pub(super) fn draw(frame: &mut Frame, app: &App) {
    let all = frame.area();
    let lines = app.toasts.iter().rev().zip(2..all.height);
    for (toast, from_below) in lines {
        let (sign, role) = match toast.tone {
            Tone::Note => ("i", Role::Text),
            Tone::Good => ("+", Role::Good),
            Tone::Bad => ("!", Role::Failed),
        };
        let text = format!(" {sign} {} ", toast.text);
        let width = u16::try_from(text.width()).unwrap_or(u16::MAX).min(all.width);
        let area = Rect {
            x: all.right() - width,
            y: all.bottom() - from_below,
            width,
            height: 1,
        };
        frame.render_widget(Clear, area);
        let style = app.look.style(role).patch(app.look.style(Role::Selected));
        frame.render_widget(
            Line::styled(app.look.glyphs.text(&text).into_owned(), style),
            area,
        );
    }
}
