//! A stored product: its content, and what the SDB says of it.

use super::empty;
use crate::app::{App, Shown, Stored};
use crate::keys::Place;
use crate::ui::product;
use crate::ui::theme::Role;
use crate::ui::widgets::Pane;
use ratatui::Frame;

/// Draws it, or says why not.
pub(in crate::ui::views) fn draw(to: &mut Frame, app: &App, stored: &Stored) {
    let Some(area) = app.pane(Place::Product) else {
        return;
    };
    let look = &app.look;
    let shown = app.shown();
    let (title, note) = match shown {
        Shown::Content(view, is_cut) => {
            let size = view.record().size;
            let cut = format!("the beginning of {size} bytes, orchestra-console product fetches all ");
            (view.title(), if is_cut { cut } else { String::new() })
        }
        Shown::Fetching(_) | Shown::Asking | Shown::Nothing | Shown::Failed(_) => {
            (stored.cell.to_string(), String::new())
        }
    };
    let place = app.record().zip(app.versions());
    let place = place.map_or_else(String::new, |((place, _), all)| {
        format!(
            "version {} of {}, [ ] older or newer, d record",
            all.len() - place,
            all.len()
        )
    });
    let inside = Pane::new(true)
        .title([look.span(title, Role::Title)])
        .note((!note.is_empty()).then(|| look.span(note, Role::Late)))
        .foot([look.span(place, Role::Quiet)])
        .draw(to, area, look);
    let sentence = match shown {
        Shown::Content(view, _) => {
            product::draw(to.buffer_mut(), inside, view, look);
            return;
        }
        Shown::Fetching(record) => (
            format!("{} bytes are fetched from the SDB", record.size),
            Role::Quiet,
        ),
        Shown::Asking => ("the SDB is asked for it".to_owned(), Role::Quiet),
        Shown::Nothing => ("the SDB has no version of it".to_owned(), Role::Caution),
        Shown::Failed(why) => (why.to_owned(), Role::Late),
    };
    empty(to, inside, app, 0, (&sentence.0, sentence.1));
}
