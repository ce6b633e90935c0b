//! What is drawn over something else.

use super::Pane;
use crate::ui::Look;
use crate::ui::theme::Role;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;
use tui_input::Input;
use unicode_width::UnicodeWidthStr as _;

/// A titled box in the middle, no larger than wanted and than there is room; returns its inside.
pub fn boxed(frame: &mut Frame, (width, height): (u16, u16), title: &str, look: &Look) -> Rect {
    let all = frame.area();
    let (width, height) = (width.min(all.width), height.min(all.height));
    let area = Rect {
        x: all.x + (all.width - width) / 2,
        y: all.y + (all.height - height) / 2,
        width,
        height,
    };
    frame.render_widget(Clear, area);
    Pane::new(true)
        .title([look.span(title.to_owned(), Role::Title)])
        .draw(frame, area, look)
}

/// A pane with lines over whatever is there.
pub fn over<'a>(
    frame: &mut Frame,
    area: Rect,
    pane: Pane<'a>,
    look: &Look,
    lines: impl IntoIterator<Item = Line<'a>>,
) {
    frame.render_widget(Clear, area);
    let inside = pane.draw(frame, area, look);
    over_inside(frame, inside, lines);
}

/// Lines from the top of an area, as many as fit.
pub fn over_inside<'a>(frame: &mut Frame, area: Rect, lines: impl IntoIterator<Item = Line<'a>>) {
    for (line, row) in lines.into_iter().zip(area.rows()) {
        frame.render_widget(line, row);
    }
}

/// A line that is typed, with the cursor in it; what does not fit scrolls to the left.
pub fn typed<'a>(frame: &mut Frame, area: Rect, prompt: &str, line: &Input, look: &Look) -> Line<'a> {
    let before = prompt.width();
    let room = usize::from(area.width).saturating_sub(before + 1);
    let skipped = line.visual_scroll(room);
    let column = before + line.visual_cursor().saturating_sub(skipped);
    let column = u16::try_from(column)
        .unwrap_or(area.width)
        .min(area.width.saturating_sub(1));
    frame.set_cursor_position(Position::new(area.x + column, area.y));
    let shown: String = line.value().chars().skip(skipped).collect();
    Line::from_iter([
        look.span(prompt.to_owned(), Role::Key),
        Span::raw(look.glyphs.text(&shown).into_owned()),
    ])
}
