//! A box over what is below it.

use crate::ui::Look;
use crate::ui::theme::Role;
use crate::ui::widgets::Pane;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::Clear;

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
