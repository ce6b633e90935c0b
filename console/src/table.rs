//! Tables for a terminal: as wide as their content, the last column wrapped into what is left.

use std::io::{self, Write};

/// Between two columns.
const GAP: usize = 2;
/// The last column is never narrower than this, even if a terminal is: it would be one letter per line.
const LEAST_LAST: usize = 16;

/// A colour that means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// As the terminal has it.
    Plain,
    /// Over, or nothing to see.
    Dim,
    /// Well.
    Good,
    /// At work.
    Busy,
    /// Wants attention soon.
    Warn,
    /// Wants attention now.
    Bad,
}

impl Ink {
    /// SGR parameters (ECMA-48): basic colours, which every terminal's theme makes readable.
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Dim => Some("2"),
            Self::Good => Some("32"),
            Self::Busy => Some("36"),
            Self::Warn => Some("33"),
            Self::Bad => Some("1;31"),
        }
    }
}

/// A text in a colour.
pub(crate) fn paint(text: &str, ink: Ink, colour: bool) -> String {
    match ink.code() {
        Some(code) if colour => format!("\x1b[{code}m{text}\x1b[0m"),
        Some(_) | None => text.to_owned(),
    }
}

/// What a table is drawn for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Screen {
    /// Columns to fit into; none for a file or a pipe, where nothing is wrapped.
    pub(crate) width: Option<usize>,
    /// Whether colours are seen.
    pub(crate) colour: bool,
}

/// A table; all its rows have as many cells as its head.
#[derive(Debug)]
pub(crate) struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<(String, Ink)>>,
}

impl Table {
    pub(crate) fn new(head: impl Into<Vec<&'static str>>) -> Self {
        Self {
            head: head.into(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [(String, Ink); N]) {
        debug_assert_eq!(N, self.head.len(), "a row has as many cells as the head");
        self.rows.push(cells.into());
    }

    /// Leaves out a column if no row says anything in it.
    pub(crate) fn unless_empty(mut self, head: &str) -> Self {
        let place = self.head.iter().position(|text| *text == head);
        if let Some(place) = place.filter(|place| self.rows.iter().all(|row| row[*place].0.is_empty())) {
            self.head.remove(place);
            for row in &mut self.rows {
                row.remove(place);
            }
        }
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn draw(&self, screen: Screen, out: &mut dyn Write) -> io::Result<()> {
        let widths: Vec<usize> = (0..self.head.len())
            .map(|column| {
                let cells = self
                    .rows
                    .iter()
                    .filter_map(|row| row.get(column))
                    .map(|(text, _)| text.chars().count());
                cells.chain([self.head[column].len()]).max().unwrap_or(0)
            })
            .collect();
        let before: usize = widths.iter().rev().skip(1).map(|width| width + GAP).sum();
        let last = screen
            .width
            .map(|width| width.saturating_sub(before).max(LEAST_LAST));
        let head: Vec<(String, Ink)> = self
            .head
            .iter()
            .map(|text| ((*text).to_owned(), Ink::Dim))
            .collect();
        // A list of fields has no head.
        let head = (!self.head.iter().all(|text| text.is_empty())).then_some(&head);
        for row in head.into_iter().chain(&self.rows) {
            draw_row(row, &widths, before, last, screen.colour, out)?;
        }
        Ok(())
    }

    /// What the tests of the tables look at.
    #[cfg(test)]
    pub(crate) fn drawn(&self, width: Option<usize>, colour: bool) -> String {
        let mut out = Vec::new();
        self.draw(Screen { width, colour }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }
}

fn draw_row(
    row: &[(String, Ink)],
    widths: &[usize],
    before: usize,
    last: Option<usize>,
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some(((tail, tail_ink), cells)) = row.split_last() else {
        return Ok(());
    };
    let mut line = String::new();
    for ((text, ink), width) in cells.iter().zip(widths) {
        line.push_str(&paint(text, *ink, colour));
        line.extend(std::iter::repeat_n(' ', width + GAP - text.chars().count()));
    }
    let mut pieces = wrap(tail, last).into_iter();
    line.push_str(&paint(&pieces.next().unwrap_or_default(), *tail_ink, colour));
    writeln!(out, "{}", line.trim_end())?;
    for piece in pieces {
        writeln!(out, "{:before$}{}", "", paint(&piece, *tail_ink, colour))?;
    }
    Ok(())
}

/// Lines of at most `width` characters, broken between words where that is possible.
pub(crate) fn wrap(text: &str, width: Option<usize>) -> Vec<String> {
    let Some(width) = width else {
        return vec![text.to_owned()];
    };
    let (mut lines, mut line, mut length) = (Vec::new(), String::new(), 0);
    for word in text.split_whitespace() {
        let mut word: Vec<char> = word.chars().collect();
        if length > 0 && length + 1 + word.len() > width {
            lines.push(std::mem::take(&mut line));
            length = 0;
        }
        while word.len() > width {
            lines.push(word.drain(..width).collect());
        }
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        length += word.len();
        line.extend(word);
    }
    if length > 0 || lines.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_column_is_wrapped_and_nothing_is_lost() {
        let mut table = Table::new(["PRODUCT", "REASON"]);
        let reason = "attempt 1 of 3 failed: retriable seed-says-no, the next one is at 04:12:30";
        table.row([("QPO_ECL".into(), Ink::Plain), (reason.into(), Ink::Bad)]);
        table.row([("A".into(), Ink::Plain), (String::new(), Ink::Plain)]);
        let expected = "\
PRODUCT  REASON
QPO_ECL  attempt 1 of 3 failed:
         retriable seed-says-no, the
         next one is at 04:12:30
A
";
        assert_eq!(table.drawn(Some(40), false), expected);
    }

    #[test]
    fn a_column_in_which_nothing_stands_can_be_left_out() {
        let table = |middle: &str| {
            let mut table = Table::new(["A", "B", "C"]);
            table.row([
                ("x".into(), Ink::Plain),
                (middle.into(), Ink::Plain),
                ("z".into(), Ink::Plain),
            ]);
            table.unless_empty("B").drawn(None, false)
        };
        assert_eq!(table(""), "A  C\nx  z\n");
        assert_eq!(table("y"), "A  B  C\nx  y  z\n");
    }

    #[test]
    fn colours_do_not_move_columns() {
        let mut table = Table::new(["A", "B", "C"]);
        table.row([
            ("x".into(), Ink::Good),
            ("é".into(), Ink::Bad),
            ("z".into(), Ink::Plain),
        ]);
        let text = table.drawn(None, true);
        assert!(
            text.ends_with("\x1b[32mx\x1b[0m  \x1b[1;31mé\x1b[0m  z\n"),
            "{text:?}"
        );
    }

    #[test]
    fn a_word_that_is_too_long_is_cut() {
        assert_eq!(wrap("abcdefgh ij", Some(3)), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("", Some(3)), [""]);
        assert_eq!(wrap("a b", None), ["a b"]);
    }
}
