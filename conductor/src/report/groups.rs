//! Many of one kind, as one entry.

use super::MAX_ENTRIES;
use crate::alerts::condition::MAX_TARGETS;
use crate::alerts::{Acknowledgement, Fingerprint, Target};
use crate::ledger::FailedCell;
use api::conductor::{EventView, FailureGroup, Retried};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Failures by cause, the most frequent first.
pub(super) fn failures(failed: Vec<FailedCell>, seen: &[Acknowledgement]) -> Vec<FailureGroup> {
    let mut groups: BTreeMap<Fingerprint, FailureGroup> = BTreeMap::new();
    for FailedCell {
        obs_id,
        cell,
        failure,
    } in failed
    {
        let fingerprint = failure.fingerprint();
        let since = cell.since;
        let group = match groups.entry(fingerprint) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let acknowledged = seen.iter().find(|seen| seen.fingerprint == *new.key());
                let group = FailureGroup {
                    fingerprint: new.key().to_string(),
                    provider: failure.provider,
                    code: failure.error.code.to_string(),
                    message: failure.error.message,
                    count: 0,
                    targets: Vec::new(),
                    first_at: since,
                    last_at: since,
                    acknowledged: acknowledged.map(Acknowledgement::view),
                };
                new.insert(group)
            }
        };
        group.count += 1;
        group.first_at = group.first_at.min(since);
        group.last_at = group.last_at.max(since);
        if group.targets.len() < MAX_TARGETS {
            let target = Target {
                obs_id,
                product: cell.product,
            };
            group.targets.push(target.to_string());
        }
    }
    let mut groups: Vec<FailureGroup> = groups.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.count));
    groups.truncate(MAX_ENTRIES);
    groups
}

/// Retries by operator; `acts` has the last first.
pub(super) fn retries(acts: Vec<EventView>) -> Vec<Retried> {
    let mut by_operator: BTreeMap<String, Retried> = BTreeMap::new();
    for EventView { by, target, note, .. } in acts.into_iter().rev() {
        let entry = by_operator.entry(by.clone()).or_insert_with(|| Retried {
            by,
            count: 0,
            targets: Vec::new(),
            notes: Vec::new(),
        });
        entry.count += 1;
        if entry.targets.len() < MAX_TARGETS {
            entry.targets.push(target);
        }
        let is_new = |note: &String| entry.notes.len() < MAX_TARGETS && !entry.notes.contains(note);
        if let Some(note) = note.filter(is_new) {
            entry.notes.push(note);
        }
    }
    by_operator.into_values().collect()
}
