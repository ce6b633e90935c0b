//! Who is alive, how busy they are, and what they say of themselves.

use crate::app::App;
use crate::keys::Place;
use crate::model::{Liveness, Service};
use crate::ui::glyphs::Sign;
use crate::ui::text::{age, fit};
use crate::ui::theme::Role;
use crate::ui::views::frame::{self, column, cursor};
use domain::{ProviderName, ProviderState, ServiceState};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub(super) fn draw(to: &mut Frame, area: Rect, app: &App) {
    let inside = frame::pane(app, Place::Services).draw(to, area, &app.look);
    let list = &app.overview.services.list;
    let (top, rows) = list.window(usize::from(inside.height));
    for ((index, name), area) in rows.iter().enumerate().zip(inside.rows()) {
        let Some(service) = app.model().services().get(name) else {
            continue;
        };
        let is_focused = app.place() == Place::Services && Some(top + index) == list.index();
        to.render_widget(row(app, service, is_focused, usize::from(inside.width)), area);
    }
    if rows.is_empty() {
        to.render_widget(app.look.span(" no service was heard of yet", Role::Quiet), inside);
    }
}

fn row(app: &App, service: &Service, is_focused: bool, width: usize) -> Line<'static> {
    let look = &app.look;
    let (sign, role, word) = how(app, service);
    let name = 20.min(width / 2);
    let load = format!(
        "{:>5} {:>3}+{:<3}",
        age(service.age(app.now)),
        service.in_flight,
        service.queued
    );
    let rest = width.saturating_sub(3 + name + 1 + load.len() + 1);
    let text = if service.detail.is_empty() {
        word
    } else {
        format!("{word} {}", service.detail)
    };
    let line = Line::from_iter([
        cursor(app, is_focused),
        look.sign(sign, role),
        Span::raw(" "),
        column(app, service.service.as_str(), name, Role::Text),
        look.span(format!(" {load} "), Role::Text),
        look.span(fit(text.trim_start(), rest, look.glyphs), role),
    ]);
    if is_focused {
        line.patch_style(look.style(Role::Selected))
    } else {
        line
    }
}

/// What it is like: silence says more than its last words, and a paused provider more than that it is well.
fn how(app: &App, service: &Service) -> (Sign, Role, String) {
    let provider = service.service.as_str().parse::<ProviderName>().ok();
    let state = provider
        .and_then(|provider| app.model().providers().get(&provider))
        .map(|view| view.state);
    let said = |sign, role| (sign, role, format!("{:?}", service.state).to_lowercase());
    match (service.liveness(app.now), state) {
        (Liveness::Lost, _) => (Sign::Lost, Role::Failed, "LOST".to_owned()),
        (Liveness::Late, _) => (Sign::Late, Role::Late, "LATE".to_owned()),
        (Liveness::Stopped, _) => (Sign::Lost, Role::Caution, "stopped".to_owned()),
        (
            Liveness::Alive,
            Some(state @ (ProviderState::Paused | ProviderState::Draining | ProviderState::Open)),
        ) => (Sign::Late, Role::Caution, format!("{state:?}").to_uppercase()),
        (Liveness::Alive, _) => match service.state {
            ServiceState::Ready | ServiceState::Busy => (Sign::Well, Role::Quiet, String::new()),
            ServiceState::Degraded => said(Sign::Late, Role::Late),
            ServiceState::Starting | ServiceState::Draining | ServiceState::Stopped => {
                said(Sign::Late, Role::Caution)
            }
        },
    }
}
