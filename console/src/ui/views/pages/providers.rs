//! Who makes products: how busy, how fast, who paused them, and when their queue is empty.

use super::{empty, moved, row};
use crate::app::App;
use crate::keys::Place;
use crate::ui::text::{age, clock, fit, span};
use crate::ui::theme::Role;
use crate::ui::views::frame::{self, column, cursor};
use api::conductor::ProviderView;
use domain::ProviderState;
use jiff::SignedDuration;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Columns of the words that are always there.
const STATE: usize = 8;
const LOAD: usize = 7;
const QUEUED: usize = 6;
const CLEARS: usize = 9;
const USUAL: usize = 6;

pub(super) fn draw(to: &mut Frame, area: Rect, app: &App) {
    let inside = frame::pane(app, Place::Providers)
        .note(moved(app, Place::Providers))
        .draw(to, area, &app.look);
    let width = usize::from(inside.width);
    let name = if width >= 100 { 24 } else { 18 };
    let list = &app.pages.providers.list;
    let (top, rows) = list.window(app.height(Place::Providers));
    let lines = rows.iter().enumerate().filter_map(|(index, provider)| {
        let view = app.model().providers().get(provider)?;
        let is_focused = Some(top + index) == list.index();
        Some(row(app, told(app, view, (name, width), is_focused), is_focused))
    });
    for (line, area) in [head(app, name)].into_iter().chain(lines).zip(inside.rows()) {
        to.render_widget(line, area);
    }
    if rows.is_empty() {
        let text = if app.model().providers().is_empty() {
            "the conductor has not told of any provider yet"
        } else {
            "no provider is as the filter wants it"
        };
        empty(to, inside, app, 1, (text, Role::Quiet));
    }
}

fn head(app: &App, name: usize) -> Line<'static> {
    let text = format!(
        "  {:<name$} {:<STATE$} {:>LOAD$} {:>QUEUED$} {:>CLEARS$} {:>USUAL$} heard why",
        "provider", "state", "at work", "queued", "clears at", "p50"
    );
    app.look.span(text, Role::Quiet).into()
}

fn told(app: &App, view: &ProviderView, (name, width): (usize, usize), is_focused: bool) -> Line<'static> {
    let look = &app.look;
    let (word, role) = state(view.state);
    let load = match view.max_in_flight {
        Some(most) => format!("{}/{most}", view.in_flight),
        None => view.in_flight.to_string(),
    };
    let clears = view.clears.map_or_else(String::new, |eta| clock(eta.p50));
    let heard = view
        .seen_at
        .map_or_else(String::new, |at| age(app.now.duration_since(at)));
    let numbers = format!(
        " {load:>LOAD$} {:>QUEUED$} {clears:>CLEARS$} {:>USUAL$} {heard:>5} ",
        view.queued,
        usual(app, view),
    );
    let used = 3 + name + STATE + numbers.len();
    Line::from_iter([
        cursor(app, is_focused),
        Span::raw(" "),
        column(app, view.provider.as_str(), name, Role::Text),
        Span::raw(" "),
        column(app, word, STATE, role),
        look.span(numbers, Role::Text),
        look.span(
            fit(&why(app, view), width.saturating_sub(used), look.glyphs),
            role,
        ),
    ])
}

fn state(state: ProviderState) -> (&'static str, Role) {
    match state {
        ProviderState::Up => ("up", Role::Good),
        ProviderState::Late => ("late", Role::Late),
        ProviderState::Lost => ("lost", Role::Failed),
        ProviderState::Paused => ("paused", Role::Caution),
        ProviderState::Draining => ("draining", Role::Caution),
        ProviderState::Open => ("open", Role::Failed),
    }
}

/// How long the slowest of its products usually takes there.
fn usual(app: &App, view: &ProviderView) -> String {
    let nodes = app.model().graph().map_or(&[][..], |graph| graph.nodes());
    let its = nodes
        .iter()
        .filter(|node| node.provider.as_ref() == Some(&view.provider));
    let slowest = its
        .filter_map(|node| node.expected)
        .map(|expected| expected.p50_ms)
        .max();
    let millis = slowest.and_then(|millis| i64::try_from(millis).ok());
    millis.map_or_else(
        || "?".to_owned(),
        |millis| span(SignedDuration::from_millis(millis)),
    )
}

/// Who wants it so and why; whether it can be reached; else what it says of itself.
fn why(app: &App, view: &ProviderView) -> String {
    if let Some(by) = &view.by {
        let since = view
            .since
            .map_or_else(String::new, |at| format!(" {}", crate::cells::when(at, app.now)));
        let note = view.note.as_deref().unwrap_or("without a note");
        return format!("by {by}{since}: {note}");
    }
    match (view.probe_at, view.busy_until) {
        (Some(at), _) => format!("not reached, tried again at {}", clock(at)),
        (None, _) if view.state == ProviderState::Open => "not reached, being tried".to_owned(),
        (None, Some(until)) => format!("busy until {}", clock(until)),
        (None, None) => view.detail.clone().unwrap_or_default(),
    }
}
