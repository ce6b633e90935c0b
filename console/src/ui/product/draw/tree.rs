//! A folded JSON document.

use super::lines;
use crate::ui::Look;
use crate::ui::glyphs::Sign;
use crate::ui::product::content::{Row, Tree, Value};
use crate::ui::text::fit;
use crate::ui::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// How far what is inside stands to the right.
const INDENT: usize = 2;
/// Deeper than this it does not move further to the right.
const MAX_INDENTS: u16 = 16;

pub(super) fn draw(buffer: &mut Buffer, area: Rect, tree: &Tree, look: Look) {
    let Some(last) = area.height.checked_sub(1) else {
        return;
    };
    let rows = Rect { height: last, ..area };
    for (row, y) in tree.window(rows.height.into()).zip(rows.top()..rows.bottom()) {
        let line = line(&row, rows.width, look);
        buffer.set_line(rows.x, y, &line, rows.width);
        if row.is_selected {
            let whole = Rect::new(rows.x, y, rows.width, 1);
            buffer.set_style(whole, look.style(Role::Selected));
        }
    }
    let cut = if tree.is_cut() {
        ", the beginning of a larger document"
    } else {
        ""
    };
    let foot = format!("line {} of {}{cut}", tree.cursor() + 1, tree.len());
    let below = Rect {
        y: area.y + last,
        height: 1,
        ..area
    };
    lines(buffer, below, [(foot.as_str(), Role::Quiet)], look);
}

fn line<'a>(row: &'a Row<'_>, width: u16, look: Look) -> Line<'a> {
    let indent = " ".repeat(INDENT * usize::from(row.depth.min(MAX_INDENTS)));
    let mut spans = vec![Span::raw(indent)];
    let (sign, value, role) = match &row.value {
        Value::Scalar(text) => (" ", (*text).to_owned(), Role::Text),
        Value::Container {
            is_list,
            items,
            is_open,
            glimpse,
        } => {
            let sign = look
                .glyphs
                .sign(if *is_open { Sign::Following } else { Sign::Cursor });
            (sign, container(*is_list, *items, *is_open, glimpse), Role::Quiet)
        }
    };
    spans.push(Span::styled(sign, look.style(Role::Quiet)));
    spans.push(Span::raw(" "));
    if !row.key.is_empty() {
        spans.push(look.span(format!("{}: ", row.key), Role::Key));
    }
    let used: usize = spans.iter().map(Span::width).sum();
    let room = usize::from(width).saturating_sub(used);
    let value = fit(&value, room, look.glyphs);
    spans.push(Span::styled(value.trim_end().to_owned(), look.style(role)));
    Line::from(spans)
}

fn container(is_list: bool, items: u32, is_open: bool, glimpse: &[&str]) -> String {
    let (open, close) = if is_list { ('[', ']') } else { ('{', '}') };
    let count = format!("{open}{items}{close}");
    if is_open || glimpse.is_empty() {
        return count;
    }
    format!("{count} {}", glimpse.join(" "))
}
