//! A screen as a picture: SVG, one text for each run of cells that look alike.

use std::fmt::Write as _;
use vt100::{Cell, Color, Screen};

/// A cell in pixels, as most monospaced fonts have it at 13.3: they are 0.6 as wide as high.
const WIDTH: u32 = 8;
const HEIGHT: u32 = 17;
/// From the top of a cell to the line that its letters stand on.
const BASELINE: u32 = 13;

const PAPER: &str = "#14161a";
const INK: &str = "#c8ccd4";

/// The first sixteen colours, as terminals usually show them.
const SIXTEEN: [&str; 16] = [
    "#1c1f26", "#cc4e4e", "#6aa84f", "#d1a23c", "#4f83cc", "#a566b8", "#4aa6a6", "#c8ccd4", "#6b7280",
    "#e57373", "#93c47d", "#ffd966", "#7fb0f5", "#c792dd", "#76d1d1", "#ffffff",
];

/// How a cell looks.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Look {
    ink: String,
    paper: Option<String>,
    is_bold: bool,
    is_dim: bool,
    is_underlined: bool,
}

/// Draws what a terminal shows.
pub(crate) fn svg(screen: &Screen) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let (width, height) = (u32::from(columns) * WIDTH, u32::from(rows) * HEIGHT);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"13.3\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"{PAPER}\"/>\n"
    );
    for row in 0..rows {
        let mut column = 0;
        while column < columns {
            let look = look_at(screen, row, column);
            let start = column;
            let mut text = String::new();
            while column < columns && look_at(screen, row, column) == look {
                let shown = screen.cell(row, column).map_or("", Cell::contents);
                text.push_str(if shown.is_empty() { " " } else { shown });
                column += 1;
            }
            draw(&mut svg, row, start..column, &text, &look);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn look_at(screen: &Screen, row: u16, column: u16) -> Look {
    let cell = screen.cell(row, column).expect("a cell of the screen");
    let (ink, paper) = (colour(cell.fgcolor()), colour(cell.bgcolor()));
    let (ink, paper) = if cell.inverse() {
        (
            Some(paper.unwrap_or_else(|| PAPER.to_owned())),
            Some(ink.unwrap_or_else(|| INK.to_owned())),
        )
    } else {
        (ink, paper)
    };
    Look {
        ink: ink.unwrap_or_else(|| INK.to_owned()),
        paper,
        is_bold: cell.bold(),
        is_dim: cell.dim(),
        is_underlined: cell.underline(),
    }
}

/// A colour as SVG writes it; nothing for the terminal's own.
fn colour(colour: Color) -> Option<String> {
    match colour {
        Color::Default => None,
        Color::Idx(index @ 0..16) => Some(SIXTEEN[usize::from(index)].to_owned()),
        Color::Idx(index @ 16..232) => {
            // The cube of 6 levels a colour, as xterm has it.
            let level = |part: u8| if part == 0 { 0 } else { 55 + 40 * part };
            let index = index - 16;
            let (red, green, blue) = (index / 36, index / 6 % 6, index % 6);
            Some(format!(
                "#{:02x}{:02x}{:02x}",
                level(red),
                level(green),
                level(blue)
            ))
        }
        Color::Idx(index) => {
            let grey = 8 + 10 * (index - 232);
            Some(format!("#{grey:02x}{grey:02x}{grey:02x}"))
        }
        Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
    }
}

fn draw(svg: &mut String, row: u16, columns: std::ops::Range<u16>, text: &str, look: &Look) {
    let (x, y) = (u32::from(columns.start) * WIDTH, u32::from(row) * HEIGHT);
    let width = u32::from(columns.end - columns.start) * WIDTH;
    if let Some(paper) = &look.paper {
        write!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{HEIGHT}\" fill=\"{paper}\"/>"
        )
        .unwrap();
    }
    if text.trim().is_empty() {
        return;
    }
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let weight = if look.is_bold { " font-weight=\"bold\"" } else { "" };
    let faint = if look.is_dim { " opacity=\"0.6\"" } else { "" };
    let line = if look.is_underlined {
        " text-decoration=\"underline\""
    } else {
        ""
    };
    writeln!(
        svg,
        "<text x=\"{x}\" y=\"{}\" fill=\"{}\" xml:space=\"preserve\" textLength=\"{width}\" \
         lengthAdjust=\"spacingAndGlyphs\"{weight}{faint}{line}>{text}</text>",
        y + BASELINE,
        look.ink
    )
    .unwrap();
}
