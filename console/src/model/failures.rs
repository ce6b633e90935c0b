//! What failed, by cause: however many cells it hit, a cause is one row.
//!
//! The conductor says which cells failed for the same cause: those with one fingerprint, in its answers and in what it
//! says live. A cell that was told without one is grouped by what was told, and belongs to a cause that is known as soon
//! as the same was told of a cell with its fingerprint.

use super::share::Problem;
use super::{CellId, CellRef, Model};
use api::conductor::AcknowledgementView;
use domain::{ObsId, ProductName, ProviderName};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::HashMap;

/// What makes two failures one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureId {
    /// The conductor's fingerprint.
    Fingerprint(String),
    /// Nobody told one, as of what was put aside of an input: whose it is, and the reason.
    Told(Option<ProviderName>, String),
}

/// Cells that failed for the same cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What makes two failures the same.
    pub id: FailureId,
    /// Whose failure it is; nobody's for what was put aside of an input.
    pub provider: Option<ProviderName>,
    /// The reason of the newest, for a person.
    pub reason: String,
    /// The cells, the newest failure first.
    pub cells: Vec<CellId>,
    /// When the newest failed.
    pub newest: Timestamp,
    /// When the oldest did.
    pub oldest: Timestamp,
    /// The cells that cannot be made because of it.
    pub blocks: Vec<CellId>,
    /// Who has seen it; none if nobody did, or it was too long ago.
    pub acknowledged: Option<AcknowledgementView>,
}

impl Failure {
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
}

/// What is told of a failure without its fingerprint.
type Told<'m> = (Option<&'m ProviderName>, &'m str);

/// A cell that failed, and what it blocks.
pub(super) type Failed<'m> = (CellRef<'m>, &'m Problem);

/// Groups cells by why they failed.
pub(super) fn grouped(model: &Model, problems: &[Failed<'_>]) -> Vec<Failure> {
    let known: HashMap<Told<'_>, &str> = problems
        .iter()
        .filter_map(|(cell, _)| Some((told(*cell), cell.fingerprint()?)))
        .collect();
    let mut groups: HashMap<(Option<&str>, Option<Told<'_>>), Vec<Failed<'_>>> = HashMap::new();
    for (cell, problem) in problems {
        let told = told(*cell);
        let fingerprint = cell.fingerprint().or_else(|| known.get(&told).copied());
        let told = fingerprint.is_none().then_some(told);
        groups
            .entry((fingerprint, told))
            .or_default()
            .push((*cell, problem));
    }
    let failures = groups.into_values().filter_map(|cells| failure(model, cells));
    let mut failures: Vec<Failure> = failures.collect();
    // Equal ones by what they are, so that nothing moves without a reason.
    failures.sort_by(|one, other| place(one).cmp(&place(other)));
    failures
}

fn place(failure: &Failure) -> (bool, Reverse<Timestamp>, &FailureId) {
    (failure.is_acknowledged(), Reverse(failure.newest), &failure.id)
}

fn told(cell: CellRef<'_>) -> Told<'_> {
    (cell.provider(), cell.reason().unwrap_or_default())
}

fn failure(model: &Model, mut cells: Vec<Failed<'_>>) -> Option<Failure> {
    cells.sort_by_key(|(cell, _)| Reverse(cell.since()));
    let ((newest, _), (oldest, _)) = (*cells.first()?, *cells.last()?);
    let blocks = cells.iter().flat_map(|(cell, problem)| {
        let names = problem.blocks.iter().map(|product| model.products.name(*product));
        names.map(|product| (&cell.observation.obs_id, product))
    });
    let mut blocks: Vec<(&ObsId, &ProductName)> = blocks.collect();
    blocks.sort_unstable();
    blocks.dedup();
    let fingerprint = cells.iter().find_map(|(cell, _)| cell.fingerprint());
    let (provider, reason) = told(newest);
    Some(Failure {
        id: match fingerprint {
            Some(fingerprint) => FailureId::Fingerprint(fingerprint.to_owned()),
            None => FailureId::Told(provider.cloned(), reason.to_owned()),
        },
        provider: provider.cloned(),
        reason: reason.to_owned(),
        newest: newest.since(),
        oldest: oldest.since(),
        acknowledged: fingerprint
            .and_then(|fingerprint| model.seen.by(fingerprint))
            .cloned(),
        blocks: blocks
            .into_iter()
            .map(|(obs_id, product)| CellId {
                obs_id: obs_id.clone(),
                product: product.clone(),
            })
            .collect(),
        cells: cells.into_iter().map(|(cell, _)| cell.id()).collect(),
    })
}
