//! The lists of the screen: each follows what changes, and none is made anew.
//!
//! A row that something was heard of is stale. Before a frame what it adds to the lists is looked at anew, and only the
//! difference goes into them.

use super::attention::Place;
use super::causes::Causes;
use super::ranked::Ranked;
use super::share::{Share, Urgency};
use super::{CellId, Failure, FailureId, Model, Observation};
use domain::{ObsId, ProductName};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The lists, as they were brought up to date last.
#[derive(Debug, Clone, Default)]
pub(super) struct Lists {
    /// The rows of which something was heard since.
    stale: Vec<Arc<ObsId>>,
    /// Whether somebody has seen other causes than before.
    pub(super) are_seen_anew: bool,
    attention: Ranked<Place>,
    running: Ranked<Running>,
    causes: Causes,
    editions: Editions,
}

/// Which edition of each list it is: as long as one is the same, so is its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Editions {
    /// That of [`Model::by_attention`].
    pub attention: u64,
    /// That of [`Model::running`].
    pub running: u64,
    /// That of [`Model::failures`].
    pub failures: u64,
}

/// A cell that is with its provider.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Running {
    urgency: Urgency,
    obs_id: Arc<ObsId>,
    product: Arc<ProductName>,
}

impl Running {
    fn id(&self) -> CellId {
        CellId {
            obs_id: ObsId::clone(&self.obs_id),
            product: ProductName::clone(&self.product),
        }
    }
}

impl Lists {
    /// Notes that a row is to be looked at.
    pub(super) fn is_stale(&mut self, obs_id: &Arc<ObsId>) {
        self.stale.push(Arc::clone(obs_id));
    }

    /// The rows that are to be looked at.
    pub(super) fn stale(&self) -> &[Arc<ObsId>] {
        &self.stale
    }

    fn stands(&mut self, before: Option<&Place>, after: Option<&Place>) {
        if before == after {
            return;
        }
        if let Some(before) = before {
            self.attention.remove(before);
        }
        if let Some(after) = after {
            self.attention.insert(after.clone());
        }
        self.editions.attention += 1;
    }
}

impl Model {
    /// The observations, those that most want attention first.
    pub fn by_attention(&self) -> impl Iterator<Item = &ObsId> {
        self.lists.attention.iter().map(|place| &*place.obs_id)
    }

    /// The cells that are with their providers, from a place in their order on: what runs before what was only sent, in
    /// each the late ones first, then those that began first.
    pub fn running(&self, from: usize) -> impl Iterator<Item = CellId> {
        self.lists.running.from(from).map(Running::id)
    }

    /// How many cells are with their providers.
    pub fn running_len(&self) -> usize {
        self.lists.running.len()
    }

    /// The place of a cell in the order of [`Model::running`]; none of one that is not with its provider.
    pub fn running_place(&self, cell: &CellId) -> Option<usize> {
        let row = self.rows.get(&cell.obs_id)?;
        let number = self.products.number(&cell.product)?;
        let (_, urgency) = row.share.running.iter().find(|(product, _)| *product == number)?;
        self.lists
            .running
            .place(&self.as_running(&row.obs_id, number, *urgency))
    }

    /// The cells that failed or were put aside, in the order of [`Model::by_attention`] and of the graph.
    pub fn problems(&self) -> impl Iterator<Item = CellId> {
        let rows = self.by_attention().filter_map(|obs_id| self.rows.get(obs_id));
        let rows = rows.filter(|row| !row.share.problems.is_empty());
        rows.flat_map(|row| {
            let cells = Observation::new(self, row).cells();
            cells.filter(|cell| cell.is_problem()).map(super::CellRef::id)
        })
    }

    /// What failed, by cause: what nobody has seen first, then the newest.
    pub fn failures(&self) -> impl Iterator<Item = &Failure> {
        self.lists.causes.iter()
    }

    /// How many causes there are of what failed.
    pub fn failures_len(&self) -> usize {
        self.lists.causes.len()
    }

    /// A cause, if anything failed for it.
    pub fn failure(&self, id: &FailureId) -> Option<&Failure> {
        self.lists.causes.get(id)
    }

    /// Why a cell failed; none of one that did not.
    pub fn failure_of(&self, cell: &CellId) -> Option<&Failure> {
        let hits = &self.rows.get(&cell.obs_id)?.share.hits;
        let is_its = |(_, product): &(_, Arc<ProductName>)| **product == cell.product;
        let (id, _) = hits.iter().find(|(_, hit)| hit.cells.keys().any(is_its))?;
        self.failure(id)
    }

    /// Which edition of the lists this is.
    pub fn editions(&self) -> Editions {
        self.lists.editions
    }

    /// Takes what is stale into the lists. Says whether anything in them is different.
    pub(super) fn follow(&mut self) -> bool {
        let before = self.lists.editions;
        let are_seen_anew = std::mem::take(&mut self.lists.are_seen_anew);
        let stale = std::mem::take(&mut self.lists.stale);
        let mut heard: BTreeSet<Arc<ObsId>> = BTreeSet::new();
        for obs_id in stale {
            if self.look_at(&obs_id) {
                heard.insert(obs_id);
            }
        }
        heard.append(&mut self.lists.causes.moved());
        for obs_id in heard {
            if let Some(row) = self.rows.get_mut(&obs_id) {
                let hits = self.lists.causes.hits(&row.share.problems);
                self.lists.causes.follow(&obs_id, &row.share.hits, &hits);
                row.share.hits = hits;
            }
        }
        self.lists.editions.failures += u64::from(self.lists.causes.arrange(&self.seen, are_seen_anew));
        self.lists.editions != before
    }

    /// Looks at a row that is stale, and says whether its problems are others than before.
    fn look_at(&mut self, obs_id: &Arc<ObsId>) -> bool {
        let Some(row) = self.rows.get(obs_id) else {
            return false;
        };
        let after = Share::of(self, Observation::new(self, row), Place::of(row));
        let before = self.rows.get_mut(obs_id).map(|row| {
            row.is_stale = false;
            std::mem::take(&mut row.share)
        });
        let after = self.replace(obs_id, before.unwrap_or_default(), after);
        let are_others = after.1;
        if let Some(row) = self.rows.get_mut(obs_id) {
            row.share = after.0;
        }
        are_others
    }

    /// Puts into the lists what an observation adds now for what it added before, but for the causes, which are learned
    /// from first. Says whether its problems are others.
    fn replace(&mut self, obs_id: &Arc<ObsId>, before: Share, mut after: Share) -> (Share, bool) {
        self.lists.stands(before.place.as_ref(), after.place.as_ref());
        self.run(obs_id, &before.running, &after.running);
        let are_others = before.problems != after.problems;
        if are_others {
            self.lists.causes.learn(obs_id, &before.problems, &after.problems);
        }
        after.hits = before.hits;
        (after, are_others)
    }

    /// Takes an observation that is forgotten out of the lists.
    pub(super) fn leave(&mut self, obs_id: &Arc<ObsId>, share: Share) {
        let (Share { hits, .. }, _) = self.replace(obs_id, share, Share::default());
        self.lists
            .causes
            .follow(obs_id, &hits, &std::collections::BTreeMap::new());
    }

    /// What runs of an observation; both are in the order of the products' numbers.
    fn run(&mut self, obs_id: &Arc<ObsId>, before: &[(u32, Urgency)], after: &[(u32, Urgency)]) {
        if before == after {
            return;
        }
        self.lists.editions.running += 1;
        for (product, urgency) in missing(before, after) {
            let running = self.as_running(obs_id, product, urgency);
            self.lists.running.remove(&running);
        }
        for (product, urgency) in missing(after, before) {
            let running = self.as_running(obs_id, product, urgency);
            self.lists.running.insert(running);
        }
    }

    fn as_running(&self, obs_id: &Arc<ObsId>, product: u32, urgency: Urgency) -> Running {
        Running {
            urgency,
            obs_id: Arc::clone(obs_id),
            product: self.products.shared(product),
        }
    }
}

/// Those of one sorted list that the other lacks.
fn missing<T: Copy + Ord>(of: &[T], other: &[T]) -> impl Iterator<Item = T> {
    of.iter().copied().filter(|one| other.binary_search(one).is_err())
}
