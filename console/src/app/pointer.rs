//! Clicks and the wheel, for whoever wants them; no action needs them.

use super::rows::{lines_of_a_head, lines_of_a_row};
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
        let line = usize::from(point.y - area(place)?.y).checked_sub(1 + lines_of_a_head(place));
        Some((place, line.map(|line| line / lines_of_a_row(place))))
    }
}
