//! Clicks and the wheel, for whoever wants them; no action needs them.

use super::{Action, App, Effect, Motion, update};
use crate::keys::Place;
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

impl App {
    /// A click goes to the pane and the row under it, the wheel moves the cursor of the pane under it.
    pub fn point(&mut self, mouse: MouseEvent) -> Vec<Effect> {
        if self.layer.is_some() {
            return vec![];
        }
        let Some((place, row)) = self.under(Position::new(mouse.column, mouse.row)) else {
            return vec![];
        };
        let motion = match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => None,
            MouseEventKind::ScrollUp => Some(Motion::Up),
            MouseEventKind::ScrollDown => Some(Motion::Down),
            MouseEventKind::Down(_)
            | MouseEventKind::Up(_)
            | MouseEventKind::Drag(_)
            | MouseEventKind::Moved
            | MouseEventKind::ScrollLeft
            | MouseEventKind::ScrollRight => return vec![],
        };
        self.focus(place);
        let effects = match (motion, row) {
            (Some(motion), _) => update(self, Action::Move(motion)),
            (None, Some(row)) => {
                if let Some(listed) = self.listed_mut(place) {
                    listed.point(row);
                }
                vec![]
            }
            (None, None) => vec![],
        };
        self.offer_rows();
        effects
    }

    /// The pane under a point, and which of its rows.
    fn under(&self, point: Position) -> Option<(Place, Option<usize>)> {
        let area = |place| self.pane(place);
        let mut places = self.place().view().iter().copied();
        let place = places.find(|place| area(*place).is_some_and(|area| area.contains(point)))?;
        let has_head = matches!(place, Place::Matrix | Place::Providers | Place::Runs);
        let above = 1 + u16::from(has_head);
        let line = (point.y - area(place)?.y).checked_sub(above).map(usize::from);
        let lines = match place {
            Place::Failures => super::rows::LINES_OF_A_FAILURE,
            Place::Alerts => super::rows::LINES_OF_AN_ALERT,
            Place::Matrix
            | Place::Running
            | Place::Services
            | Place::Events
            | Place::Graph
            | Place::Detail
            | Place::Timeline
            | Place::History
            | Place::Providers
            | Place::Runs
            | Place::Report
            | Place::Product => 1,
        };
        Some((place, line.map(|line| line / lines)))
    }
}
