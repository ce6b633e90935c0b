//! The head of bytes that nothing here can read, below their record.

use super::record::Facts;
use super::{below, lines, record};
use crate::ui::Look;
use crate::ui::product::content::Hex;
use crate::ui::product::view::ProductView;
use crate::ui::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::fmt::Write as _;

/// The widest rows: 16 bytes as numbers and as letters, and where they begin.
const WIDE: u16 = 76;

pub(super) fn draw(buffer: &mut Buffer, area: Rect, hex: &Hex, view: &ProductView, look: Look) {
    // The record is what says most; where it stands already, it is not said twice.
    let written = if view.shows_record() {
        0
    } else {
        let written = record::draw(buffer, area, view.record(), look);
        // And a blank row, but the head keeps a third of the room.
        written.saturating_add(1).min(area.height * 2 / 3)
    };
    let area = below(area, written);
    clear(buffer, area);
    let per_row = if area.width >= WIDE { 16 } else { 8 };
    let rows = hex.head.chunks(per_row).enumerate().skip(view.offset() / per_row);
    let rows = rows.map(|(number, bytes)| row(number * per_row, bytes, per_row));
    let shown = usize::from(area.height.saturating_sub(1));
    let texts: Vec<String> = rows.take(shown).chain([foot(hex)]).collect();
    lines(
        buffer,
        area,
        texts.iter().map(|text| (text.as_str(), Role::Text)),
        look,
    );
}

fn clear(buffer: &mut Buffer, area: Rect) {
    for position in area.positions() {
        if let Some(cell) = buffer.cell_mut(position) {
            cell.reset();
        }
    }
}

fn row(offset: usize, bytes: &[u8], per_row: usize) -> String {
    let mut numbers = String::new();
    for (at, byte) in bytes.iter().enumerate() {
        let gap = if at == 8 { "  " } else { " " };
        // Writing to a String cannot fail.
        let _ = write!(numbers, "{gap}{byte:02x}");
    }
    let letter = |byte: &u8| match byte {
        b' '..=b'~' => char::from(*byte),
        _ => '.',
    };
    let letters: String = bytes.iter().map(letter).collect();
    let width = 3 * per_row + usize::from(per_row > 8);
    format!("{offset:06x} {numbers:<width$}  {letters}")
}

fn foot(hex: &Hex) -> String {
    let shown = hex.head.len();
    match u64::try_from(shown) {
        Ok(all) if all == hex.size => format!("{shown} bytes"),
        _ => format!("the first {shown} of {} bytes", Facts::size(hex.size)),
    }
}
