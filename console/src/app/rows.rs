//! Which rows the panes show, and in which order.

use super::{App, Filter, Order, list};
use crate::keys::Place;
use crate::model::{CellId, Editions, FailureId, Mark, Model, Observation};
use domain::{ObsId, ServiceName};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr as _;

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

/// What the rows of a pane depend on: as long as it is the same, so are they.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    /// Which edition of the list of the model it is.
    edition: u64,
    /// Everything else of the model, where some of it says which rows are shown or in which order.
    others: Option<(Mark, Editions)>,
    filter: Filter,
    order: Order,
    /// Whether there are only problems, and only what changed after this.
    only: (bool, Option<Mark>),
    is_held: bool,
}

impl Offer {
    /// Rows that follow a list of the model, as far as a filter shows them.
    fn new(model: &Model, edition: u64, filter: &Filter, is_held: bool) -> Self {
        Self {
            edition,
            others: (!filter.is_empty()).then(|| (model.mark(), model.editions())),
            filter: filter.clone(),
            order: Order::Attention,
            only: (false, None),
            is_held,
        }
    }
}

/// The order of what runs.
struct Running<'m>(&'m Model);

impl list::Order<CellId> for Running<'_> {
    fn len(&self) -> usize {
        self.0.running_len()
    }

    fn place(&self, id: &CellId) -> Option<usize> {
        self.0.running_place(id)
    }

    fn rows(&self, from: usize, count: usize) -> Vec<CellId> {
        self.0.running(from).take(count).collect()
    }
}

impl App {
    /// Offers every pane what it should show now, and scrolls it to its cursor.
    pub(super) fn offer_rows(&mut self) {
        self.offer_observations();
        self.offer_running();
        self.offer_failures();
        let (services, total) = (self.services(), self.model().services().len());
        let height = self.height(Place::Services);
        self.overview.services.offer(services, total, height);
        self.offer_page();
        self.read_product();
    }

    fn offer_observations(&mut self) {
        let (total, height) = (self.model().len(), self.height(Place::Matrix));
        let offer = self.offer_of_observations();
        let rows = &self.overview.matrix.rows;
        if rows.offered.as_ref() != Some(&offer) {
            let observations = self.observations();
            let matrix = &mut self.overview.matrix;
            matrix.rows.offered = Some(offer);
            matrix.longest_id = longest(&observations);
            matrix.rows.list.offer(observations);
        }
        let rows = &mut self.overview.matrix.rows;
        rows.total = total;
        rows.list.settle(height);
    }

    fn offer_of_observations(&self) -> Offer {
        let (model, matrix) = (self.model(), &self.overview.matrix);
        let offer = Offer::new(
            model,
            model.editions().attention,
            &matrix.rows.filter,
            matrix.rows.list.is_held(),
        );
        let depends = matrix.order.follows_every_change() || matrix.only_problems || matrix.only_changed;
        Offer {
            others: offer
                .others
                .or_else(|| depends.then(|| (model.mark(), model.editions()))),
            order: matrix.order,
            only: (
                matrix.only_problems,
                matrix.only_changed.then_some(self.last_look),
            ),
            ..offer
        }
    }

    /// There can be a hundred thousand, so that only those are taken that are seen, unless somebody is among them.
    fn offer_running(&mut self) {
        let height = self.height(Place::Running);
        let total = self.model().running_len();
        let running = &self.overview.running;
        let is_narrowed = !running.filter.is_empty() || running.list.is_held();
        let offer = is_narrowed.then(|| {
            let (model, is_held) = (self.model(), running.list.is_held());
            Offer::new(model, model.editions().running, &running.filter, is_held)
        });
        if offer.is_none() {
            // Borrowed of the parts, since the list is changed while the model is read.
            let model = self.frozen.as_ref().map_or(&self.live, |frozen| &frozen.1);
            self.overview.running.list.follow(&Running(model), height);
        } else if running.offered != offer {
            self.take_all_running();
            let shown = self.running();
            self.overview.running.list.offer(shown);
        }
        let running = &mut self.overview.running;
        running.offered = offer;
        running.total = total;
        running.list.settle(height);
    }

    fn offer_failures(&mut self) {
        let (model, rows) = (self.model(), &self.overview.failures);
        let (total, height) = (model.failures_len(), self.height(Place::Failures));
        let offer = Offer::new(
            model,
            model.editions().failures,
            &rows.filter,
            rows.list.is_held(),
        );
        if rows.offered.as_ref() != Some(&offer) {
            let failures = self.failures();
            let rows = &mut self.overview.failures;
            rows.offered = Some(offer);
            rows.list.offer(failures);
        }
        let rows = &mut self.overview.failures;
        rows.total = total;
        rows.list.settle(height);
    }

    /// Takes all that runs into its list, for who moves in it.
    pub(super) fn take_all_running(&mut self) {
        if !self.overview.running.list.is_whole() {
            let running = self.running();
            self.overview.running.list.offer(running);
        }
    }

    /// All that runs, as far as it is shown.
    pub(super) fn running_rows(&self) -> Cow<'_, [CellId]> {
        let list = &self.overview.running.list;
        if list.is_whole() {
            return Cow::Borrowed(list.rows());
        }
        Cow::Owned(self.running())
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
        let (model, filter) = (self.model(), &self.overview.running.filter);
        let is_shown = |cell: &CellId| model.cell(cell).is_some_and(|cell| filter.shows(&cell));
        model
            .running(0)
            .filter(|cell| filter.is_empty() || is_shown(cell))
            .collect()
    }

    fn failures(&self) -> Vec<FailureId> {
        let filter = &self.overview.failures.filter;
        let failures = self.model().failures();
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

/// How many columns the longest of ids takes.
fn longest(obs_ids: &[ObsId]) -> usize {
    let mut text = String::new();
    let widths = obs_ids.iter().map(|obs_id| {
        text.clear();
        let _ = write!(text, "{obs_id}");
        text.width()
    });
    widths.max().unwrap_or(0)
}
