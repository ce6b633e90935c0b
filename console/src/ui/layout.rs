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

/// How the rows of panes share the height.
const OVERVIEW: [u16; 3] = [14, 10, 9];
const OBSERVATION: [u16; 3] = [18, 10, 5];

/// How the screen is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Division {
    /// One list: problems and what runs.
    Small,
    /// The first pane and another one under it, the rest as tabs.
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
        if place.view().len() == 1 {
            return (place == focus).then_some(self.body);
        }
        match self.division {
            Division::Small | Division::Zoomed => (place == focus).then_some(self.body),
            Division::Tabs => {
                let [first, lower] =
                    Layout::vertical([Constraint::Fill(11), Constraint::Fill(10)]).areas(self.body);
                if place.number() == 1 {
                    Some(first)
                } else {
                    (place == tab).then_some(lower)
                }
            }
            Division::Panes => Some(self.side_by_side(place)),
        }
    }

    fn side_by_side(&self, place: Place) -> Rect {
        let rows = |heights: [u16; 3]| Layout::vertical(heights.map(Constraint::Fill)).areas::<3>(self.body);
        let halves = |area: Rect, left: u16, right: u16| {
            Layout::horizontal([Constraint::Fill(left), Constraint::Fill(right)]).areas::<2>(area)
        };
        match place {
            Place::Matrix => rows(OVERVIEW)[0],
            Place::Running => halves(rows(OVERVIEW)[1], 1, 1)[0],
            Place::Failures => halves(rows(OVERVIEW)[1], 1, 1)[1],
            Place::Services => halves(rows(OVERVIEW)[2], 2, 3)[0],
            Place::Events => halves(rows(OVERVIEW)[2], 2, 3)[1],
            Place::Graph => halves(rows(OBSERVATION)[0], 2, 1)[0],
            Place::Detail => halves(rows(OBSERVATION)[0], 2, 1)[1],
            Place::Timeline => rows(OBSERVATION)[1],
            Place::History => rows(OBSERVATION)[2],
            Place::Providers | Place::Runs | Place::Report | Place::Alerts | Place::Product => self.body,
        }
    }
}
