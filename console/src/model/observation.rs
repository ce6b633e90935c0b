//! One observation: its row, and how it is read.

use super::seen::Seen;
use super::share::Share;
use super::texts::{TextId, Texts};
use super::{CellRef, Counts, Mark, Model, cell};
use domain::{CellState, ObsId, ProductName};
use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An answer that has not come after this will not come.
const ASK_AGAIN: SignedDuration = SignedDuration::from_secs(5);

/// What is kept of an observation.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) obs_id: Arc<ObsId>,
    pub(super) burst_id: Option<SmolStr>,
    pub(super) first_at: Option<Timestamp>,
    pub(super) updated_at: Timestamp,
    /// By the number of the product.
    pub(super) cells: Vec<cell::Row>,
    /// By state: counted in the cells once they are known, before that as the list says it.
    pub(super) counts: Counts,
    /// Whether a snapshot has brought its cells; before that some may have been heard of.
    pub(super) is_known: bool,
    /// The sequence of the model when it was heard of last, live.
    pub(super) heard: u64,
    /// The sequence of the model when any of its cells changed last.
    pub(super) changed: u64,
    /// The resync that brought it last.
    pub(super) listed: u64,
    /// When it was asked for last.
    asked_at: Option<Timestamp>,
    /// Late cells, as the last look at the clock found them.
    pub(super) late: u32,
    /// Why cells failed, by the number of the product: the fingerprints of those that have one.
    pub(super) causes: BTreeMap<u32, TextId>,
    /// Failed cells that somebody has seen, as the last look found them.
    acknowledged: u32,
    /// What it adds to the lists, as they are.
    pub(super) share: Share,
    /// Whether something was heard of it that the lists do not have yet.
    pub(super) is_stale: bool,
}

impl Row {
    pub(super) fn new(obs_id: Arc<ObsId>, now: Timestamp) -> Self {
        Self {
            obs_id,
            burst_id: None,
            first_at: None,
            updated_at: now,
            cells: Vec::new(),
            counts: Counts::default(),
            is_known: false,
            heard: 0,
            changed: 0,
            listed: 0,
            asked_at: None,
            late: 0,
            causes: BTreeMap::new(),
            acknowledged: 0,
            share: Share::default(),
            is_stale: false,
        }
    }

    /// The cell of a product; the place is made if there is none yet.
    pub(super) fn cell_mut(&mut self, product: u32) -> &mut cell::Row {
        let place = product as usize;
        if self.cells.len() <= place {
            self.cells.resize(place + 1, cell::Row::default());
        }
        &mut self.cells[place]
    }

    /// Whether the conductor should be asked for it: not with each word that is heard of it.
    pub(super) fn is_to_be_asked_for(&mut self, now: Timestamp) -> bool {
        let is_due = self
            .asked_at
            .is_none_or(|at| now.duration_since(at).abs() >= ASK_AGAIN);
        if is_due {
            self.asked_at = Some(now);
        }
        is_due
    }

    /// Whether its counts are those of its cells. Until they are known, those of the list are nearer to the truth.
    pub(super) fn is_counted_by_cell(&self) -> bool {
        self.is_known || self.listed == 0
    }

    /// Counts what is known of the cells.
    pub(super) fn recount(&mut self) {
        self.counts = Counts::default();
        for cell in self
            .cells
            .iter()
            .filter(|cell| cell.state != CellState::NotExpected)
        {
            self.counts.up(cell.state);
        }
    }

    /// Keeps the counts true when a cell has changed.
    pub(super) fn moved(&mut self, before: cell::Row, after: cell::Row, totals: &mut Counts) {
        for (cell, is_there) in [(before, false), (after, true)] {
            if cell.state == CellState::NotExpected {
                continue;
            }
            for counts in [&mut self.counts, totals] {
                if is_there {
                    counts.up(cell.state);
                } else {
                    counts.down(cell.state);
                }
            }
        }
    }

    /// Notes why a cell failed, or that it did not; says whether that is news.
    pub(super) fn failed_for(&mut self, product: u32, cause: Option<&str>, texts: &mut Texts) -> bool {
        let mut id = self.causes.remove(&product).unwrap_or(TextId::NONE);
        let is_news = texts.replace(&mut id, cause);
        if id != TextId::NONE {
            self.causes.insert(product, id);
        }
        is_news
    }

    /// Counts the failed cells that somebody has seen, and says whether they are more or fewer than before.
    pub(super) fn count_seen(&mut self, seen: &Seen, texts: &Texts) -> bool {
        let causes = self.causes.values().filter_map(|cause| texts.get(*cause));
        let count = causes.filter(|cause| seen.by(cause).is_some()).count();
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        std::mem::replace(&mut self.acknowledged, count) != count
    }

    /// Whether a failure of it was not seen by anybody yet.
    pub(super) fn wants_attention(&self) -> bool {
        self.counts.problems() > self.acknowledged
    }
}

/// An observation, as it is read.
#[derive(Debug, Clone, Copy)]
pub struct Observation<'m> {
    model: &'m Model,
    row: &'m Row,
}

impl<'m> Observation<'m> {
    pub(super) fn new(model: &'m Model, row: &'m Row) -> Self {
        Self { model, row }
    }

    /// Which it is.
    pub fn obs_id(self) -> &'m ObsId {
        &self.row.obs_id
    }

    /// The burst that it follows.
    pub fn burst_id(self) -> Option<&'m str> {
        self.row.burst_id.as_deref()
    }

    /// When its first datum came, as far as the conductor told.
    pub fn first_at(self) -> Option<Timestamp> {
        self.row.first_at
    }

    /// When any of its cells changed last.
    pub fn updated_at(self) -> Timestamp {
        self.row.updated_at
    }

    /// Its cells by state.
    pub fn counts(self) -> &'m Counts {
        &self.row.counts
    }

    /// The state that most wants attention.
    pub fn worst(self) -> Option<CellState> {
        self.row.counts.worst()
    }

    /// The cells that are the reason for [`Observation::worst`] or late, in the order of the graph.
    pub fn worst_cells(self) -> impl Iterator<Item = CellRef<'m>> {
        let worst = self.worst();
        self.cells().filter(move |cell| Some(cell.state()) == worst)
    }

    /// Whether any of its cells is late.
    pub fn is_late(self) -> bool {
        self.row.late > 0
    }

    /// Whether a failure of it was not seen by anybody yet.
    pub fn wants_attention(self) -> bool {
        self.row.wants_attention()
    }

    /// Whether its cells are known; before that only how many are in each state.
    pub fn is_known(self) -> bool {
        self.row.is_known
    }

    /// Whether any of its cells changed after that moment.
    pub fn changed_since(self, mark: Mark) -> bool {
        self.row.changed > mark.0
    }

    /// One of its cells; none for a product that neither the graph nor anybody has named.
    pub fn cell(self, product: &ProductName) -> Option<CellRef<'m>> {
        Some(self.at(self.model.products.number(product)?))
    }

    /// The cell of a node of the graph, known by its place in [`Graph::nodes`](super::Graph::nodes).
    pub fn cell_at(self, place: usize) -> Option<CellRef<'m>> {
        Some(self.at(self.model.places.number(place)?))
    }

    /// Its cells in the order of the graph, then those of products that the graph does not know.
    pub fn cells(self) -> impl Iterator<Item = CellRef<'m>> {
        let of_graph = self.model.places.numbers().map(move |product| self.at(product));
        of_graph.chain(self.foreign())
    }

    /// The cells of products that the graph does not know.
    pub fn foreign(self) -> impl Iterator<Item = CellRef<'m>> {
        let numbers = 0..u32::try_from(self.row.cells.len()).unwrap_or(u32::MAX);
        let cells = numbers.map(move |product| self.at(product));
        cells.filter(|cell| cell.node().is_none() && cell.state() != CellState::NotExpected)
    }

    /// All that is kept of its cells, by the numbers of the products.
    pub(super) fn rows(self) -> impl Iterator<Item = CellRef<'m>> {
        let rows = (0..).zip(&self.row.cells);
        rows.map(move |(product, row)| CellRef {
            model: self.model,
            observation: self.row,
            product,
            row: *row,
        })
    }

    pub(super) fn at(self, product: u32) -> CellRef<'m> {
        CellRef {
            model: self.model,
            observation: self.row,
            product,
            row: self.row.cells.get(product as usize).copied().unwrap_or_default(),
        }
    }
}
