//! Observations x products: a row for each observation, a sign for each product.

use super::grid::Grid;
use super::matrix_row;
use crate::app::App;
use crate::keys::Place;
use crate::ui::theme::Role;
use crate::ui::views::frame;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub(super) fn draw(to: &mut Frame, area: Rect, app: &App) {
    let matrix = &app.overview.matrix;
    let list = &matrix.rows.list;
    let place = list.index().map_or(0, |index| index + 1);
    let foot = foot(app, place);
    let room = usize::from(area.width).saturating_sub(foot.iter().map(Span::width).sum::<usize>() + 7);
    let sentence = app.sentence_within(room);
    let sentence = sentence.map(|text| app.look.span(text, Role::Text));
    let pane = frame::pane(app, Place::Matrix)
        .note(note(app))
        .sentence(sentence)
        .foot(foot);
    let inside = pane.draw(to, area, &app.look);
    let grid = Grid::new(usize::from(inside.width), app);
    let head = matrix_row::head(app, &grid);
    let (top, rows) = list.window(usize::from(inside.height.saturating_sub(1)));
    let lines = rows.iter().enumerate().map(|(index, obs_id)| {
        let is_focused = Some(top + index) == list.index();
        matrix_row::row(app, obs_id, is_focused, &grid)
    });
    for (line, row) in [head].into_iter().chain(lines).zip(inside.rows()) {
        to.render_widget(line, row);
    }
    if rows.is_empty() {
        let text = Line::from(app.look.span(empty(app), Role::Quiet));
        to.render_widget(
            text,
            Rect {
                y: inside.y + 1,
                height: inside.height.min(1),
                ..inside
            },
        );
    }
}

/// In which order the rows stand, and whether that is still so.
fn note(app: &App) -> Vec<Span<'static>> {
    let matrix = &app.overview.matrix;
    let mut words = vec![matrix.order.name().to_owned()];
    if matrix.only_problems {
        words.push("problems only".to_owned());
    }
    if matrix.only_changed {
        words.push("changed only".to_owned());
    }
    let mut spans = vec![app.look.span(words.join(", "), Role::Quiet)];
    match matrix.rows.list.displaced() {
        0 => {}
        1 => spans.push(app.look.span(" - 1 row would move (.)", Role::Caution)),
        count => spans.push(
            app.look
                .span(format!(" - {count} rows would move (.)"), Role::Caution),
        ),
    }
    spans
}

fn foot(app: &App, place: usize) -> Vec<Span<'static>> {
    let matrix = &app.overview.matrix;
    let mut spans = Vec::new();
    if !matrix.rows.filter.is_empty() {
        spans.push(
            app.look
                .span(format!("/{} ", matrix.rows.filter.text()), Role::Late),
        );
    }
    if !app.overview.marks.is_empty() {
        spans.push(
            app.look
                .span(format!("marked {} ", app.overview.marks.len()), Role::Late),
        );
    }
    spans.push(
        app.look
            .span(format!("{place}/{}", matrix.rows.list.len()), Role::Quiet),
    );
    spans
}

fn empty(app: &App) -> &'static str {
    let matrix = &app.overview.matrix;
    if app.model().is_empty() {
        " no observation is known yet"
    } else if matrix.rows.filter.is_empty() && !matrix.only_problems && !matrix.only_changed {
        " no observation"
    } else {
        " nothing of this kind; Esc shows all"
    }
}
