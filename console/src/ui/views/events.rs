//! What is said, the newest at the bottom.

use super::frame::{self, column};
use crate::app::App;
use crate::keys::Place;
use crate::model::{Event, EventKind};
use crate::ui::glyphs::Sign;
use crate::ui::text::{clock, fit};
use crate::ui::theme::{self, Role};
use domain::ProcessingState;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws a pane of events.
pub(super) fn draw(to: &mut Frame, area: Rect, app: &App, place: Place) {
    let look = &app.look;
    let is_following = app.events_at(place).is_none_or(|events| events.at.is_none());
    let note = if is_following {
        [
            look.span("follow ", Role::Quiet),
            look.sign(Sign::Following, Role::Quiet),
        ]
    } else {
        [look.span("held, f follows", Role::Caution), Span::raw("")]
    };
    let inside = frame::pane(app, place).note(note).draw(to, area, look);
    let events = app.events(place, usize::from(inside.height));
    let last = events.len().saturating_sub(1);
    for ((index, (_, event)), area) in events.iter().enumerate().zip(inside.rows()) {
        let line = row(app, event, usize::from(inside.width));
        let is_focused = app.place() == place && !is_following && index == last;
        to.render_widget(
            if is_focused {
                line.patch_style(look.style(Role::Selected))
            } else {
                line
            },
            area,
        );
    }
    if events.is_empty() {
        to.render_widget(look.span(" nothing was said yet", Role::Quiet), inside);
    }
}

fn row(app: &App, event: &Event, width: usize) -> Line<'static> {
    let look = &app.look;
    let (word, role) = word(event);
    let cell = [
        event.obs_id.as_ref().map(ToString::to_string),
        event.product.as_ref().map(ToString::to_string),
    ];
    let mut cell: Vec<String> = cell.into_iter().flatten().collect();
    if cell.is_empty() {
        cell.push(event.from.to_string());
    }
    let cell = cell.join(" ");
    let from = if width >= 90 { 18 } else { 0 };
    let fixed = 8 + 1 + from + usize::from(from > 0) + 28 + 1 + 11 + 1;
    let mut spans = vec![look.span(clock(event.at), Role::Quiet), Span::raw(" ")];
    if from > 0 {
        spans.push(column(app, event.from.as_str(), from, Role::Quiet));
        spans.push(Span::raw(" "));
    }
    spans.push(column(app, &cell, 28, Role::Text));
    spans.push(Span::raw(" "));
    spans.push(column(app, &word, 11, role));
    spans.push(Span::raw(" "));
    let text = crate::cells::readable(&event.text, event.at);
    spans.push(look.span(fit(&text, width.saturating_sub(fixed), look.glyphs), Role::Quiet));
    Line::from(spans)
}

/// What happened, in a word, and what it means for whoever looks.
fn word(event: &Event) -> (String, Role) {
    match event.kind {
        EventKind::Cell(state) => (state.to_string(), theme::role(state)),
        EventKind::Run(state) => {
            let role = match state {
                ProcessingState::Failed => Role::Failed,
                ProcessingState::Cancelled => Role::Caution,
                ProcessingState::Accepted | ProcessingState::Running | ProcessingState::Succeeded => {
                    Role::Quiet
                }
            };
            (format!("{state:?}").to_lowercase(), role)
        }
        EventKind::Data => ("data".to_owned(), Role::Quiet),
        EventKind::Service => ("service".to_owned(), Role::Caution),
        EventKind::Provider => ("provider".to_owned(), Role::Caution),
        EventKind::Alert => ("ALERT".to_owned(), Role::Failed),
        EventKind::Operator => ("operator".to_owned(), Role::Text),
        EventKind::Rejected => ("rejected".to_owned(), Role::Late),
        EventKind::Console => ("console".to_owned(), Role::Caution),
    }
}
