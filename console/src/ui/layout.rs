//! Where the panes are: a pure question of the size, the focus and the zoom.

use crate::keys::Place;
use ratatui::layout::{Constraint, Layout, Rect, Size};

/// From so many columns on all panes stand side by side.
const WIDE: u16 = 110;
/// And from so many rows on.
const TALL: u16 = 32;
/// Below this there is one list and no panes.
const LEAST: Size = Size {
    width: 60,
    height: 16,
};

/// How the screen is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Division {
    /// One list: problems and what runs.
    Small,
    /// The matrix and one pane under it, the others as tabs.
    Tabs,
    /// All panes.
    Panes,
    /// The focused pane.
    Zoomed,
}

/// The parts of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// How it is divided.
    pub division: Division,
    /// The two lines of the header.
    pub header: Rect,
    /// The pinned row of an alert; without height if there is none.
    pub pinned: Rect,
    /// What is between header and footer.
    pub body: Rect,
    /// The keys.
    pub footer: Rect,
}

/// Divides the screen.
pub fn parts(size: Size, is_zoomed: bool, has_alert: bool) -> Parts {
    let all = Rect::from((ratatui::layout::Position::ORIGIN, size));
    let division = if size.width < LEAST.width || size.height < LEAST.height {
        Division::Small
    } else if is_zoomed {
        Division::Zoomed
    } else if size.width >= WIDE && size.height >= TALL {
        Division::Panes
    } else {
        Division::Tabs
    };
    let [header, pinned, body, footer] = Layout::vertical([
        Constraint::Length(2),
        Constraint::Length(u16::from(has_alert)),
        Constraint::Fill(1),
        Constraint::Length(1),
    ])
    .areas(all);
    Parts {
        division,
        header,
        pinned,
        body,
        footer,
    }
}

impl Parts {
    /// Where a pane is; nowhere if it is not shown.
    pub fn pane(&self, place: Place, focus: Place, tab: Place) -> Option<Rect> {
        match self.division {
            Division::Small | Division::Zoomed => (place == focus).then_some(self.body),
            Division::Tabs => {
                let [matrix, lower] =
                    Layout::vertical([Constraint::Fill(11), Constraint::Fill(10)]).areas(self.body);
                if place == Place::Matrix {
                    Some(matrix)
                } else {
                    (place == tab).then_some(lower)
                }
            }
            Division::Panes => {
                let [matrix, middle, lowest] =
                    Layout::vertical([Constraint::Fill(14), Constraint::Fill(10), Constraint::Fill(9)])
                        .areas(self.body);
                let [running, failures] = Layout::horizontal([Constraint::Fill(1); 2]).areas(middle);
                let [services, events] =
                    Layout::horizontal([Constraint::Fill(2), Constraint::Fill(3)]).areas(lowest);
                Some(match place {
                    Place::Matrix => matrix,
                    Place::Running => running,
                    Place::Failures => failures,
                    Place::Services => services,
                    Place::Events => events,
                })
            }
        }
    }
}
