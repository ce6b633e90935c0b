//! The second line: how much of what there is, problems first.

use super::segments::{Segment, line};
use crate::app::App;
use crate::ui::glyphs::Sign;
use crate::ui::theme::Role;
use domain::CellState;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Span;

/// The states that are counted, with the word that is written where there is room.
const COUNTED: [(CellState, &str); 10] = [
    (CellState::Failed, "failed"),
    (CellState::Quarantined, "quarantined"),
    (CellState::Held, "held"),
    (CellState::Retrying, "retry due"),
    (CellState::Stale, "stale"),
    (CellState::Running, "run"),
    (CellState::Requested, "requested"),
    (CellState::Queued, "queued"),
    (CellState::Waiting, "wait"),
    (CellState::Done, "done"),
];

pub(super) fn draw(frame: &mut Frame, area: Rect, app: &App) {
    let look = &app.look;
    let model = app.live();
    let alive = model.services().alive(app.now);
    let services = model.services().len();
    let unseen = model
        .failures()
        .filter(|failure| !failure.is_acknowledged())
        .count();
    let words = area.width >= 110;
    let service_role = if alive < services { Role::Late } else { Role::Text };
    let unseen_role = if unseen > 0 { Role::Failed } else { Role::Quiet };
    let segments = vec![
        Segment::new(3, [look.span(format!("obs {}", model.len()), Role::Text)]),
        Segment::new(0, states(app, words)),
        Segment::new(2, [look.span(format!("svc {alive}/{services}"), service_role)]),
        Segment::new(1, [look.span(format!("unack {unseen}"), unseen_role)]),
        Segment::new(4, alert(app)),
    ];
    frame.render_widget(line(segments, usize::from(area.width), *look), area);
}

/// What is not there is not written, but for what everybody looks for first.
fn states(app: &App, words: bool) -> Vec<Span<'static>> {
    let look = &app.look;
    let totals = app.live().totals();
    let mut spans = Vec::new();
    for (state, word) in COUNTED {
        let count = totals.of(state);
        if count == 0 && !matches!(state, CellState::Failed | CellState::Running | CellState::Done) {
            continue;
        }
        let style = if count == 0 {
            look.style(Role::Quiet)
        } else {
            look.theme.state(state)
        };
        if !spans.is_empty() {
            spans.push(Span::raw("  "));
        }
        let word = if words { format!(" {word}") } else { String::new() };
        spans.push(Span::styled(
            format!("{}{count}{word}", look.glyphs.state(state)),
            style,
        ));
    }
    let degraded = app.live().degraded();
    if degraded > 0 {
        let word = if words { " degraded" } else { "" };
        spans.push(Span::raw("  "));
        spans.push(look.span(
            format!("{}{degraded}{word}", look.glyphs.sign(Sign::Degraded)),
            Role::Caution,
        ));
    }
    spans
}

fn alert(app: &App) -> Vec<Span<'static>> {
    match app.live().alerts().len() {
        0 => vec![],
        count => vec![app.look.span(format!("ALERT {count}"), Role::Failed)],
    }
}
