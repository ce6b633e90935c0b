//! The last line: the keys that hold here, from the registry, or what is being typed.

use crate::app::{App, FilterColumn, Layer};
use crate::keys::{Entry, Group, Keys, Place};
use crate::ui::text::fit;
use crate::ui::theme::Role;
use crate::ui::widgets::typed;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// The headings that are shown, in turn.
const SHOWN: [Group; 4] = [Group::Console, Group::Act, Group::Go, Group::Show];

/// Between what is typed, with its cursor, and what is told of it.
const GAP: usize = 3;

/// Draws it. Help and palette come first, so that whoever knows nothing else finds the rest.
pub(super) fn draw(frame: &mut Frame, area: Rect, app: &App) {
    let line = match &app.layer {
        Some(Layer::Filter(place, line, _)) => {
            let prompt = format!(" {} / ", place.name());
            let mut shown = typed(frame, area, &prompt, line, &app.look);
            let room = usize::from(area.width).saturating_sub(shown.width() + GAP);
            shown.push_span(Span::raw(" ".repeat(GAP)));
            let text = fit(&columns(*place), room, app.look.glyphs);
            shown.push_span(app.look.span(text, Role::Quiet));
            shown
        }
        Some(_) | None => keys(app, usize::from(area.width)),
    };
    frame.render_widget(line, area);
}

/// Which columns the filter can name.
fn columns(place: Place) -> String {
    let columns = FilterColumn::of(place).iter().map(|column| column.name());
    let columns: Vec<String> = columns.map(|name| format!("{name}:")).collect();
    format!("Tab {} * !", columns.join(" "))
}

/// Of each heading the first, then the second of each, as long as there is room: some of everything.
fn keys(app: &App, width: usize) -> Line<'static> {
    let look = &app.look;
    let columns: Vec<Vec<(String, &str)>> = SHOWN.into_iter().map(|group| of_group(app, group)).collect();
    let deepest = columns.iter().map(Vec::len).max().unwrap_or(0);
    let mut line = Line::default();
    for row in 0..deepest {
        for (keys, words) in columns.iter().filter_map(|column| column.get(row)) {
            let needed = keys.len() + words.len() + 3;
            if line.width() + needed > width {
                return line;
            }
            line.push_span(look.span(format!(" {keys} "), Role::Key));
            line.push_span(look.span(format!("{words} "), Role::Quiet));
        }
    }
    line
}

/// The keys of a heading with their words; those behind a prefix are one.
fn of_group(app: &App, group: Group) -> Vec<(String, &'static str)> {
    let mut shown: Vec<(String, &'static str)> = Vec::new();
    let holds = |entry: &Entry| entry.group == group && entry.at.holds(app.place());
    for (entry, keys) in app.keymap.entries().filter(|(entry, _)| holds(entry)) {
        let Some(Keys { prefix, last }) = keys.first().copied() else {
            continue;
        };
        let item = match prefix {
            Some(prefix) if prefix != last => (prefix.to_string(), app.keymap.begins(prefix)),
            Some(_) | None => (keys[0].to_string(), entry.short),
        };
        if !shown.contains(&item) {
            shown.push(item);
        }
    }
    shown
}
