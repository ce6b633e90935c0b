//! Why a cell is as it is: the tree of reasons, over whatever is open.

use crate::app::App;
use crate::cells;
use crate::model::{Answer, CellId, Question};
use crate::ui::theme::Role;
use crate::ui::widgets::{boxed, over_inside};
use ratatui::Frame;
use ratatui::text::Line;

/// As wide as the narrowest usual screen lets it be.
const WIDTH: u16 = 78;

/// Draws the reasons from a line on.
pub(super) fn draw(frame: &mut Frame, app: &App, cell: &CellId, top: usize) {
    let lines = reasons(app, cell, usize::from(WIDTH) - 4);
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let state = app.live().cell(cell).map(|cell| cell.state().to_string());
    let title = format!("Why {cell} is {}", state.unwrap_or_default());
    let inside = boxed(frame, (WIDTH, height), &title, &app.look);
    let top = top.min(lines.len().saturating_sub(usize::from(inside.height)));
    over_inside(frame, inside, lines.into_iter().skip(top));
}

/// The tree as the conductor tells it, or what is known without it.
fn reasons(app: &App, id: &CellId, width: usize) -> Vec<Line<'static>> {
    let look = &app.look;
    let line = |text: String, role| Line::from(look.span(format!(" {text}"), role));
    match app.live().details().answer(&Question::Cell(id.clone())) {
        Some((_, Answer::Cell(view))) => cells::reasons(&view.why, width, app.now)
            .into_iter()
            .map(|text| line(text, Role::Text))
            .collect(),
        Some((_, Answer::None(_, why))) => {
            let known = app
                .live()
                .cell(id)
                .and_then(|cell| cell.reason().map(ToOwned::to_owned));
            let known = known.into_iter().map(|reason| line(reason, Role::Text));
            known.chain([line(why.clone(), Role::Late)]).collect()
        }
        Some(_) | None => vec![line("the conductor is asked".to_owned(), Role::Quiet)],
    }
}
