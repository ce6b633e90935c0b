//! Up to where everything that was delivered has been settled.

use std::collections::BTreeSet;

/// The floor of one consumer of one stream: every message up to it is settled, or is no longer there.
#[derive(Debug, Default)]
pub(crate) struct Floor {
    /// Rises with each restart: what was handed out before means nothing any more.
    epoch: u64,
    /// What the ledger and the server know to be settled, by whichever process.
    known: u64,
    /// What this process has settled. It is ahead of `known`, and right as long as no other process
    /// holds what it has not seen. Never goes down.
    settled: u64,
    /// The highest sequence handed out.
    highest: u64,
    /// Handed out and not settled.
    open: BTreeSet<u64>,
}

impl Floor {
    /// Starts anew, for a stream of which nothing is settled.
    pub(crate) fn restart(&mut self) {
        *self = Self {
            epoch: self.epoch + 1,
            ..Self::default()
        };
    }

    /// Somebody who knows says that everything up to here is settled.
    pub(crate) fn raise(&mut self, known: u64) {
        self.known = self.known.max(known);
        if known > self.settled {
            self.settled = known;
            self.highest = self.highest.max(known);
            self.open = self.open.split_off(&(known + 1));
        }
    }

    /// A message goes to the caller; the answer belongs to its settling.
    pub(crate) fn hand_out(&mut self, sequence: u64) -> u64 {
        if sequence > self.settled {
            self.open.insert(sequence);
            self.highest = self.highest.max(sequence);
        }
        self.epoch
    }

    pub(crate) fn settle(&mut self, epoch: u64, sequence: u64) {
        if epoch == self.epoch {
            self.open.remove(&sequence);
            self.settled = self.settled.max(self.below(self.open.first()));
        }
    }

    /// What all processes together have settled, as far as is known for certain.
    pub(crate) fn known(&self) -> u64 {
        self.known
    }

    /// What is settled if this is the only process.
    pub(crate) fn settled(&self) -> u64 {
        self.settled
    }

    /// What [`Floor::settled`] will be once these are settled too.
    pub(crate) fn settled_after(&self, sequences: impl Iterator<Item = u64>) -> u64 {
        let mut sequences: Vec<u64> = sequences.collect();
        sequences.sort_unstable();
        let first_left = self
            .open
            .iter()
            .find(|open| sequences.binary_search(open).is_err());
        self.settled.max(self.below(first_left))
    }

    fn below(&self, first_open: Option<&u64>) -> u64 {
        first_open.map_or(self.highest, |open| open - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_stops_below_the_first_that_is_open() {
        let mut floor = Floor::default();
        floor.raise(10);
        for sequence in [11, 12, 14, 15] {
            floor.hand_out(sequence);
        }
        assert_eq!(
            floor.settled_after([11, 12].into_iter()),
            13,
            "13 was never there"
        );
        assert_eq!(floor.settled_after([15, 12, 14, 11].into_iter()), 15);
        assert_eq!(floor.settled_after([12].into_iter()), 10);
        floor.settle(0, 12);
        assert_eq!(floor.settled(), 10);
        floor.settle(0, 11);
        assert_eq!((floor.settled(), floor.known()), (13, 10));
        floor.raise(14);
        assert_eq!((floor.settled(), floor.known()), (14, 14));
        floor.settle(0, 15);
        assert_eq!(floor.settled(), 15);
    }

    #[test]
    fn a_batch_does_not_vouch_for_one_that_is_still_under_way_before_it() {
        let mut floor = Floor::default();
        for sequence in [1, 2, 3, 4] {
            floor.hand_out(sequence);
        }
        let (first, second) = (
            floor.settled_after([1, 2].into_iter()),
            floor.settled_after([3, 4].into_iter()),
        );
        for sequence in [1, 2, 3, 4] {
            floor.settle(0, sequence);
        }
        // What is stored with the second is less than what was acknowledged, never more.
        assert_eq!((first, second, floor.settled()), (2, 0, 4));
    }

    #[test]
    fn what_belongs_to_another_stream_settles_nothing() {
        let mut floor = Floor::default();
        let before = floor.hand_out(1);
        floor.restart();
        let after = floor.hand_out(1);
        floor.settle(before, 1);
        assert_eq!(floor.settled(), 0);
        floor.settle(after, 1);
        assert_eq!(floor.settled(), 1);
    }

    proptest! {
        #[test]
        fn it_never_passes_what_is_open_and_never_falls(
            steps in proptest::collection::vec((0..3_u8, 1..40_u64), 1..200)
        ) {
            let mut floor = Floor::default();
            let mut open = BTreeSet::new();
            let mut next = 1;
            let mut before = 0;
            for (step, pick) in steps {
                match step {
                    0 => {
                        floor.hand_out(next);
                        open.insert(next);
                        next += 1;
                    }
                    // A redelivery of something that was handed out before.
                    1 if pick < next => {
                        floor.hand_out(pick);
                    }
                    _ => {
                        floor.settle(0, pick);
                        open.remove(&pick);
                    }
                }
                prop_assert!(floor.settled() >= before);
                prop_assert!(open.first().is_none_or(|first| floor.settled() < *first));
                prop_assert_eq!(floor.settled_after(std::iter::empty()), floor.settled());
                before = floor.settled();
            }
        }
    }
}
