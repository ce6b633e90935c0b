//! What is open over the overview. Esc closes it and shows what was there before.

use super::product::Stored;
use super::{App, Events};
use crate::keys::Place;
use crate::model::CellId;
use domain::{ObsId, ProductName};

/// A view that is open over the overview.
#[derive(Debug, Clone)]
pub enum View {
    /// One observation.
    Observation(Box<Opened>),
    /// One pane over the whole screen: providers, runs, alerts, the report.
    Page(Place),
    /// A stored product.
    Product(Box<Stored>),
}

/// One observation, opened.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Which.
    pub obs_id: ObsId,
    /// The input or product under the cursor.
    pub product: ProductName,
    /// The pane that gets the keys.
    pub focus: Place,
    /// The pane under the graph, where only one of them fits.
    pub tab: Place,
    /// Whether the focused pane has the whole screen.
    pub is_zoomed: bool,
    /// Whether all lines of the graph are drawn, or only those of the product under the cursor.
    pub has_all_lines: bool,
    /// How far its detail is scrolled.
    pub top: usize,
    /// What was said of it.
    pub events: Events,
}

impl Opened {
    /// A cell, opened: its product is under the cursor.
    pub fn new(cell: CellId) -> Self {
        Self {
            obs_id: cell.obs_id,
            product: cell.product,
            focus: Place::Graph,
            tab: Place::Detail,
            is_zoomed: false,
            has_all_lines: false,
            top: 0,
            events: Events::default(),
        }
    }

    /// The cell under the cursor.
    pub fn cell(&self) -> CellId {
        CellId {
            obs_id: self.obs_id.clone(),
            product: self.product.clone(),
        }
    }

    /// Goes to another cell, of this observation or another one.
    pub fn go_to(&mut self, cell: CellId) {
        if cell.obs_id != self.obs_id {
            self.events = Events::default();
        }
        if cell != self.cell() {
            self.top = 0;
        }
        self.obs_id = cell.obs_id;
        self.product = cell.product;
    }
}

impl App {
    /// Where the keys go.
    pub fn place(&self) -> Place {
        match self.views.last() {
            None => self.overview.focus,
            Some(View::Observation(opened)) => opened.focus,
            Some(View::Page(place)) => *place,
            Some(View::Product(_)) => Place::Product,
        }
    }

    /// The pane that is shown under the first one, where only one of them fits.
    pub fn tab(&self) -> Place {
        self.opened().map_or(self.overview.tab, |opened| opened.tab)
    }

    /// Whether the focused pane has the whole screen.
    pub fn is_zoomed(&self) -> bool {
        match self.views.last() {
            None => self.overview.is_zoomed,
            Some(View::Observation(opened)) => opened.is_zoomed,
            // It has the whole screen anyway.
            Some(View::Page(_) | View::Product(_)) => false,
        }
    }

    /// The observation that is open, if one is.
    pub fn opened(&self) -> Option<&Opened> {
        match self.views.last()? {
            View::Observation(opened) => Some(opened),
            View::Page(_) | View::Product(_) => None,
        }
    }

    pub(super) fn opened_mut(&mut self) -> Option<&mut Opened> {
        match self.views.last_mut()? {
            View::Observation(opened) => Some(opened),
            View::Page(_) | View::Product(_) => None,
        }
    }

    /// The product that is open, if one is.
    pub fn stored(&self) -> Option<&Stored> {
        match self.views.last()? {
            View::Product(stored) => Some(stored),
            View::Observation(_) | View::Page(_) => None,
        }
    }

    pub(super) fn stored_mut(&mut self) -> Option<&mut Stored> {
        match self.views.last_mut()? {
            View::Product(stored) => Some(stored),
            View::Observation(_) | View::Page(_) => None,
        }
    }

    /// Moves the cursor in the graph, so many columns to the right or rows down.
    pub(super) fn step_node(&mut self, (right, down): (isize, isize)) {
        let (Some(graph), Some(layers), Some(opened)) = (self.model().graph(), self.layers(), self.opened())
        else {
            return;
        };
        let from = graph.place(&opened.product).unwrap_or(0);
        let to = graph.nodes()[layers.beside(from, (right, down))].product.clone();
        self.go_to_product(to);
    }

    /// Moves the cursor to another product in the order of the graph: that of the timeline.
    pub(super) fn step_product(&mut self, by: isize) {
        let (Some(graph), Some(opened)) = (self.model().graph(), self.opened()) else {
            return;
        };
        let made: Vec<&ProductName> = graph
            .nodes()
            .iter()
            .filter(|node| !node.is_input())
            .map(|node| &node.product)
            .collect();
        let at = made
            .iter()
            .position(|product| **product == opened.product)
            .unwrap_or(0);
        let to = at.saturating_add_signed(by).min(made.len().saturating_sub(1));
        if let Some(product) = made.get(to) {
            self.go_to_product((*product).clone());
        }
    }

    fn go_to_product(&mut self, product: ProductName) {
        if let Some(opened) = self.opened_mut() {
            let obs_id = opened.obs_id.clone();
            opened.go_to(CellId { obs_id, product });
        }
    }

    /// Opens a cell of an observation.
    pub(super) fn open(&mut self, cell: CellId) {
        self.views.push(View::Observation(Box::new(Opened::new(cell))));
    }

    /// Gives a pane of the view the focus; the order of the one that is left is no longer held.
    pub fn focus(&mut self, place: Place) {
        let before = self.place();
        if place == before {
            return;
        }
        if let Some(listed) = self.listed_mut(before) {
            listed.let_go();
        }
        let is_below = place.number() > 1;
        let (focus, tab) = match self.views.last_mut() {
            None => (&mut self.overview.focus, &mut self.overview.tab),
            Some(View::Observation(opened)) => (&mut opened.focus, &mut opened.tab),
            // They have one pane.
            Some(View::Page(_) | View::Product(_)) => return,
        };
        *focus = place;
        if is_below {
            *tab = place;
        }
    }

    /// One pane over the whole screen, or all of them.
    pub(super) fn zoom(&mut self, is_zoomed: bool) {
        match self.views.last_mut() {
            None => self.overview.is_zoomed = is_zoomed,
            Some(View::Observation(opened)) => opened.is_zoomed = is_zoomed,
            Some(View::Page(_) | View::Product(_)) => {}
        }
    }
}
