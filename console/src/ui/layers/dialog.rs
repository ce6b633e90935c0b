//! The question before an act.

use super::warning;
use crate::app::{App, Dialog, Field, Foreseen};
use crate::table::wrap;
use crate::ui::theme::Role;
use crate::ui::widgets::{boxed, over_inside, typed};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// As wide as the narrowest usual screen lets it be.
const WIDTH: u16 = 74;

/// Draws what would be done, the fields, and the keys that answer.
pub(super) fn draw(frame: &mut Frame, app: &App, dialog: &Dialog) {
    let look = &app.look;
    let fields = 3 + u16::from(dialog.count.is_some());
    let foreseen = match &dialog.foreseen {
        Foreseen::Unasked => vec![],
        Foreseen::Asked(_) => vec!["the conductor is asked what it would do".to_owned()],
        Foreseen::Known(lines) => lines.clone(),
    };
    let wrapped = dialog
        .lines
        .iter()
        .chain(&foreseen)
        .flat_map(|line| wrap(line, Some(usize::from(WIDTH) - 4)));
    let mut rows: Vec<Line> = wrapped
        .map(|line| look.span(format!(" {line}"), Role::Text).into())
        .collect();
    let room = usize::from(frame.area().height.saturating_sub(2 + fields));
    if rows.len() > room {
        let hidden = rows.len() + 1 - room;
        rows.truncate(room.saturating_sub(1));
        rows.push(look.span(format!(" and {hidden} more lines"), Role::Quiet).into());
    }
    let lines = u16::try_from(rows.len()).unwrap_or(u16::MAX);
    let inside = boxed(frame, (WIDTH, lines + fields + 2), &dialog.title, look);
    let at = |row: u16| Rect {
        y: (inside.y + row).min(inside.bottom().saturating_sub(1)),
        height: 1,
        ..inside
    };
    rows.push(Line::default());
    if let Some(count) = &dialog.count {
        let prompt = format!(" type {} to allow it: ", dialog.requests());
        rows.push(field(
            frame,
            at(lines + 1),
            &prompt,
            count,
            dialog.field == Field::Count,
            app,
        ));
    }
    let row = lines + fields - 2;
    rows.push(field(
        frame,
        at(row),
        " note: ",
        &dialog.note,
        dialog.field == Field::Note,
        app,
    ));
    rows.push(buttons(dialog, app));
    over_inside(frame, inside, rows);
}

/// The cursor is in the field that gets the keys.
fn field<'a>(
    frame: &mut Frame,
    area: Rect,
    prompt: &str,
    line: &tui_input::Input,
    has_focus: bool,
    app: &App,
) -> Line<'a> {
    if has_focus {
        return typed(frame, area, prompt, line, &app.look);
    }
    Line::from_iter([
        app.look.span(prompt.to_owned(), Role::Quiet),
        app.look.span(line.value().to_owned(), Role::Text),
    ])
}

fn buttons(dialog: &Dialog, app: &App) -> Line<'static> {
    let look = &app.look;
    let button = format!(" {} {} ", Dialog::confirm_key(), dialog.button);
    let style = if dialog.field == Field::Button {
        look.style(Role::Selected)
    } else {
        look.style(Role::Text)
    };
    let harm = warning(app, dialog.danger);
    Line::from_iter([
        look.span(" Esc cancel  Tab field  ", Role::Key),
        Span::styled(button, style),
        look.span(harm, Role::Failed),
    ])
}
