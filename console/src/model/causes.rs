//! What failed, by cause, as it follows the problems of each observation.
//!
//! Problems with one fingerprint are one cause. One that was told without a fingerprint belongs to a cause of which the
//! same was told, so that what is learned of one observation can move the problems of others.

use super::failures::{Failure, FailureId, Standing};
use super::ranked::Ranked;
use super::seen::Seen;
use super::share::{Problem, Told};
use domain::{ObsId, ProductName};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What one cause did to one observation.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Hit {
    /// Its cells that failed for it.
    pub(super) cells: BTreeMap<(Reverse<Timestamp>, Arc<ProductName>), Told>,
    /// Those that cannot be made because of it, by the number of the product.
    pub(super) blocks: BTreeSet<u32>,
}

/// All causes.
#[derive(Debug, Clone, Default)]
pub(super) struct Causes {
    failures: BTreeMap<FailureId, Failure>,
    order: Ranked<Standing>,
    /// The fingerprints of which something was told, each with the number of problems that have both.
    known: BTreeMap<Told, BTreeMap<Arc<str>, usize>>,
    /// The observations of which something was told without a fingerprint, with the number of such problems.
    open: BTreeMap<Told, BTreeMap<Arc<ObsId>, usize>>,
    /// What now belongs to another fingerprint than before.
    moved: BTreeSet<Told>,
    /// The causes that are otherwise than they stand in the order.
    touched: BTreeSet<FailureId>,
}

impl Causes {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// All in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Failure> {
        self.order
            .iter()
            .filter_map(|standing| self.failures.get(standing.id()))
    }

    /// One of them.
    pub(super) fn get(&self, id: &FailureId) -> Option<&Failure> {
        self.failures.get(id)
    }

    /// Learns from the problems of an observation which fingerprints there are, and forgets what it knew by those that
    /// it had before.
    pub(super) fn learn(&mut self, obs_id: &Arc<ObsId>, before: &[Problem], after: &[Problem]) {
        // First what is there, so that nothing is forgotten for a moment.
        for problem in after {
            let known = self.known_for(&problem.told);
            match &problem.fingerprint {
                Some(fingerprint) => up(self.known.entry(problem.told.clone()).or_default(), fingerprint),
                None => up(self.open.entry(problem.told.clone()).or_default(), obs_id),
            }
            self.note_moved(known.as_ref(), &problem.told);
        }
        for problem in before {
            let known = self.known_for(&problem.told);
            match &problem.fingerprint {
                Some(fingerprint) => down(&mut self.known, &problem.told, fingerprint),
                None => down(&mut self.open, &problem.told, obs_id),
            }
            self.note_moved(known.as_ref(), &problem.told);
        }
    }

    /// The observations whose problems now belong to another cause, although nothing was heard of them.
    pub(super) fn moved(&mut self) -> BTreeSet<Arc<ObsId>> {
        let moved = std::mem::take(&mut self.moved);
        let open = moved.iter().filter_map(|told| self.open.get(told));
        open.flat_map(BTreeMap::keys).cloned().collect()
    }

    /// Problems by cause.
    pub(super) fn hits(&self, problems: &[Problem]) -> BTreeMap<FailureId, Hit> {
        let mut hits: BTreeMap<FailureId, Hit> = BTreeMap::new();
        for problem in problems {
            let hit = hits.entry(self.cause(problem)).or_default();
            let cell = (Reverse(problem.since), Arc::clone(&problem.product));
            hit.cells.insert(cell, problem.told.clone());
            hit.blocks.extend(&problem.blocks);
        }
        hits
    }

    /// Takes over what the causes now do to an observation.
    pub(super) fn follow(
        &mut self,
        obs_id: &Arc<ObsId>,
        before: &BTreeMap<FailureId, Hit>,
        after: &BTreeMap<FailureId, Hit>,
    ) {
        let none = Hit::default();
        let ids: BTreeSet<&FailureId> = before.keys().chain(after.keys()).collect();
        for id in ids {
            let (before, after) = (before.get(id).unwrap_or(&none), after.get(id).unwrap_or(&none));
            if before == after {
                continue;
            }
            let failure = self
                .failures
                .entry(id.clone())
                .or_insert_with(|| Failure::new(id.clone()));
            failure.follow(obs_id, before, after);
            self.touched.insert(id.clone());
        }
    }

    /// Puts those that have changed where they now belong, or all of them if others have been seen. Says whether
    /// anything is different.
    pub(super) fn arrange(&mut self, seen: &Seen, are_all_touched: bool) -> bool {
        let mut touched = std::mem::take(&mut self.touched);
        if are_all_touched {
            touched.extend(self.failures.keys().cloned());
        }
        for id in &touched {
            let Some(failure) = self.failures.get_mut(id) else {
                continue;
            };
            let before = failure.standing.take();
            if failure.is_over() {
                self.failures.remove(id);
                if let Some(before) = before {
                    self.order.remove(&before);
                }
                continue;
            }
            failure.tell(seen);
            let after = failure.standing();
            failure.standing = Some(after.clone());
            if before.as_ref() != Some(&after) {
                if let Some(before) = before {
                    self.order.remove(&before);
                }
                self.order.insert(after);
            }
        }
        !touched.is_empty()
    }

    fn cause(&self, problem: &Problem) -> FailureId {
        let fingerprint = problem.fingerprint.clone();
        match fingerprint.or_else(|| self.known_for(&problem.told)) {
            Some(fingerprint) => FailureId::Fingerprint(fingerprint),
            None => FailureId::Told(problem.told.0.clone(), Arc::clone(&problem.told.1)),
        }
    }

    /// The fingerprint that stands for what was told without one. Of several always the same.
    fn known_for(&self, told: &Told) -> Option<Arc<str>> {
        let (fingerprint, _) = self.known.get(told)?.first_key_value()?;
        Some(Arc::clone(fingerprint))
    }

    fn note_moved(&mut self, before: Option<&Arc<str>>, told: &Told) {
        if self.known_for(told).as_ref() != before {
            self.moved.insert(told.clone());
        }
    }
}

fn up<K: Ord + Clone>(counts: &mut BTreeMap<K, usize>, key: &K) {
    *counts.entry(key.clone()).or_default() += 1;
}

fn down<K: Ord>(all: &mut BTreeMap<Told, BTreeMap<K, usize>>, told: &Told, key: &K) {
    let Some(counts) = all.get_mut(told) else { return };
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
    if counts.is_empty() {
        all.remove(told);
    }
}
