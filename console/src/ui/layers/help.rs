//! What the keys do, from the registry.

use crate::app::App;
use crate::keys::{Entry, Group, Keys};
use crate::ui::Look;
use crate::ui::glyphs::Sign;
use crate::ui::theme::Role;
use crate::ui::widgets::{boxed, over_inside};
use domain::CellState;
use ratatui::Frame;
use ratatui::text::{Line, Span};

/// From so many columns on the names stand beside the keys.
const WITH_NAMES: u16 = 100;

/// Four states fit the narrowest screen.
const SIGNS_IN_A_LINE: usize = 4;

/// Draws the keys from a row on; what does not hold here is quiet, and says where it does.
pub(super) fn draw(frame: &mut Frame, app: &App, top: usize) {
    let has_names = frame.area().width >= WITH_NAMES;
    let rows = rows(app, has_names);
    let height = u16::try_from(rows.len() + 2).unwrap_or(u16::MAX);
    let width = frame.area().width.min(130);
    let title = "Keys: j and k scroll, any other key closes";
    let inside = boxed(frame, (width, height), title, &app.look);
    let top = top.min(rows.len().saturating_sub(usize::from(inside.height)));
    over_inside(frame, inside, rows.into_iter().skip(top));
}

/// A line for each entry, under its heading.
fn rows(app: &App, has_names: bool) -> Vec<Line<'_>> {
    let mut rows = Vec::new();
    for group in Group::ALL {
        rows.push(Line::from(app.look.span(group.title(), Role::Title)));
        let entries = app.keymap.entries().filter(|(entry, _)| entry.group == group);
        rows.extend(entries.map(|(entry, keys)| row(app, entry, keys, has_names)));
    }
    rows.push(Line::from(app.look.span("Signs", Role::Title)));
    rows.extend(signs(app.look));
    rows
}

fn row<'a>(app: &'a App, entry: &'static Entry, keys: &[Keys], has_name: bool) -> Line<'a> {
    let look = &app.look;
    let keys: Vec<String> = keys.iter().map(Keys::to_string).collect();
    let mut line = Line::from(look.span(format!(" {:<11}", keys.join(" ")), Role::Key));
    if has_name {
        line.push_span(look.span(format!("{:<18}", entry.name), Role::Quiet));
    }
    if entry.at.holds(app.place()) {
        line.push_span(look.span(entry.text, Role::Text));
    } else {
        line.push_span(look.span(format!("{} (in {})", entry.text, entry.at), Role::Quiet));
    }
    line
}

/// The signs of the states, some in a line, and those that say more than a state.
fn signs(look: Look) -> Vec<Line<'static>> {
    let shown = CellState::ALL
        .into_iter()
        .rev()
        .filter(|state| *state != CellState::NotExpected);
    let states: Vec<CellState> = shown.collect();
    let states = states.chunks(SIGNS_IN_A_LINE).map(|states| {
        let spans = states.iter().flat_map(|state| {
            let word = look.span(format!(" {:<14}", state.as_str()), Role::Text);
            [Span::raw(" "), look.state(*state), word]
        });
        spans.collect::<Line<'_>>()
    });
    let more = [
        (
            Sign::Late,
            "late: its provider has it for longer than nearly all before it",
        ),
        (Sign::Degraded, "degraded: done without an optional input"),
        (Sign::Marked, "marked for one act"),
        (Sign::Changed, "changed since the last look"),
    ];
    let more = more.map(|(sign, text)| {
        let text = look.span(format!(" {text}"), Role::Text);
        Line::from_iter([Span::raw(" "), look.sign(sign, Role::Caution), text])
    });
    states.chain(more).collect()
}
