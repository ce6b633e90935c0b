//! What calls for a human, the worst first, what did, and who has seen it.

use super::{empty, moved, row};
use crate::app::App;
use crate::keys::Place;
use crate::model::Question;
use crate::ui::text::fit;
use crate::ui::theme::Role;
use crate::ui::views::frame::{self, cursor};
use api::conductor::AlertView;
use domain::Severity;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

pub(super) fn draw(to: &mut Frame, area: Rect, app: &App) {
    let alerts = app.alerts();
    let open = alerts.iter().filter(|alert| alert.cleared_at.is_none());
    let unseen = open.filter(|alert| alert.acknowledged.is_none()).count();
    let note = app
        .look
        .span(format!("{unseen} open and not acknowledged "), Role::Quiet);
    let inside = frame::pane(app, Place::Alerts)
        .note([note].into_iter().chain(moved(app, Place::Alerts)))
        .draw(to, area, &app.look);
    let list = &app.pages.alerts.list;
    let (top, rows) = list.window(app.height(Place::Alerts));
    let lines = rows.iter().enumerate().flat_map(|(index, fingerprint)| {
        let is_focused = Some(top + index) == list.index();
        let alert = alerts.iter().find(|alert| alert.fingerprint == *fingerprint);
        alert.map_or_else(Vec::new, |alert| {
            told(app, alert, is_focused, usize::from(inside.width))
        })
    });
    for (line, area) in lines.zip(inside.rows()) {
        to.render_widget(line, area);
    }
    let failed = app.none(&Question::Alerts);
    if rows.is_empty() {
        let (text, role) = match failed {
            Some(why) => (why, Role::Late),
            None if app.awaits(&Question::Alerts) => ("the conductor is asked for alerts", Role::Quiet),
            None if alerts.is_empty() => ("no alert stands, and none did", Role::Good),
            None => ("no alert is as the filter wants it", Role::Quiet),
        };
        empty(to, inside, app, 0, (text, role));
    }
}

/// Two lines: what and since when; what it is about, and who has seen it.
fn told(app: &App, alert: &AlertView, is_focused: bool, width: usize) -> Vec<Line<'static>> {
    let look = &app.look;
    let when = |at| crate::cells::when(at, app.now);
    let (word, role) = match (alert.cleared_at, alert.severity) {
        (Some(_), _) => ("over", Role::Quiet),
        (None, _) if alert.acknowledged.is_some() => ("seen", Role::Caution),
        (None, Severity::Warning) => ("warning", Role::Late),
        (None, Severity::Critical) => ("CRITICAL", Role::Failed),
    };
    let until = alert
        .cleared_at
        .map_or_else(String::new, |at| format!(" until {}", when(at)));
    let head = format!("{} since {}{until}", alert.title, when(alert.since));
    let targets = match usize::try_from(alert.count).unwrap_or(usize::MAX) {
        0 => String::new(),
        count if count > alert.targets.len() => {
            format!("{} of {count}: {}", alert.targets.len(), alert.targets.join(", "))
        }
        _ => alert.targets.join(", "),
    };
    let seen = match &alert.acknowledged {
        Some(seen) => format!("{}; ", crate::cells::seen(seen, app.now)),
        None => String::new(),
    };
    let first = Line::from_iter([
        cursor(app, is_focused),
        look.span(format!("{word:<9}"), role),
        look.span(fit(&head, width.saturating_sub(10), look.glyphs), Role::Text),
    ]);
    let second = look.span(
        fit(&format!("          {seen}{targets}"), width, look.glyphs),
        Role::Quiet,
    );
    vec![row(app, first, is_focused), second.into()]
}
