//! The ledger of runs, the newest first.

use super::{empty, moved, row};
use crate::app::App;
use crate::keys::Place;
use crate::model::Question;
use crate::ui::text::{clock, fit, span};
use crate::ui::theme::Role;
use crate::ui::views::frame::{self, column, cursor};
use api::conductor::RunView;
use domain::RunState;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

const OBSERVATION: usize = 12;
const PRODUCT: usize = 14;
const STATE: usize = 11;
/// From so many columns on there is room for who makes it.
const WITH_PROVIDER: usize = 100;
const PROVIDER: usize = 20;

pub(super) fn draw(to: &mut Frame, area: Rect, app: &App) {
    let (runs, has_more) = app.runs();
    let more = has_more.then(|| {
        app.look.span(
            format!(
                "the newest {}; /state: and /provider: find older ones ",
                runs.len()
            ),
            Role::Quiet,
        )
    });
    let inside = frame::pane(app, Place::Runs)
        .note(more.into_iter().chain(moved(app, Place::Runs)))
        .draw(to, area, &app.look);
    let width = usize::from(inside.width);
    let list = &app.pages.runs.rows.list;
    let (top, rows) = list.window(app.height(Place::Runs));
    let lines = rows.iter().enumerate().filter_map(|(index, run_id)| {
        let run = runs.iter().find(|run| run.run_id == *run_id)?;
        let is_focused = Some(top + index) == list.index();
        Some(row(app, told(app, run, width, is_focused), is_focused))
    });
    for (line, area) in [head(app, width)].into_iter().chain(lines).zip(inside.rows()) {
        to.render_widget(line, area);
    }
    if rows.is_empty() {
        let asked = Question::Runs(app.wanted_runs());
        let (text, role) = match app.runs_failed() {
            Some(why) => (why, Role::Late),
            None if app.awaits(&asked) => ("the conductor is asked for its runs", Role::Quiet),
            None if runs.is_empty() => ("no run was decided yet", Role::Quiet),
            None => ("no run is as the filter wants it", Role::Quiet),
        };
        empty(to, inside, app, 1, (text, role));
    }
}

fn head(app: &App, width: usize) -> Line<'static> {
    let provider = if width >= WITH_PROVIDER {
        format!("{:<PROVIDER$} ", "provider")
    } else {
        String::new()
    };
    let text = format!(
        "  {:<8} {:<OBSERVATION$} {:<PRODUCT$} {provider}{:<STATE$} tries   took why",
        "decided", "observation", "product", "state"
    );
    app.look.span(text, Role::Quiet).into()
}

fn told(app: &App, run: &RunView, width: usize, is_focused: bool) -> Line<'static> {
    let look = &app.look;
    let role = role(run.state);
    let tries = run
        .attempt
        .map_or_else(String::new, |attempt| format!("{attempt}/{}", run.max_attempts));
    let until = run.ended_at.unwrap_or(app.now);
    let took = span(until.duration_since(run.created_at));
    let mut spans = vec![
        cursor(app, is_focused),
        Span::raw(" "),
        look.span(clock(run.created_at), Role::Quiet),
        Span::raw(" "),
        column(app, &run.obs_id.to_string(), OBSERVATION, Role::Text),
        Span::raw(" "),
        column(app, run.product.as_str(), PRODUCT, Role::Text),
        Span::raw(" "),
    ];
    if width >= WITH_PROVIDER {
        spans.push(column(app, run.provider.as_str(), PROVIDER, Role::Quiet));
        spans.push(Span::raw(" "));
    }
    spans.push(column(app, &run.state.to_string(), STATE, role));
    spans.push(look.span(format!(" {tries:>5} {took:>6} "), Role::Text));
    let used: usize = spans.iter().map(Span::width).sum();
    spans.push(look.span(
        fit(&why(app, run), width.saturating_sub(used), look.glyphs),
        Role::Quiet,
    ));
    Line::from(spans)
}

/// Why it is so, or what caused it.
fn why(app: &App, run: &RunView) -> String {
    let text = run.reason.as_ref().or(run.trigger.as_ref());
    text.map(|text| crate::cells::readable(text, app.now))
        .unwrap_or_default()
}

fn role(state: RunState) -> Role {
    match crate::cells::run_ink(state) {
        crate::table::Ink::Bad => Role::Failed,
        crate::table::Ink::Warn => Role::Caution,
        crate::table::Ink::Good => Role::Good,
        crate::table::Ink::Busy => Role::Busy,
        crate::table::Ink::Plain => Role::Text,
        crate::table::Ink::Dim => Role::Quiet,
    }
}
