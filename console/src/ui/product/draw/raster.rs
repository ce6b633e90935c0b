//! Dots finer than the cells of a terminal: braille, eight to a cell; in ASCII the cells themselves.

use crate::ui::glyphs::Charset;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// The dots of a braille letter, by column and row (Unicode 16, section 21.1).
const BRAILLE: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
/// The braille letter without dots.
const BLANK: u32 = 0x2800;

/// What a dot looks like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pen {
    /// Its colour.
    pub(super) style: Style,
    /// The letter that stands for it in ASCII, so that lines can be told apart without colour.
    pub(super) twin: char,
    /// One of so many dots of a line is drawn: 1 is a solid line.
    pub(super) every: u32,
}

/// Dots over an area; places are from 0 (left, bottom) to 1 (right, top).
#[derive(Debug)]
pub(super) struct Raster {
    area: Rect,
    is_ascii: bool,
    cells: Vec<(u8, Option<Pen>)>,
}

impl Raster {
    /// An empty one.
    pub(super) fn new(area: Rect, charset: Charset) -> Self {
        Self {
            area,
            is_ascii: charset == Charset::Ascii,
            cells: vec![(0, None); usize::from(area.width) * usize::from(area.height)],
        }
    }

    /// A dot.
    pub(super) fn dot(&mut self, at: (f64, f64), pen: Pen) {
        if let Some((x, y)) = self.place(at) {
            self.set(x, y, pen);
        }
    }

    /// A line between two places that are both on it; else nothing.
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), pen: Pen) {
        let (Some(first), Some(last)) = (self.place(from), self.place(to)) else {
            return;
        };
        let steps = first.0.abs_diff(last.0).max(first.1.abs_diff(last.1));
        for step in (0..=steps).step_by(pen.every.max(1) as usize) {
            let part = f64::from(step) / f64::from(steps.max(1));
            let between = |from: f64, to: f64| from + (to - from) * part;
            self.dot((between(from.0, to.0), between(from.1, to.1)), pen);
        }
    }

    /// A line through places; it is broken where they are further apart than half of the area, which is where a map
    /// of the sky ends.
    pub(super) fn path(&mut self, places: impl IntoIterator<Item = (f64, f64)>, pen: Pen) {
        let mut before: Option<(f64, f64)> = None;
        // Of a line that is not solid, one of so many pieces is drawn.
        let solid = Pen { every: 1, ..pen };
        for (number, place) in (0_u32..).zip(places) {
            if let Some(before) = before
                && number % pen.every.max(1) == 0
                && (place.0 - before.0).abs() < 0.5
            {
                self.line(before, place, solid);
            }
            before = Some(place);
        }
    }

    /// Draws what is not empty.
    pub(super) fn draw(&self, buffer: &mut Buffer) {
        for ((bits, pen), position) in self.cells.iter().zip(self.area.positions()) {
            let (Some(pen), Some(cell)) = (pen, buffer.cell_mut(position)) else {
                continue;
            };
            let letter = if self.is_ascii {
                pen.twin
            } else {
                char::from_u32(BLANK + u32::from(*bits)).unwrap_or(' ')
            };
            cell.set_char(letter).set_style(pen.style);
        }
    }

    fn fineness(&self) -> (u32, u32) {
        if self.is_ascii { (1, 1) } else { (2, 4) }
    }

    /// Which dot a place is, counted from the left and from the top.
    fn place(&self, (x, y): (f64, f64)) -> Option<(u32, u32)> {
        let (across, down) = self.fineness();
        let (width, height) = (
            u32::from(self.area.width) * across,
            u32::from(self.area.height) * down,
        );
        Some((dot_of(x, width)?, dot_of(1.0 - y, height)?))
    }

    fn set(&mut self, x: u32, y: u32, pen: Pen) {
        let (across, down) = self.fineness();
        let number = (y / down) * u32::from(self.area.width) + x / across;
        if let Some((bits, last)) = self.cells.get_mut(number as usize) {
            *bits |= BRAILLE[(x % across) as usize][(y % down) as usize];
            *last = Some(pen);
        }
    }
}

/// Which of so many dots a part of a whole is in; none if it is not a part.
fn dot_of(part: f64, dots: u32) -> Option<u32> {
    if !(0.0..=1.0).contains(&part) || dots == 0 {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of a number of dots that is one"
    )]
    let dot = (part * f64::from(dots)) as u32;
    Some(dot.min(dots - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(charset: Charset, draw: impl Fn(&mut Raster, Pen)) -> Vec<String> {
        let area = Rect::new(0, 0, 4, 2);
        let mut raster = Raster::new(area, charset);
        let pen = Pen {
            style: Style::new(),
            twin: '*',
            every: 1,
        };
        draw(&mut raster, pen);
        let mut buffer = Buffer::empty(area);
        raster.draw(&mut buffer);
        let row = |y: u16| (0..4).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        vec![row(0), row(1)]
    }

    #[test]
    fn a_line_goes_from_corner_to_corner() {
        let diagonal = |raster: &mut Raster, pen| raster.line((0.0, 0.0), (1.0, 1.0), pen);
        assert_eq!(drawn(Charset::Utf8, diagonal), ["  ⡠⠊", "⡠⠊  "]);
        assert_eq!(drawn(Charset::Ascii, diagonal), ["  **", "**  "]);
    }

    #[test]
    fn what_is_nowhere_is_not_drawn() {
        let nowhere = |raster: &mut Raster, pen| {
            raster.dot((f64::NAN, 0.5), pen);
            raster.dot((1.1, 0.5), pen);
            raster.line((0.0, 0.0), (f64::INFINITY, 1.0), pen);
            raster.path([(0.0, 0.0), (1.0, 1.0)], pen);
        };
        assert_eq!(drawn(Charset::Utf8, nowhere), ["    ", "    "]);
    }
}
