//! A row of the matrix, and the line above them all.

use super::grid::Grid;
use crate::app::App;
use crate::model::{CellRef, Observation};
use crate::ui::glyphs::Sign;
use crate::ui::text::{age, fit, fit_end};
use crate::ui::theme::{Role, role};
use crate::ui::views::frame::{column, cursor};
use domain::{CellState, ObsId};
use ratatui::text::{Line, Span};

/// The names of the columns.
pub(super) fn head(app: &App, grid: &Grid<'_>) -> Line<'static> {
    let quiet = |text: &str, width: usize| column(app, text, width, Role::Quiet);
    let mut line = Line::from_iter([quiet("", 3), quiet("OBS", grid.id + 1)]);
    let words = [
        ("DONE", grid.done),
        ("AGE", grid.age),
        ("WORST", grid.worst),
        ("BURST", grid.burst),
    ];
    for (word, width) in words.into_iter().filter(|(_, width)| *width > 0) {
        line.push_span(quiet(word, width + 1));
    }
    let more = |is_more, sign| {
        if is_more {
            app.look.sign(sign, Role::Late)
        } else {
            Span::raw(" ")
        }
    };
    let cursor = app.overview.matrix.column.as_ref();
    for (index, group) in grid.groups.iter().enumerate() {
        let is_focused = group
            .columns
            .iter()
            .any(|column| Some(&column.node.product) == cursor);
        let role = if is_focused { Role::Title } else { Role::Quiet };
        line.push_span(more(index == 0 && grid.more.0, Sign::MoreLeft));
        line.push_span(column(app, group.name, group.width, role));
    }
    line.push_span(more(grid.more.1, Sign::MoreRight));
    line
}

/// One observation.
pub(super) fn row(app: &App, obs_id: &ObsId, is_focused: bool, grid: &Grid<'_>) -> Line<'static> {
    let Some(observation) = app.model().observation(obs_id) else {
        return Line::default();
    };
    let id = fit_end(&obs_id.to_string(), grid.id, app.look.glyphs);
    let id_role = if observation.wants_attention() {
        Role::Title
    } else {
        Role::Text
    };
    let mut line = Line::from_iter([
        cursor(app, is_focused),
        changed(app, observation),
        Span::raw(" "),
        app.look.span(id, id_role),
        Span::raw(" "),
    ]);
    words(app, observation, grid, &mut line);
    let under = app.overview.matrix.column.as_ref().filter(|_| is_focused);
    for group in &grid.groups {
        line.push_span(Span::raw(" "));
        for column in &group.columns {
            let is_under = Some(&column.node.product) == under;
            line.push_span(cell(app, observation.cell_at(column.place), is_under));
        }
        line.push_span(Span::raw(" ".repeat(group.width - group.columns.len())));
    }
    if is_focused && under.is_none() {
        return line.patch_style(app.look.style(Role::Selected));
    }
    line
}

fn changed(app: &App, observation: Observation<'_>) -> Span<'static> {
    if observation.changed_since(app.last_look) && app.last_look != crate::model::Mark::default() {
        app.look.sign(Sign::Changed, Role::Caution)
    } else {
        Span::raw(" ")
    }
}

fn words(app: &App, observation: Observation<'_>, grid: &Grid<'_>, line: &mut Line<'static>) {
    let mut push = |text: String, width: usize, role: Role| {
        if width > 0 {
            line.push_span(app.look.span(fit(&text, width, app.look.glyphs), role));
            line.push_span(Span::raw(" "));
        }
    };
    let counts = observation.counts();
    push(
        format!("{}/{}", counts.available(), counts.expected()),
        grid.done,
        Role::Text,
    );
    let since = observation
        .first_at()
        .map(|first| age(app.now.duration_since(first)));
    push(since.unwrap_or_default(), grid.age, Role::Quiet);
    let (text, of) = worst(app, observation);
    push(text, grid.worst, of);
    push(
        observation.burst_id().unwrap_or_default().to_owned(),
        grid.burst,
        Role::Quiet,
    );
}

/// What wants attention most, in a word.
fn worst(app: &App, observation: Observation<'_>) -> (String, Role) {
    let glyphs = app.look.glyphs;
    let late = observation.cells().find(|cell| cell.is_late());
    match observation.worst() {
        Some(state) if role(state) == Role::Failed => (first(app, observation, state), Role::Failed),
        _ if late.is_some() => {
            let product = late.map(|cell| cell.product().to_string()).unwrap_or_default();
            (format!("{} {product}", glyphs.sign(Sign::Late)), Role::Late)
        }
        Some(CellState::Done | CellState::Received) => {
            match observation.cells().filter(|cell| cell.is_degraded()).count() {
                0 => ("all done".to_owned(), Role::Quiet),
                count => (
                    format!("{} {count} w/o opt", glyphs.sign(Sign::Degraded)),
                    Role::Caution,
                ),
            }
        }
        Some(state) => (first(app, observation, state), role(state)),
        None => (String::new(), Role::Quiet),
    }
}

fn first(app: &App, observation: Observation<'_>, state: CellState) -> String {
    let cell = observation.worst_cells().next();
    let product = cell.map_or_else(|| state.to_string(), |cell| cell.product().to_string());
    format!("{} {product}", app.look.glyphs.state(state))
}

/// One sign. Late is said by a sign of its own, a mark by underlining, the cursor in reverse.
fn cell(app: &App, cell: Option<CellRef<'_>>, is_under_cursor: bool) -> Span<'static> {
    let look = &app.look;
    let Some(cell) = cell else {
        return under(look.state(CellState::NotExpected), is_under_cursor, app);
    };
    let span = look.cell(cell);
    let is_marked = !app.overview.marks.is_empty() && app.overview.marks.contains(&cell.id());
    let span = if is_marked {
        look.sign(Sign::Marked, Role::Late)
    } else {
        span
    };
    under(span, is_under_cursor, app)
}

fn under(span: Span<'static>, is_under_cursor: bool, app: &App) -> Span<'static> {
    if is_under_cursor {
        return span.patch_style(app.look.style(Role::Selected));
    }
    span
}
