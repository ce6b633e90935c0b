//! Lines between the columns, drawn into cells: what meets in a cell becomes one sign.

use super::columns::{Columns, GAP, SIGN};
use crate::model::Spot;
use crate::ui::glyphs::Charset;

const LEFT: u8 = 1;
const RIGHT: u8 = 2;
const UP: u8 = 4;
const DOWN: u8 = 8;

/// One line of the graph.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    /// Nothing is made without it: it is drawn solid.
    pub(super) is_mandatory: bool,
    /// It has to do with the product under the cursor.
    pub(super) is_near: bool,
}

/// What of lines is in a cell.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wire {
    arms: u8,
    is_solid: bool,
    is_head: bool,
    /// Whether any of them has to do with the product under the cursor.
    pub(super) is_near: bool,
}

/// All lines.
#[derive(Debug)]
pub(super) struct Wires {
    width: usize,
    cells: Vec<Wire>,
}

impl Wires {
    pub(super) fn new(columns: &Columns, rows: usize) -> Self {
        let width = columns.end();
        Self {
            width,
            cells: vec![Wire::default(); width * rows],
        }
    }

    /// What is in a cell, if anything is.
    pub(super) fn at(&self, x: usize, y: usize) -> Option<Wire> {
        let wire = *self.cells.get(y * self.width + x)?;
        (x < self.width && wire.arms != 0).then_some(wire)
    }

    /// Draws a line along its way, from the end of a name so long.
    pub(super) fn line(&mut self, way: &[Spot], name: usize, columns: &Columns, kind: Kind) {
        for (step, pair) in way.windows(2).enumerate() {
            let [from, to] = [pair[0], pair[1]];
            let start = columns.start(from.column) + if step == 0 { SIGN + name + 1 } else { 0 };
            let end = columns.start(to.column) - 1;
            // Two ways up and down, so that neighbours need not share one.
            let turn = end - GAP + 2 + from.row % 2;
            if from.row == to.row {
                self.across(from.row, (start, end), kind);
            } else {
                self.across(from.row, (start, turn), kind);
                self.along(turn, (from.row, to.row), kind);
                self.across(to.row, (turn, end), kind);
            }
            if step + 2 == way.len() {
                self.put((end, to.row), 0, kind).is_head = true;
            }
        }
    }

    fn across(&mut self, y: usize, (from, to): (usize, usize), kind: Kind) {
        for x in from..=to {
            let left = if x > from { LEFT } else { 0 };
            let right = if x < to { RIGHT } else { 0 };
            self.put((x, y), left | right, kind);
        }
    }

    fn along(&mut self, x: usize, (from, to): (usize, usize), kind: Kind) {
        let (top, bottom) = (from.min(to), from.max(to));
        for y in top..=bottom {
            let up = if y > top { UP } else { 0 };
            let down = if y < bottom { DOWN } else { 0 };
            self.put((x, y), up | down, kind);
        }
    }

    fn put(&mut self, (x, y): (usize, usize), arms: u8, kind: Kind) -> &mut Wire {
        let wire = &mut self.cells[y * self.width + x];
        // Of two that meet the nearer one is seen.
        if kind.is_near && !wire.is_near {
            *wire = Wire::default();
        }
        if kind.is_near || !wire.is_near {
            wire.arms |= arms;
            wire.is_solid |= kind.is_mandatory;
            wire.is_near = kind.is_near;
        }
        wire
    }
}

impl Wire {
    /// The sign of what meets here.
    pub(super) fn sign(self, charset: Charset) -> &'static str {
        let is_utf8 = charset == Charset::Utf8;
        let either = |sign, twin| if is_utf8 { sign } else { twin };
        if self.is_head {
            return match (is_utf8, self.is_solid) {
                (true, true) => "▸",
                (true, false) => "▹",
                (false, _) => ">",
            };
        }
        let is_across = self.arms & (UP | DOWN) == 0;
        let is_along = self.arms & (LEFT | RIGHT) == 0;
        match (is_across, is_along, self.is_solid) {
            (true, _, true) => either("─", "-"),
            (true, _, false) => either("╌", "."),
            (_, true, true) => either("│", "|"),
            (_, true, false) => either("╎", ":"),
            (false, false, _) => either(corner(self.arms), "+"),
        }
    }
}

fn corner(arms: u8) -> &'static str {
    const UP_DOWN_RIGHT: u8 = UP | DOWN | RIGHT;
    const UP_DOWN_LEFT: u8 = UP | DOWN | LEFT;
    const ACROSS_DOWN: u8 = LEFT | RIGHT | DOWN;
    const ACROSS_UP: u8 = LEFT | RIGHT | UP;
    const DOWN_RIGHT: u8 = DOWN | RIGHT;
    const DOWN_LEFT: u8 = DOWN | LEFT;
    const UP_RIGHT: u8 = UP | RIGHT;
    const UP_LEFT: u8 = UP | LEFT;
    match arms {
        UP_DOWN_RIGHT => "├",
        UP_DOWN_LEFT => "┤",
        ACROSS_DOWN => "┬",
        ACROSS_UP => "┴",
        DOWN_RIGHT => "┌",
        DOWN_LEFT => "┐",
        UP_RIGHT => "└",
        UP_LEFT => "┘",
        _ => "┼",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANDATORY: Kind = Kind {
        is_mandatory: true,
        is_near: true,
    };

    #[test]
    fn what_meets_becomes_one_sign() {
        for (arms, is_solid, sign, twin) in [
            (LEFT | RIGHT, true, "─", "-"),
            (RIGHT, false, "╌", "."),
            (UP | DOWN, true, "│", "|"),
            (UP | DOWN, false, "╎", ":"),
            (LEFT | DOWN, true, "┐", "+"),
            (LEFT | RIGHT | UP | DOWN, true, "┼", "+"),
        ] {
            let wire = Wire {
                arms,
                is_solid,
                ..Wire::default()
            };
            assert_eq!(
                (wire.sign(Charset::Utf8), wire.sign(Charset::Ascii)),
                (sign, twin)
            );
        }
    }

    #[test]
    fn the_nearer_of_two_lines_is_seen_whichever_is_drawn_first() {
        let far = Kind {
            is_mandatory: true,
            is_near: false,
        };
        let near = Kind {
            is_mandatory: false,
            ..MANDATORY
        };
        for order in [[far, near], [near, far]] {
            let mut wires = Wires {
                width: 3,
                cells: vec![Wire::default(); 3],
            };
            for kind in order {
                wires.across(0, (0, 2), kind);
            }
            assert_eq!(wires.at(1, 0).map(|wire| wire.sign(Charset::Utf8)), Some("╌"));
        }
    }
}
