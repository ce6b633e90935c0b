//! What failed, by fingerprint: the same mistake of the same provider is one row, however many cells it hit.

use super::{CellId, CellRef, Model};
use domain::{ObsId, ProductName, ProviderName};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Cells that failed for the same cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What makes two failures the same.
    pub fingerprint: String,
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
    /// Whether somebody has seen all of them.
    pub is_acknowledged: bool,
}

/// Groups cells by why they failed.
pub(super) fn grouped(model: &Model, problems: &[CellId]) -> Vec<Failure> {
    let mut groups: BTreeMap<String, Vec<CellRef<'_>>> = BTreeMap::new();
    for cell in problems.iter().filter_map(|cell| model.cell(cell)) {
        let provider = cell.provider().map_or("", ProviderName::as_str);
        let fingerprint = format!("{provider} {}", normalised(cell.reason().unwrap_or_default()));
        groups.entry(fingerprint).or_default().push(cell);
    }
    let groups = groups.into_iter();
    let mut failures: Vec<Failure> = groups
        .filter_map(|(fingerprint, cells)| failure(fingerprint, cells))
        .collect();
    failures.sort_by_key(|failure| (failure.is_acknowledged, Reverse(failure.newest)));
    failures
}

fn failure(fingerprint: String, mut cells: Vec<CellRef<'_>>) -> Option<Failure> {
    cells.sort_by_key(|cell| Reverse(cell.since()));
    let (newest, oldest) = (cells.first()?, cells.last()?);
    let mut blocks: BTreeSet<(&ObsId, &ProductName)> = BTreeSet::new();
    for cell in &cells {
        blocks.extend(
            cell.blocks()
                .into_iter()
                .map(|product| (&cell.observation.obs_id, product)),
        );
    }
    Some(Failure {
        provider: newest.provider().cloned(),
        reason: newest.reason().unwrap_or_default().to_owned(),
        newest: newest.since(),
        oldest: oldest.since(),
        is_acknowledged: cells.iter().all(|cell| cell.is_acknowledged()),
        blocks: blocks
            .into_iter()
            .map(|(obs_id, product)| CellId {
                obs_id: obs_id.clone(),
                product: product.clone(),
            })
            .collect(),
        cells: cells.into_iter().map(CellRef::id).collect(),
        fingerprint,
    })
}

/// A reason without what differs from case to case: numbers, and how often it was tried.
fn normalised(reason: &str) -> String {
    let reason = reason.split(" (after ").next().unwrap_or(reason);
    let mut text = String::with_capacity(reason.len());
    let mut is_in_number = false;
    for letter in reason.chars() {
        // With hexadecimal digits and dots in a number, so that ids, times and versions are one.
        let is_of_number = letter.is_ascii_digit()
            || (is_in_number
                && (letter.is_ascii_hexdigit() || matches!(letter, '.' | ':' | '-' | 'T' | 'Z')));
        if !is_of_number {
            text.push(letter);
        } else if !is_in_number {
            text.push('#');
        }
        is_in_number = is_of_number;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_case_to_case_is_left_out() {
        let one = normalised("timeout: no answer within 120 s (after 3 attempts)");
        assert_eq!(one, "timeout: no answer within # s");
        assert_eq!(
            one,
            normalised("timeout: no answer within 60.5 s (after 1 attempt)")
        );
        assert_ne!(one, normalised("mock-failure: no luck (after 3 attempts)"));
    }
}
