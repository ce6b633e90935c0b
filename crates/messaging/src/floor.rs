//! Up to where everything that was delivered has been settled.

use std::collections::BTreeSet;

/// The floor of one consumer: every message of the stream up to it is settled, or is no longer there.
#[derive(Debug, Default)]
pub(crate) struct Floor {
    /// Never goes down: what was settled once is settled.
    settled: u64,
    /// The highest sequence handed out.
    highest: u64,
    /// Handed out and not settled.
    open: BTreeSet<u64>,
}

impl Floor {
    /// Starts anew: everything up to here is settled.
    pub(crate) fn restart(&mut self, settled: u64) {
        *self = Self {
            settled,
            highest: settled,
            open: BTreeSet::new(),
        };
    }

    /// Somebody who knows says that everything up to here is settled.
    pub(crate) fn raise(&mut self, settled: u64) {
        if settled > self.settled {
            self.settled = settled;
            self.highest = self.highest.max(settled);
            self.open = self.open.split_off(&(settled + 1));
        }
    }

    pub(crate) fn hand_out(&mut self, sequence: u64) {
        if sequence > self.settled {
            self.open.insert(sequence);
            self.highest = self.highest.max(sequence);
        }
    }

    pub(crate) fn settle(&mut self, sequence: u64) {
        self.open.remove(&sequence);
        self.settled = self.settled.max(self.below(self.open.first()));
    }

    pub(crate) fn now(&self) -> u64 {
        self.settled
    }

    /// What the floor will be once these are settled too.
    pub(crate) fn after(&self, sequences: impl Iterator<Item = u64>) -> u64 {
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
        floor.restart(10);
        for sequence in [11, 12, 14, 15] {
            floor.hand_out(sequence);
        }
        assert_eq!(floor.after([11, 12].into_iter()), 13, "13 was never there");
        assert_eq!(floor.after([15, 12, 14, 11].into_iter()), 15);
        assert_eq!(floor.after([12].into_iter()), 10);
        floor.settle(12);
        assert_eq!(floor.now(), 10);
        floor.settle(11);
        assert_eq!(floor.now(), 13);
        floor.raise(14);
        assert_eq!(floor.now(), 14);
        floor.settle(15);
        assert_eq!(floor.now(), 15);
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
                        floor.settle(pick);
                        open.remove(&pick);
                    }
                }
                prop_assert!(floor.now() >= before);
                prop_assert!(open.first().is_none_or(|first| floor.now() < *first));
                prop_assert_eq!(floor.after(std::iter::empty()), floor.now());
                before = floor.now();
            }
        }
    }
}
