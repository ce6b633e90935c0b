//! What a pane of rows can do, whatever its rows are.

use super::{App, Filter};
use crate::keys::Place;

/// A pane of rows.
pub trait Listed {
    /// What of the rows is shown.
    fn filter(&self) -> &Filter;

    /// Shows something else of them.
    fn set_filter(&mut self, filter: Filter);

    /// Whether their order is held.
    fn is_held(&self) -> bool;

    /// How many rows would move if their order were let go.
    fn displaced(&self) -> usize;

    /// Lets their order go.
    fn let_go(&mut self);

    /// Moves the cursor to a row as it is seen, counted from the top.
    fn point(&mut self, row: usize);

    /// Moves the cursor by so many rows, and holds the order: from now on nothing moves under the cursor.
    fn step(&mut self, by: isize);
}

impl App {
    /// The rows of a pane; none of one that has no list.
    pub fn listed(&self, place: Place) -> Option<&dyn Listed> {
        let overview = &self.overview;
        match place {
            Place::Matrix => Some(&overview.matrix.rows),
            Place::Running => Some(&overview.running),
            Place::Failures => Some(&overview.failures),
            Place::Services => Some(&overview.services),
            Place::Providers => Some(&self.pages.providers),
            Place::Runs => Some(&self.pages.runs.rows),
            Place::Alerts => Some(&self.pages.alerts),
            Place::Report
            | Place::Product
            | Place::Events
            | Place::History
            | Place::Graph
            | Place::Detail
            | Place::Timeline => None,
        }
    }

    /// The rows of a pane; none of one that has no list.
    pub(super) fn listed_mut(&mut self, place: Place) -> Option<&mut dyn Listed> {
        if place == Place::Running {
            self.take_all_running();
        }
        let overview = &mut self.overview;
        match place {
            Place::Matrix => Some(&mut overview.matrix.rows),
            Place::Running => Some(&mut overview.running),
            Place::Failures => Some(&mut overview.failures),
            Place::Services => Some(&mut overview.services),
            Place::Providers => Some(&mut self.pages.providers),
            Place::Runs => Some(&mut self.pages.runs.rows),
            Place::Alerts => Some(&mut self.pages.alerts),
            Place::Report
            | Place::Product
            | Place::Events
            | Place::History
            | Place::Graph
            | Place::Detail
            | Place::Timeline => None,
        }
    }

    /// What is shown of a pane, where that can be chosen.
    pub fn filter(&self, place: Place) -> Option<&Filter> {
        match (self.listed(place), self.events_at(place)) {
            (Some(listed), _) => Some(listed.filter()),
            (None, Some(events)) => Some(&events.filter),
            (None, None) => None,
        }
    }

    /// Shows something else of a pane.
    pub(super) fn set_filter(&mut self, place: Place, filter: Filter) {
        if let Some(events) = self.events_at_mut(place) {
            events.filter = filter;
        } else if let Some(listed) = self.listed_mut(place) {
            listed.set_filter(filter);
        }
    }
}
