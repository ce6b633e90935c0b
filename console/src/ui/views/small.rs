//! A terminal that is too small for panes: what has a problem, then what runs.

use crate::app::App;
use crate::model::CellId;
use crate::ui::text::fit;
use crate::ui::theme::Role;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

pub(super) fn draw(frame: &mut Frame, area: Rect, app: &App) {
    let model = app.model();
    let cells = model.problems().chain(model.running(0));
    let focused = app.focused_cell();
    let rows = cells.map(|cell| {
        row(
            app,
            &cell,
            usize::from(area.width),
            focused.as_ref() == Some(&cell),
        )
    });
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        let text = "nothing has failed, nothing runs";
        frame.render_widget(app.look.span(text, Role::Quiet), area);
        return;
    }
    for (line, row) in rows.zip(area.rows()) {
        frame.render_widget(line, row);
    }
}

fn row(app: &App, id: &CellId, width: usize, is_focused: bool) -> Line<'static> {
    let Some(cell) = app.model().cell(id) else {
        return Line::default();
    };
    let style = if is_focused {
        app.look.style(Role::Selected)
    } else {
        Style::new()
    };
    let text = format!("{id} {}", cell.reason().unwrap_or_default());
    let span = app.look.span(
        fit(&format!(" {text}"), width.saturating_sub(1), app.look.glyphs),
        Role::Text,
    );
    Line::from_iter([app.look.cell(cell), span]).patch_style(style)
}
