//! What would come of a product by hand: its inputs, how it is and why; and what came of it once it was sent.

use crate::app::{App, Form, Sent};
use crate::cells;
use crate::model::{Answer, CellId, CellRef, Ending, Outcome, Question};
use crate::table::wrap;
use crate::ui::theme::Role;
use domain::{CellState, ProductName};
use ratatui::text::{Line, Span};

/// So many of those that fit are shown to pick from.
const FOUND: usize = 7;

/// The lines under the fields.
pub(super) fn lines(app: &App, form: &Form, width: usize) -> Vec<Line<'static>> {
    let graph = app.live().graph();
    if form.is_picking(graph) {
        return found(app, form);
    }
    match (&form.sent, form.cell(graph)) {
        (Sent::Handed | Sent::UnderWay(_), _) => {
            vec![told(app, "it is sent, and not answered yet", Role::Busy)]
        }
        (Sent::Answered(outcome), _) => answered(app, outcome, width),
        (Sent::Not, Some(cell)) => foreseen(app, &cell, width),
        (Sent::Not, None) => vec![],
    }
}

fn told(app: &App, text: &str, role: Role) -> Line<'static> {
    app.look.span(format!(" {text}"), role).into()
}

/// What can be chosen and fits what is typed.
fn found(app: &App, form: &Form) -> Vec<Line<'static>> {
    let found = form.found(app.live().graph());
    let at = form.picked(&found);
    let first = (at + 1).saturating_sub(FOUND);
    let rows = found.iter().enumerate().skip(first).take(FOUND);
    rows.map(|(index, choice)| {
        let text = format!("{:<24} {}", choice.name, choice.beside);
        let role = if index == at { Role::Selected } else { Role::Text };
        told(app, &text, role)
    })
    .collect()
}

/// From what it would be made, how it is now, and why.
fn foreseen(app: &App, cell: &CellId, width: usize) -> Vec<Line<'static>> {
    let mut lines = inputs(app, cell);
    let Some(known) = app.live().cell(cell) else {
        lines.push(told(
            app,
            "nothing is known of this observation here",
            Role::Caution,
        ));
        return lines;
    };
    let state = known.state();
    let now = format!("now it is {state}");
    lines.push(Line::from(Span::styled(
        format!(" {now}"),
        app.look.theme.state(state),
    )));
    match app.live().details().answer(&Question::Cell(cell.clone())) {
        Some((_, Answer::Cell(view))) => {
            let why = cells::reasons(&view.why, width, app.now);
            lines.extend(why.iter().map(|line| told(app, line, Role::Text)));
        }
        Some((_, Answer::None(_, why))) => lines.push(told(app, why, Role::Late)),
        Some(_) | None => lines.push(told(app, "the conductor is asked why", Role::Quiet)),
    }
    lines
}

/// Each input with its state; what is there would be used.
fn inputs(app: &App, cell: &CellId) -> Vec<Line<'static>> {
    let Some(graph) = app.live().graph() else {
        return vec![];
    };
    let Some(node) = graph.node(&cell.product) else {
        return vec![];
    };
    let product = |place: &usize| &graph.nodes()[*place].product;
    let line = |kind: &str, places: &[usize]| {
        let mut line = Line::from(app.look.span(format!(" {kind:<10}"), Role::Quiet));
        line.extend(places.iter().flat_map(|place| input(app, cell, product(place))));
        line
    };
    let mut lines = vec![line("made from", &node.m_input)];
    if !node.o_input.is_empty() {
        lines.push(line("optionally", &node.o_input));
    }
    lines
}

fn input(app: &App, cell: &CellId, product: &ProductName) -> [Span<'static>; 2] {
    let id = CellId {
        obs_id: cell.obs_id.clone(),
        product: product.clone(),
    };
    let known = app.live().cell(&id);
    let state = known.map_or(CellState::NotExpected, CellRef::state);
    let sign = if state == CellState::NotExpected {
        "?"
    } else {
        app.look.glyphs.state(state)
    };
    let version = known.and_then(CellRef::version);
    let version = version
        .filter(|_| state.is_available())
        .map_or_else(String::new, |version| format!(" v{version}"));
    [
        Span::styled(format!(" {sign} "), app.look.theme.state(state)),
        app.look.span(
            format!("{product}{version} "),
            if state.is_available() {
                Role::Text
            } else {
                Role::Quiet
            },
        ),
    ]
}

/// What was answered.
fn answered(app: &App, outcome: &Outcome, width: usize) -> Vec<Line<'static>> {
    let (word, role) = match outcome.ending {
        Ending::Accepted => ("accepted", Role::Good),
        Ending::Partly | Ending::Refused => ("refused", Role::Failed),
        Ending::NoAnswer => ("no answer", Role::Failed),
    };
    let said = outcome.said.iter().cloned();
    let said = said.chain(outcome.problems.iter().map(|(_, why)| why.clone()));
    let said: Vec<String> = said.collect();
    let mut lines: Vec<Line> = wrap(&format!("{word}: {}", said.join("; ")), Some(width))
        .iter()
        .map(|line| told(app, line, role))
        .collect();
    if let Some(why) = &outcome.why {
        let why = cells::reasons(why, width, app.now);
        lines.extend(why.iter().map(|line| told(app, line, Role::Text)));
    }
    lines
}
