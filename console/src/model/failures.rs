//! What failed, by cause: however many cells it hit, a cause is one row.
//!
//! The conductor says which cells failed for the same cause: those with one fingerprint, in its answers and in what it
//! says live. A cell that was told without one is grouped by what was told, and belongs to a cause that is known as soon
//! as the same was told of a cell with its fingerprint.

use super::causes::Hit;
use super::seen::Seen;
use super::share::Told;
use super::{CellId, Model};
use api::conductor::AcknowledgementView;
use domain::{ObsId, ProductName, ProviderName};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What makes two failures one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureId {
    /// The conductor's fingerprint.
    Fingerprint(Arc<str>),
    /// Nobody told one, as of what was put aside of an input: whose it is, and the reason.
    Told(Option<ProviderName>, Arc<str>),
}

/// Cells that failed for the same cause.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What makes two failures the same.
    pub id: FailureId,
    /// Whose failure it is; nobody's for what was put aside of an input.
    pub provider: Option<ProviderName>,
    /// The reason of the newest, for a person.
    pub reason: Arc<str>,
    /// When the newest failed.
    pub newest: Timestamp,
    /// When the oldest did.
    pub oldest: Timestamp,
    /// Who has seen it; none if nobody did, or it was too long ago.
    pub acknowledged: Option<AcknowledgementView>,
    /// The newest first; equal ones by id.
    cells: BTreeMap<Failed, Told>,
    /// In how many observations a product cannot be made because of it, by number.
    blocks: BTreeMap<u32, usize>,
    /// Where it stands in the order, once it does.
    pub(super) standing: Option<Standing>,
}

/// A cell that failed, and when; the newest first.
type Failed = (Reverse<Timestamp>, Arc<ObsId>, Arc<ProductName>);

/// Where a failure stands: what nobody has seen first, then the newest; equal ones by what they are, so that nothing
/// moves without a reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Standing(bool, Reverse<Timestamp>, FailureId);

impl Standing {
    pub(super) fn id(&self) -> &FailureId {
        &self.2
    }
}

impl Failure {
    /// A cause that has done nothing yet.
    pub(super) fn new(id: FailureId) -> Self {
        Self {
            id,
            provider: None,
            reason: Arc::default(),
            newest: Timestamp::UNIX_EPOCH,
            oldest: Timestamp::UNIX_EPOCH,
            acknowledged: None,
            cells: BTreeMap::new(),
            blocks: BTreeMap::new(),
            standing: None,
        }
    }

    /// The conductor's fingerprint, if it told one.
    pub fn fingerprint(&self) -> Option<&str> {
        match &self.id {
            FailureId::Fingerprint(fingerprint) => Some(fingerprint),
            FailureId::Told(..) => None,
        }
    }

    /// Whether somebody has seen it.
    pub fn is_acknowledged(&self) -> bool {
        self.acknowledged.is_some()
    }

    /// How many cells failed for it.
    pub fn count(&self) -> usize {
        self.cells.len()
    }

    /// The cells, the newest failure first.
    pub fn cells(&self) -> impl Iterator<Item = CellId> {
        self.cells.keys().map(|(_, obs_id, product)| CellId {
            obs_id: ObsId::clone(obs_id),
            product: ProductName::clone(product),
        })
    }

    /// The cell that failed last.
    pub fn newest_cell(&self) -> Option<CellId> {
        self.cells().next()
    }

    /// How many cells cannot be made because of it.
    pub fn blocked(&self) -> usize {
        self.blocks.values().sum()
    }

    /// The products of these cells, each once, by name.
    pub fn blocked_products<'m>(&self, model: &'m Model) -> Vec<&'m ProductName> {
        let numbers = self.blocks.keys();
        let mut names: Vec<&ProductName> = numbers.map(|number| model.products.name(*number)).collect();
        names.sort_unstable();
        names
    }

    /// Whether it is the cause of no failure any more.
    pub(super) fn is_over(&self) -> bool {
        self.cells.is_empty()
    }

    /// Takes over what it now does to an observation.
    pub(super) fn follow(&mut self, obs_id: &Arc<ObsId>, before: &Hit, after: &Hit) {
        let key = |(since, product): &(Reverse<Timestamp>, Arc<ProductName>)| {
            (*since, Arc::clone(obs_id), Arc::clone(product))
        };
        if before.cells != after.cells {
            for cell in before.cells.keys() {
                self.cells.remove(&key(cell));
            }
            for (cell, told) in &after.cells {
                self.cells.insert(key(cell), told.clone());
            }
        }
        for product in after.blocks.difference(&before.blocks) {
            *self.blocks.entry(*product).or_default() += 1;
        }
        for product in before.blocks.difference(&after.blocks) {
            if let Some(count) = self.blocks.get_mut(product) {
                *count -= 1;
                if *count == 0 {
                    self.blocks.remove(product);
                }
            }
        }
    }

    /// Brings what is told of it up to its cells, and to who has seen it.
    pub(super) fn tell(&mut self, seen: &Seen) {
        if let (Some(((newest, ..), told)), Some(((oldest, ..), _))) =
            (self.cells.first_key_value(), self.cells.last_key_value())
        {
            (self.newest, self.oldest) = (newest.0, oldest.0);
            (self.provider, self.reason) = told.clone();
        }
        let seen_by = self.fingerprint().and_then(|fingerprint| seen.by(fingerprint));
        self.acknowledged = seen_by.cloned();
    }

    /// Where it belongs.
    pub(super) fn standing(&self) -> Standing {
        Standing(self.is_acknowledged(), Reverse(self.newest), self.id.clone())
    }
}
