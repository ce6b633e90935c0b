//! What stands around every view: header, pinned alert, footer.

mod banner;
mod counts;
mod footer;
mod header;
mod pinned;
mod segments;

use crate::app::App;
use crate::ui::layout::Parts;
use ratatui::Frame;

/// Draws it.
pub fn draw(frame: &mut Frame, parts: &Parts, app: &App) {
    let [first, second] = [0, 1].map(|row| ratatui::layout::Rect {
        y: parts.header.y + row,
        height: 1.min(parts.header.height.saturating_sub(row)),
        ..parts.header
    });
    header::draw(frame, first, app);
    // What is counted is old while cut off, so that nothing is lost where the banner is.
    if !banner::draw(frame, second, app) {
        counts::draw(frame, second, app);
    }
    pinned::draw(frame, parts.pinned, app);
    footer::draw(frame, parts.footer, app);
}
