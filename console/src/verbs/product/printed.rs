//! A picture as lines of text.

use crate::output::Output;
use crate::ui::Look;
use crate::ui::product::content::Content;
use crate::ui::product::{ProductView, draw};
use ratatui::backend::IntoCrossterm as _;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use std::io;

/// The columns where nobody says how many there are.
const USUAL_WIDTH: usize = 80;
/// The rows of a picture where nobody says how many there are.
const USUAL_ROWS: usize = 24;
/// A picture of more rows is not better, only larger.
const MOST_ROWS: usize = 48;
/// A terminal keeps so many lines; of a longer document, `--output - | less` shows all.
const MOST_LINES: usize = 1000;
/// No terminal is wider.
const MOST_COLUMNS: usize = 500;

/// Prints the title and the picture, in the width of the terminal.
pub(super) fn print(view: &ProductView, look: Look, output: &mut Output) -> io::Result<()> {
    let screen = output.screen();
    let width = screen.width.unwrap_or(USUAL_WIDTH).min(MOST_COLUMNS);
    // The title, and the prompt that comes back.
    let rows = output.rows().unwrap_or(USUAL_ROWS + 2).saturating_sub(2);
    let rows = match view.content() {
        Content::Json(tree) => (tree.len() + 1).min(MOST_LINES),
        Content::LightCurve(_) | Content::Spectrum(_) | Content::Position(_) | Content::Hex(_) => {
            rows.clamp(USUAL_ROWS / 2, MOST_ROWS)
        }
    };
    output.line(look.glyphs.text(&view.title()))?;
    let size = |cells: usize| u16::try_from(cells).unwrap_or(u16::MAX);
    let area = Rect::new(0, 0, size(width), size(rows));
    let mut buffer = Buffer::empty(area);
    draw(&mut buffer, area, view, &look);
    let mut blank = 0;
    for cells in buffer.content.chunks(width.max(1)) {
        let line = line(cells, screen.colour);
        // Blank rows are printed only if something comes below them.
        if line.is_empty() {
            blank += 1;
            continue;
        }
        for _ in 0..std::mem::take(&mut blank) {
            output.line("")?;
        }
        output.line(line)?;
    }
    Ok(())
}

fn line(cells: &[Cell], colour: bool) -> String {
    let is_blank = |cell: &Cell| cell.symbol() == " ";
    let end = cells
        .iter()
        .rposition(|cell| !is_blank(cell))
        .map_or(0, |last| last + 1);
    let cells = &cells[..end];
    if !colour {
        return cells.iter().map(Cell::symbol).collect();
    }
    cells
        .chunk_by(|one, other| one.style() == other.style())
        .map(|run| {
            let text: String = run.iter().map(Cell::symbol).collect();
            paper(run[0].style()).into_crossterm().apply(text).to_string()
        })
        .collect()
}

/// On paper nothing is selected, and the background is the paper's.
fn paper(style: Style) -> Style {
    let style = style.remove_modifier(Modifier::REVERSED);
    Style { bg: None, ..style }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Color;

    #[test]
    fn a_line_is_as_long_as_its_text_and_coloured_by_the_run() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 1));
        buffer.set_string(0, 0, "ab", Style::new());
        buffer.set_string(
            2,
            0,
            "cd",
            Style::new().fg(Color::Red).add_modifier(Modifier::REVERSED),
        );
        assert_eq!(line(&buffer.content, false), "abcd");
        let coloured = line(&buffer.content, true);
        assert_eq!(coloured.matches("cd").count(), 1);
        assert!(
            coloured.contains("\u{1b}[") && !coloured.contains("\u{1b}[7m"),
            "{coloured:?}"
        );
    }
}
