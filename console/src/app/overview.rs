//! What the overview shows of what there is: which pane has the focus, and each pane's list, filter and cursor.

use super::{Filter, List, Order};
use crate::keys::Place;
use crate::model::CellId;
use domain::{ObsId, ProductName, ServiceName};
use std::collections::BTreeSet;
use std::hash::Hash;

/// The overview.
#[derive(Debug, Clone)]
pub struct Overview {
    /// The pane that gets the keys.
    pub focus: Place,
    /// The pane under the matrix, where only one of them fits.
    pub tab: Place,
    /// Whether the focused pane has the whole screen.
    pub is_zoomed: bool,
    /// Observations x products.
    pub matrix: Matrix,
    /// What runs.
    pub running: Rows<CellId>,
    /// What failed, by fingerprint.
    pub failures: Rows<String>,
    /// Who is alive.
    pub services: Rows<ServiceName>,
    /// What is said.
    pub events: Events,
    /// The marked cells.
    pub marks: BTreeSet<CellId>,
}

/// A list and what of it is shown.
#[derive(Debug, Clone)]
pub struct Rows<Id> {
    /// The rows.
    pub list: List<Id>,
    /// What of them is shown.
    pub filter: Filter,
    /// How many there are without the filter.
    pub total: usize,
}

/// The pane of observations x products.
#[derive(Debug, Clone, Default)]
pub struct Matrix {
    /// The observations.
    pub rows: Rows<ObsId>,
    /// The product under the cursor.
    pub column: Option<ProductName>,
    /// What stands first.
    pub order: Order,
    /// Only what has a problem.
    pub only_problems: bool,
    /// Only what changed since the last look.
    pub only_changed: bool,
}

/// The pane of events. There can be a hundred thousand, so there is no list of rows: what is shown is read from the
/// ring, from the cursor upwards.
#[derive(Debug, Clone, Default)]
pub struct Events {
    /// The event under the cursor by its number in the ring; none while new ones are shown as they come.
    pub at: Option<u64>,
    /// What of them is shown.
    pub filter: Filter,
}

impl<Id> Default for Rows<Id> {
    fn default() -> Self {
        Self {
            list: List::default(),
            filter: Filter::default(),
            total: 0,
        }
    }
}

impl<Id: Clone + Eq + Hash> Rows<Id> {
    /// Shows these rows of so many, in so many lines.
    pub(super) fn offer(&mut self, rows: Vec<Id>, total: usize, height: usize) {
        self.total = total;
        self.list.offer(rows);
        self.list.settle(height);
    }
}

impl Default for Overview {
    fn default() -> Self {
        Self {
            focus: Place::Matrix,
            tab: Place::Running,
            is_zoomed: false,
            matrix: Matrix::default(),
            running: Rows::default(),
            failures: Rows::default(),
            services: Rows::default(),
            events: Events::default(),
            marks: BTreeSet::new(),
        }
    }
}

impl Overview {
    /// Gives a pane the focus; the order of the one that is left is no longer held.
    pub fn focus(&mut self, place: Place) {
        if place == self.focus {
            return;
        }
        self.let_go();
        self.focus = place;
        if place != Place::Matrix {
            self.tab = place;
        }
    }

    /// What is shown of a pane.
    pub fn filter(&self, place: Place) -> &Filter {
        match place {
            Place::Matrix => &self.matrix.rows.filter,
            Place::Running => &self.running.filter,
            Place::Failures => &self.failures.filter,
            Place::Services => &self.services.filter,
            Place::Events => &self.events.filter,
        }
    }

    /// Shows something else of a pane.
    pub fn set_filter(&mut self, place: Place, filter: Filter) {
        let of = match place {
            Place::Matrix => &mut self.matrix.rows.filter,
            Place::Running => &mut self.running.filter,
            Place::Failures => &mut self.failures.filter,
            Place::Services => &mut self.services.filter,
            Place::Events => &mut self.events.filter,
        };
        *of = filter;
    }

    /// Moves the cursor of the focused pane to a row as it is seen, counted from the top.
    pub(super) fn point(&mut self, row: usize) {
        match self.focus {
            Place::Matrix => self.matrix.rows.list.point(row),
            Place::Running => self.running.list.point(row),
            Place::Failures => self.failures.list.point(row),
            Place::Services => self.services.list.point(row),
            Place::Events => {}
        }
    }

    /// Whether the order of the focused pane is held.
    pub fn is_held(&self) -> bool {
        match self.focus {
            Place::Matrix => self.matrix.rows.list.is_held(),
            Place::Running => self.running.list.is_held(),
            Place::Failures => self.failures.list.is_held(),
            Place::Services => self.services.list.is_held(),
            Place::Events => false,
        }
    }

    /// Lets the order of the focused pane go.
    pub fn let_go(&mut self) {
        match self.focus {
            Place::Matrix => self.matrix.rows.list.let_go(),
            Place::Running => self.running.list.let_go(),
            Place::Failures => self.failures.list.let_go(),
            Place::Services => self.services.list.let_go(),
            Place::Events => {}
        }
    }
}
