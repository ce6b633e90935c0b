//! Which rows the panes show, and in which order.

use super::{App, Order};
use crate::keys::Place;
use crate::model::{CellId, FailureId, Observation};
use domain::{ObsId, ServiceName};
use std::cmp::Reverse;

/// How many lines of a pane stand above its rows: the first of some names the columns.
pub(super) fn lines_of_a_head(place: Place) -> usize {
    usize::from(matches!(place, Place::Matrix | Place::Providers | Place::Runs))
}

/// How many lines a row of a pane takes.
pub(super) fn lines_of_a_row(place: Place) -> usize {
    match place {
        // It says in a second line why, and in a third what it blocks.
        Place::Failures => 3,
        // It says in a second line what it is about.
        Place::Alerts => 2,
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
    }
}

impl App {
    /// Offers every pane what it should show now, and scrolls it to its cursor.
    pub(super) fn offer_rows(&mut self) {
        let (observations, running) = (self.observations(), self.running());
        let (failures, services) = (self.failures(), self.services());
        let model = self.model();
        let totals = [
            model.len(),
            model.running().len(),
            model.failures().len(),
            model.services().len(),
        ];
        let heights =
            [Place::Matrix, Place::Running, Place::Failures, Place::Services].map(|place| self.height(place));
        let overview = &mut self.overview;
        overview.matrix.rows.offer(observations, totals[0], heights[0]);
        overview.running.offer(running, totals[1], heights[1]);
        overview.failures.offer(failures, totals[2], heights[2]);
        overview.services.offer(services, totals[3], heights[3]);
        self.offer_page();
        self.read_product();
    }

    /// How many rows of a pane are seen.
    pub fn height(&self, place: Place) -> usize {
        let pane = self.pane(place);
        let inside = pane.map_or(0, |pane| usize::from(pane.height.saturating_sub(2)));
        match (
            inside.saturating_sub(lines_of_a_head(place)),
            lines_of_a_row(place),
        ) {
            (lines, 1) => lines,
            // Of a row that does not fit, the beginning is seen.
            (lines, of_a_row) => (lines / of_a_row).max(1),
        }
    }

    /// How many rows a page of the focused pane has.
    pub(super) fn page(&self) -> isize {
        isize::try_from(self.height(self.place())).unwrap_or(isize::MAX)
    }

    fn observations(&self) -> Vec<ObsId> {
        let model = self.model();
        let matrix = &self.overview.matrix;
        let is_shown = |observation: &Observation<'_>| {
            let is_problem = observation.counts().problems() > 0 || observation.is_late();
            (!matrix.only_problems || is_problem)
                && (!matrix.only_changed || observation.changed_since(self.last_look))
                && matrix.rows.filter.shows(observation)
        };
        let all = model
            .by_attention()
            .iter()
            .filter_map(|obs_id| model.observation(obs_id));
        let mut shown: Vec<Observation<'_>> = all.filter(is_shown).collect();
        match matrix.order {
            Order::Attention => {}
            Order::Newest => shown.sort_by_key(|observation| Reverse(observation.updated_at())),
            Order::Id => shown.sort_by_key(|observation| observation.obs_id()),
            Order::Open => shown.sort_by_key(|observation| Reverse(observation.counts().open())),
        }
        shown
            .into_iter()
            .map(|observation| observation.obs_id().clone())
            .collect()
    }

    fn running(&self) -> Vec<CellId> {
        let filter = &self.overview.running.filter;
        let running = self.model().running();
        if filter.is_empty() {
            return running.to_vec();
        }
        running
            .iter()
            .filter(|cell| self.model().cell(cell).is_some_and(|cell| filter.shows(&cell)))
            .cloned()
            .collect()
    }

    fn failures(&self) -> Vec<FailureId> {
        let filter = &self.overview.failures.filter;
        let failures = self.model().failures().iter();
        let shown = failures.filter(|failure| filter.shows(&(self.model(), *failure)));
        shown.map(|failure| failure.id.clone()).collect()
    }

    fn services(&self) -> Vec<ServiceName> {
        let filter = &self.overview.services.filter;
        let services = self.model().services().iter();
        let shown = services.filter(|service| filter.shows(*service));
        shown.map(|service| service.service.clone()).collect()
    }
}
