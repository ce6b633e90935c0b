//! The full width in reverse while what is shown is not what is.

use crate::app::App;
use crate::model::{Link, Peer};
use crate::ui::text::{clock, fit, span};
use crate::ui::theme::Role;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Draws it, if there is something to say, and says so.
pub(super) fn draw(frame: &mut Frame, area: Rect, app: &App) -> bool {
    let Some(text) = text(app) else { return false };
    let text = fit(&format!(" {text}"), usize::from(area.width), app.look.glyphs);
    frame.render_widget(Line::styled(text, app.look.style(Role::Banner)), area);
    true
}

fn text(app: &App) -> Option<String> {
    let links = app.live().links();
    let (nats, conductor) = (links.to(Peer::Nats), links.to(Peer::Conductor));
    let lost = match (nats.is_down(), conductor.is_down()) {
        (true, true) => format!("NATS AND CONDUCTOR LOST {}", since(app, nats)),
        (true, false) => format!("NATS LOST {}", since(app, nats)),
        (false, true) => format!("CONDUCTOR LOST {}", since(app, conductor)),
        (false, false) => return None,
    };
    let heard = app.live().counters().heard_at();
    let data = heard.map_or_else(
        || "no data yet".to_owned(),
        |at| format!("data as of {}", clock(at)),
    );
    let acts = if conductor.is_down() { ", acts blocked" } else { "" };
    Some(format!("{lost} - {data}{acts}, retrying"))
}

fn since(app: &App, link: &Link) -> String {
    link.since
        .map(|since| span(app.now.duration_since(since)))
        .unwrap_or_default()
}
