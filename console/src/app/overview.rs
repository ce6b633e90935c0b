//! What the overview shows of what there is: which pane has the focus, and each pane's list, filter and cursor.

use super::rows::Offer;
use super::{Events, Filter, List, Listed, Order};
use crate::keys::Place;
use crate::model::{CellId, FailureId};
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
    /// What failed, by cause.
    pub failures: Rows<FailureId>,
    /// Who is alive.
    pub services: Rows<ServiceName>,
    /// What is said.
    pub events: Events,
    /// The marked cells.
    pub marks: BTreeSet<CellId>,
    /// The one that was marked last: a range begins at it.
    pub marked_last: Option<CellId>,
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
    /// What was offered last.
    pub(super) offered: Option<Offer>,
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
    /// How many columns the longest of the ids takes.
    pub longest_id: usize,
}

impl<Id> Default for Rows<Id> {
    fn default() -> Self {
        Self {
            list: List::default(),
            filter: Filter::default(),
            total: 0,
            offered: None,
        }
    }
}

impl<Id: Clone + Eq + Hash> Listed for Rows<Id> {
    fn filter(&self) -> &Filter {
        &self.filter
    }

    fn set_filter(&mut self, filter: Filter) {
        self.filter = filter;
    }

    fn is_held(&self) -> bool {
        self.list.is_held()
    }

    fn displaced(&self) -> usize {
        self.list.displaced()
    }

    fn let_go(&mut self) {
        self.list.let_go();
    }

    fn point(&mut self, row: usize) {
        self.list.point(row);
    }

    fn step(&mut self, by: isize) {
        self.list.hold();
        self.list.step(by);
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
            marked_last: None,
        }
    }
}
