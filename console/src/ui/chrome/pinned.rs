//! The row of the newest alert that nobody has seen: it stays until the alert is over, and is quiet once somebody has
//! seen all of them.

use crate::app::App;
use crate::ui::text::{clock, fit};
use crate::ui::theme::Role;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

pub(super) fn draw(frame: &mut Frame, area: Rect, app: &App) {
    let model = app.live();
    let alerts = model.alerts().newest_first();
    let unseen = alerts
        .iter()
        .find(|(_, alert)| model.seen_by(&alert.fingerprint).is_none());
    let Some((at, alert)) = unseen.or(alerts.first()) else {
        return;
    };
    let others = match alerts.len() {
        1 => String::new(),
        count => format!(" (+{})", count - 1),
    };
    let said = format!(
        "{} {}: {}{others}  ga goes there",
        clock(*at),
        alert.title,
        alert.targets.join(", ")
    );
    let (text, style) = if let Some(seen) = model.seen_by(&alert.fingerprint) {
        (
            format!(" seen by {}: {said}", seen.by),
            app.look.style(Role::Quiet),
        )
    } else {
        let style = app.look.style(Role::Failed).patch(app.look.style(Role::Selected));
        (format!(" ALERT {said}"), style)
    };
    let text = fit(&text, usize::from(area.width), app.look.glyphs);
    frame.render_widget(Line::styled(text, style), area);
}
