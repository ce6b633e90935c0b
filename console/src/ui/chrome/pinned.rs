//! The row of the newest alert: it stays until the alert is over.

use crate::app::App;
use crate::ui::text::{clock, fit};
use crate::ui::theme::Role;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

pub(super) fn draw(frame: &mut Frame, area: Rect, app: &App) {
    let alerts = app.live().alerts().newest_first();
    let Some((at, alert)) = alerts.first() else { return };
    let others = match alerts.len() {
        1 => String::new(),
        count => format!(" (+{})", count - 1),
    };
    let targets = alert.targets.join(", ");
    let text = format!(
        " ALERT {} {}: {targets}{others}  ga goes there",
        clock(*at),
        alert.title
    );
    let text = fit(&text, usize::from(area.width), app.look.glyphs);
    let style = app.look.style(Role::Failed).patch(app.look.style(Role::Selected));
    frame.render_widget(Line::styled(text, style), area);
}
