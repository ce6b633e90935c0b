//! A line that is typed over a list that it makes shorter.

use crate::app::{App, Picker, found_entries};
use crate::ui::Look;
use crate::ui::theme::Role;
use crate::ui::widgets::{boxed, over_inside, typed};
use ratatui::Frame;
use ratatui::text::Line;

/// As wide as the narrowest usual screen lets it be.
const WIDTH: u16 = 78;
/// How many of the found are shown.
const SHOWN: u16 = 12;

/// An action by its name.
pub(super) fn palette(frame: &mut Frame, app: &App, picker: &Picker) {
    let look = &app.look;
    let found = found_entries(app, picker.line.value());
    let rows = found.iter().map(|entry| {
        let keys = app
            .keymap
            .shown(entry.action)
            .map(|keys| keys.to_string())
            .unwrap_or_default();
        let why_not = app.why_not(entry);
        let role = if why_not.is_none() {
            Role::Text
        } else {
            Role::Quiet
        };
        let text = why_not.map_or_else(|| entry.text.to_owned(), |why| format!("{} ({why})", entry.text));
        Line::from_iter([
            look.span(format!("{keys:<8}"), Role::Key),
            look.span(format!("{:<18}", entry.name), Role::Title),
            look.span(text, role),
        ])
    });
    draw(frame, "Run", ":", picker, rows.collect(), *look);
}

/// An observation by any part of its id.
pub(super) fn find(frame: &mut Frame, app: &App, picker: &Picker) {
    let look = &app.look;
    let found = app.model().find(picker.line.value());
    let rows = found
        .iter()
        .map(|obs_id| Line::from(look.span(app.describe(obs_id), Role::Text)));
    draw(frame, "Find an observation", "o ", picker, rows.collect(), *look);
}

fn draw(frame: &mut Frame, title: &str, prompt: &str, picker: &Picker, rows: Vec<Line>, look: Look) {
    let count = rows.len();
    let inside = boxed(frame, (WIDTH, SHOWN + 3), &format!("{title} ({count})"), &look);
    let height = usize::from(inside.height.saturating_sub(1));
    let at = picker.picked.min(count.saturating_sub(1));
    let top = (at + 1).saturating_sub(height);
    let line = typed(frame, inside, prompt, &picker.line, &look);
    let rows = rows
        .into_iter()
        .enumerate()
        .skip(top)
        .take(height)
        .map(|(index, row)| {
            if index == at {
                row.patch_style(look.style(Role::Selected))
            } else {
                row
            }
        });
    over_inside(frame, inside, [line].into_iter().chain(rows));
}
