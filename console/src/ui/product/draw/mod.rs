//! Each kind of content as a picture, into any buffer: the screen's, or one that is printed.

mod axis;
mod hex;
mod light_curve;
mod plot;
mod position;
mod raster;
mod record;
mod sky_map;
mod spectrum;
mod tree;

pub use record::Facts;

use super::content::Content;
use super::view::ProductView;
use crate::ui::Look;
use crate::ui::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

/// From so many columns on, the record stands beside the content and not instead of it.
const WIDE: u16 = 120;
/// How wide it then is.
const RECORD_WIDTH: u16 = 44;

/// Draws a product.
pub fn draw(buffer: &mut Buffer, area: Rect, view: &ProductView, look: &Look) {
    let look = *look;
    let area = area.intersection(buffer.area);
    let (content, record) = match (view.shows_record(), area.width >= WIDE) {
        (false, _) => (area, Rect::default()),
        (true, false) => (Rect::default(), area),
        (true, true) => {
            let parts = [Constraint::Fill(1), Constraint::Length(RECORD_WIDTH)];
            let [content, record] = Layout::horizontal(parts).spacing(2).areas(area);
            (content, record)
        }
    };
    if !record.is_empty() {
        record::draw(buffer, record, view.record(), look);
    }
    if content.is_empty() {
        return;
    }
    match view.content() {
        Content::LightCurve(curve) => light_curve::draw(buffer, content, curve, look),
        Content::Spectrum(spectrum) => spectrum::draw(buffer, content, spectrum, look),
        Content::Position(position) => position::draw(buffer, content, position, view.shows_ecliptic(), look),
        Content::Json(tree) => tree::draw(buffer, content, tree, look),
        Content::Hex(hex) => hex::draw(buffer, content, hex, view, look),
    }
}

/// Writes a text where there is room for it, made safe to show.
fn put(buffer: &mut Buffer, within: Rect, (x, y): (u16, u16), text: &str, style: Style, look: Look) {
    if !within.contains((x, y).into()) || !buffer.area.contains((x, y).into()) {
        return;
    }
    let room = within.right().saturating_sub(x);
    buffer.set_stringn(x, y, look.glyphs.text(text), room.into(), style);
}

/// Writes lines from the top on; how many had room.
fn lines<'a>(
    buffer: &mut Buffer,
    area: Rect,
    lines: impl IntoIterator<Item = (&'a str, Role)>,
    look: Look,
) -> u16 {
    let mut written = 0;
    for ((text, role), y) in lines.into_iter().zip(area.top()..area.bottom()) {
        let text = if text.width() > area.width.into() {
            crate::ui::text::fit(text, area.width.into(), look.glyphs)
        } else {
            text.to_owned()
        };
        put(buffer, area, (area.x, y), &text, look.style(role), look);
        written += 1;
    }
    written
}

/// What is left of an area below so many rows.
fn below(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect {
        y: area.y + rows,
        height: area.height - rows,
        ..area
    }
}

/// The width of a text, which is never wider than a screen.
fn width(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}
