//! The first line: what this console may do, and how far what it shows can be believed.

use super::segments::{Segment, line};
use crate::app::App;
use crate::model::{Link, Peer};
use crate::ui::glyphs::Sign;
use crate::ui::text::{age, clock, span};
use crate::ui::theme::Role;
use jiff::SignedDuration;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Span;

/// An older last message than this wants an eye: every service speaks each 5 s.
const QUIET: SignedDuration = SignedDuration::from_secs(12);

pub(super) fn draw(frame: &mut Frame, area: Rect, app: &App) {
    let look = &app.look;
    let wide = area.width >= 110;
    let segments = vec![
        Segment::new(6, name(app, wide)),
        Segment::new(0, [mode(app)]),
        Segment::new(1, reached(app, wide)),
        Segment::new(2, honesty(app)),
        Segment::new(5, synced(app)),
        Segment::new(
            4,
            [look.span(
                format!("{} ev/s", app.live().counters().rate(app.now)),
                Role::Text,
            )],
        ),
        Segment::new(3, [time(app, wide)]),
    ];
    frame.render_widget(line(segments, usize::from(area.width), *look), area);
}

fn name(app: &App, wide: bool) -> Vec<Span<'static>> {
    let look = &app.look;
    let mut spans = vec![look.span("orchestra", Role::Title)];
    if wide {
        spans.push(look.span(format!("  {}", app.operator), Role::Text));
    }
    spans
}

/// Whether what can hurt is allowed, and for how long.
fn mode(app: &App) -> Span<'static> {
    match (app.arming.readonly, app.arming.left(app.now)) {
        (true, _) => app.look.span("READONLY", Role::Text),
        (false, Some(left)) => app.look.span(format!("RW {}", span(left)), Role::Late),
        (false, None) => app.look.span("RO", Role::Text),
    }
}

fn reached(app: &App, wide: bool) -> Vec<Span<'static>> {
    let links = app.live().links();
    let mut spans = peer(app, "NATS", links.to(Peer::Nats));
    spans.push(Span::raw("  "));
    let name = if wide { "conductor" } else { "cond" };
    spans.extend(peer(app, name, links.to(Peer::Conductor)));
    spans
}

fn peer(app: &App, name: &'static str, link: &Link) -> Vec<Span<'static>> {
    let look = &app.look;
    let mut spans = vec![look.span(format!("{name} "), Role::Text)];
    let round_trip = link.state.as_ref().and_then(|state| state.round_trip_us);
    if link.is_up() {
        spans.push(look.sign(Sign::Well, Role::Good));
        if let Some(micros) = round_trip {
            spans.push(look.span(format!(" {}", millis(micros)), Role::Text));
        }
    } else if link.is_down() {
        spans.push(look.sign(Sign::Lost, Role::Failed));
        if let Some(since) = link.since {
            spans.push(look.span(format!(" {}", span(app.now.duration_since(since))), Role::Failed));
        }
    } else {
        spans.push(look.sign(Sign::Ellipsis, Role::Quiet));
    }
    spans
}

fn millis(micros: u64) -> String {
    match micros {
        0..1000 => "<1ms".to_owned(),
        _ => format!("{}ms", micros / 1000),
    }
}

/// How old the last word is, and what never came.
fn honesty(app: &App) -> Vec<Span<'static>> {
    let look = &app.look;
    let counters = app.live().counters();
    let last = counters.heard_at().map(|at| app.now.duration_since(at));
    let role = if last.is_some_and(|last| last > QUIET) {
        Role::Late
    } else {
        Role::Text
    };
    let last = last.map_or_else(|| "none".to_owned(), age);
    let lost_role = if counters.losses() > 0 {
        Role::Caution
    } else {
        Role::Text
    };
    vec![
        look.span(format!("last {last}"), role),
        look.span(format!("  lost {}", counters.lost()), lost_role),
    ]
}

fn synced(app: &App) -> Vec<Span<'static>> {
    let sync = app.live().links().sync();
    let look = &app.look;
    if app.live().is_empty() && sync.at.is_none() && sync.running.is_none() {
        return vec![];
    }
    match (sync.running, sync.at) {
        (Some(_), _) => vec![look.span("RESYNC", Role::Caution)],
        (None, Some(at)) => vec![look.span(format!("synced {}", &clock(at)[..5]), Role::Text)],
        (None, None) => vec![look.span("not synced", Role::Caution)],
    }
}

fn time(app: &App, wide: bool) -> Span<'static> {
    if let Some(at) = app.frozen_at() {
        return app.look.span(format!("FROZEN {}", clock(at)), Role::Late);
    }
    let text = if wide {
        app.now.strftime("UTC %Y-%m-%d %H:%M:%S").to_string()
    } else {
        format!("{}Z", clock(app.now))
    };
    app.look.span(text, Role::Text)
}
