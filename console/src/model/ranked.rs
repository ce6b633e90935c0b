//! A sorted list that follows single changes: what is put in or taken out moves some hundred others and no more.

/// A run that is full is split before it takes another.
const FULL: usize = 256;

/// Different keys in their order, each found by its place and each place by its key.
#[derive(Debug, Clone)]
pub(super) struct Ranked<K> {
    /// Sorted runs, each sorted; none is empty.
    runs: Vec<Vec<K>>,
    len: usize,
}

impl<K> Default for Ranked<K> {
    fn default() -> Self {
        Self {
            runs: Vec::new(),
            len: 0,
        }
    }
}

impl<K: Ord> Ranked<K> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Puts a key in; nothing happens if it is there.
    pub(super) fn insert(&mut self, key: K) {
        let at = self.run_of(&key).min(self.runs.len().saturating_sub(1));
        let Some(run) = self.runs.get_mut(at) else {
            self.runs.push(vec![key]);
            self.len = 1;
            return;
        };
        let Err(place) = run.binary_search(&key) else {
            return;
        };
        self.len += 1;
        if run.len() < FULL {
            run.insert(place, key);
            return;
        }
        // What comes in order fills one run after the other.
        if place == FULL {
            self.runs.insert(at + 1, vec![key]);
        } else if place == 0 {
            self.runs.insert(at, vec![key]);
        } else {
            let mut right = run.split_off(FULL / 2);
            if place <= FULL / 2 {
                run.insert(place, key);
            } else {
                right.insert(place - FULL / 2, key);
            }
            self.runs.insert(at + 1, right);
        }
    }

    /// Takes a key out, if it is there.
    pub(super) fn remove(&mut self, key: &K) {
        let at = self.run_of(key);
        let Some(run) = self.runs.get_mut(at) else { return };
        let Ok(place) = run.binary_search(key) else { return };
        run.remove(place);
        self.len -= 1;
        let left = run.len();
        if left == 0 {
            self.runs.remove(at);
        } else if let Some(next) = self.runs.get(at + 1)
            && left + next.len() <= FULL / 2
        {
            let next = self.runs.remove(at + 1);
            self.runs[at].extend(next);
        }
    }

    /// How many stand before a key, if it is there.
    pub(super) fn place(&self, key: &K) -> Option<usize> {
        let at = self.run_of(key);
        let place = self.runs.get(at)?.binary_search(key).ok()?;
        Some(self.runs[..at].iter().map(Vec::len).sum::<usize>() + place)
    }

    /// All in their order, from a place on.
    pub(super) fn from(&self, place: usize) -> impl Iterator<Item = &K> {
        let (mut at, mut left) = (0, place);
        while let Some(run) = self.runs.get(at).filter(|run| run.len() <= left) {
            left -= run.len();
            at += 1;
        }
        let first = self.runs.get(at).map_or(&[][..], |run| &run[left..]);
        let others = self.runs.iter().skip(at + 1).flatten();
        first.iter().chain(others)
    }

    /// All in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &K> {
        self.runs.iter().flatten()
    }

    /// The first run that does not end before a key.
    fn run_of(&self, key: &K) -> usize {
        self.runs.partition_point(|run| run.last() < Some(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn assert_same(ranked: &Ranked<u16>, model: &BTreeSet<u16>) {
        let keys: Vec<u16> = model.iter().copied().collect();
        assert_eq!(ranked.iter().copied().collect::<Vec<_>>(), keys);
        assert_eq!(ranked.len(), keys.len());
        assert!(ranked.runs.iter().all(|run| !run.is_empty() && run.len() <= FULL));
        for (place, key) in keys.iter().enumerate().step_by(97) {
            assert_eq!(ranked.place(key), Some(place));
            assert_eq!(ranked.from(place).next(), Some(key));
        }
        assert_eq!(ranked.from(keys.len()).next(), None);
    }

    #[test]
    fn what_comes_in_order_fills_its_runs() {
        for keys in [(0..2000).collect::<Vec<u16>>(), (0..2000).rev().collect()] {
            let mut ranked = Ranked::default();
            for key in &keys {
                ranked.insert(*key);
            }
            assert_same(&ranked, &keys.into_iter().collect());
            assert_eq!(ranked.runs.len(), 2000usize.div_ceil(FULL));
        }
    }

    proptest! {
        #[test]
        fn it_is_a_sorted_set_with_places(steps in prop::collection::vec((0..4u8, 0..3000u16), 0..4000)) {
            let (mut ranked, mut model) = (Ranked::default(), BTreeSet::new());
            for (kind, key) in steps {
                if kind == 0 {
                    ranked.remove(&key);
                    model.remove(&key);
                } else {
                    ranked.insert(key);
                    model.insert(key);
                }
            }
            assert_same(&ranked, &model);
            for key in 0..3000 {
                if key % 7 != 0 {
                    ranked.remove(&key);
                    model.remove(&key);
                }
            }
            assert_same(&ranked, &model);
        }
    }
}
