//! What is around a plot: axes, their numbers and units.

use super::axis::Axis;
use super::{put, width};
use crate::ui::Look;
use crate::ui::glyphs::Charset;
use crate::ui::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The columns of the numbers at the left.
const LEFT: u16 = 8;
/// The rows of the line, the numbers and the unit below.
const BELOW: u16 = 3;
/// One number at the left for so many rows.
const ROWS_PER_TICK: u16 = 3;
/// One number below for so many columns.
const COLUMNS_PER_TICK: u16 = 12;

/// What of an area is left for the dots.
pub(super) fn inside(area: Rect) -> Rect {
    Rect {
        x: area.x + LEFT.min(area.width),
        y: area.y,
        width: area.width.saturating_sub(LEFT + 1),
        height: area.height.saturating_sub(BELOW),
    }
}

/// The line and the numbers at the left of a plot.
pub(super) fn left(buffer: &mut Buffer, area: Rect, plot: Rect, axis: &Axis, look: Look) {
    let style = look.style(Role::Border);
    let bar = if is_ascii(look) { "|" } else { "│" };
    for y in plot.top()..plot.bottom() {
        put(buffer, area, (plot.x.saturating_sub(1), y), bar, style, look);
    }
    let most = usize::from(plot.height / ROWS_PER_TICK).max(1);
    for tick in axis.ticks(most) {
        let y = plot.bottom().saturating_sub(1 + cells(tick.at, plot.height));
        let x = plot.x.saturating_sub(2 + width(&tick.label));
        put(
            buffer,
            area,
            (x.max(area.x), y),
            &tick.label,
            look.style(Role::Quiet),
            look,
        );
    }
}

/// The line, the numbers and the unit below a plot.
pub(super) fn bottom(buffer: &mut Buffer, area: Rect, plot: Rect, axis: &Axis, unit: &str, look: Look) {
    let style = look.style(Role::Border);
    let (corner, line, mark) = if is_ascii(look) {
        ("+", "-", "+")
    } else {
        ("└", "─", "┴")
    };
    let y = plot.bottom();
    put(buffer, area, (plot.x.saturating_sub(1), y), corner, style, look);
    for x in plot.left()..plot.right() {
        put(buffer, area, (x, y), line, style, look);
    }
    let most = usize::from(plot.width / COLUMNS_PER_TICK).max(1);
    for tick in axis.ticks(most) {
        let x = plot.x + cells(tick.at, plot.width);
        put(buffer, area, (x, y), mark, style, look);
        let label = x.saturating_sub(width(&tick.label) / 2);
        put(
            buffer,
            area,
            (label, y + 1),
            &tick.label,
            look.style(Role::Quiet),
            look,
        );
    }
    let x = plot.x + plot.width.saturating_sub(width(unit)) / 2;
    put(buffer, area, (x, y + 2), unit, look.style(Role::Quiet), look);
}

/// In which of so many cells a part of them is.
pub(super) fn cells(part: f64, of: u16) -> u16 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast keeps within the limits of the type, and what is no number becomes 0"
    )]
    let cell = (part * f64::from(of)) as u16;
    cell.min(of.saturating_sub(1))
}

/// Whether only ASCII can be shown.
pub(super) fn is_ascii(look: Look) -> bool {
    look.glyphs.charset() == Charset::Ascii
}
