//! How far the feeds behind the stream are read.
//!
//! Message ids say the place in the feed that a message of the stream was published from
//! (`sdb-<feed>-<n>`), so reading the stream also moves the feed's position; what the feed is asked for is
//! then only what the stream did not bring.

use domain::ServiceName;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// How many places beyond a gap are remembered. A gap that stays is closed by the next look at the feed,
/// which reads again what was forgotten here.
const MAX_AHEAD: usize = 10_000;

/// Up to where a feed is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FeedPosition {
    /// The feed: after a restore it is another one.
    pub(crate) feed: String,
    /// Everything up to here is in the ledger.
    pub(crate) after: u64,
    /// Where the ledger began to read it: what was announced up to here was never looked at.
    #[serde(default)]
    began: u64,
    /// Places beyond a gap.
    #[serde(skip)]
    ahead: BTreeSet<u64>,
}

impl FeedPosition {
    /// A feed that is read from behind `began` on.
    pub(crate) fn beginning(feed: String, began: u64) -> Self {
        Self {
            feed,
            after: began,
            began,
            ahead: BTreeSet::new(),
        }
    }

    fn note(&mut self, n: u64) {
        if n > self.after && self.ahead.len() < MAX_AHEAD {
            self.ahead.insert(n);
        }
        while self.ahead.first().is_some_and(|first| *first <= self.after + 1) {
            self.after = self.after.max(self.ahead.pop_first().unwrap_or(0));
        }
    }

    fn advance(&mut self, through: u64) {
        self.after = self.after.max(through);
        self.ahead = self.ahead.split_off(&(self.after + 1));
        self.note(0);
    }
}

/// The positions of all feeds: the writer moves them, the readers of the feeds start from them.
#[derive(Debug, Clone, Default)]
pub(crate) struct FeedPositions(Arc<Mutex<BTreeMap<ServiceName, FeedPosition>>>);

impl FeedPositions {
    /// The name of a feed's position in the ledger.
    pub(crate) fn key(source: &ServiceName) -> String {
        format!("feed:{source}")
    }

    /// Where a feed stands.
    pub(crate) fn get(&self, source: &ServiceName) -> Option<FeedPosition> {
        self.with(|positions| positions.get(source).cloned())
    }

    /// Sets where a feed stands: at start, or when the feed is another one.
    pub(crate) fn set(&self, source: ServiceName, position: FeedPosition) {
        self.with(|positions| positions.insert(source, position));
    }

    /// A page of the feed was read up to here.
    pub(crate) fn advance(&self, source: &ServiceName, feed: &str, through: u64) {
        self.with(|positions| match positions.get_mut(source) {
            Some(position) if position.feed == feed => position.advance(through),
            Some(_) | None => {
                positions.insert(source.clone(), FeedPosition::beginning(feed.to_owned(), through));
            }
        });
    }

    /// A message of the stream was read; its id may say its place in the feed. Says whether it did.
    pub(crate) fn note(&self, source: &ServiceName, msg_id: &str) -> bool {
        let place = msg_id
            .strip_prefix(source.as_str())
            .and_then(|rest| rest.strip_prefix('-'))
            .and_then(|rest| rest.rsplit_once('-'));
        let Some((feed, Ok(n))) = place.map(|(feed, n)| (feed, n.parse())) else {
            return false;
        };
        self.with(|positions| match positions.get_mut(source) {
            Some(position) if position.feed == feed => {
                position.note(n);
                true
            }
            Some(_) | None => false,
        })
    }

    /// Whether something was announced in a feed before the ledger began to read it.
    pub(crate) fn is_partial(&self, source: &ServiceName) -> bool {
        self.with(|positions| positions.get(source).is_none_or(|position| position.began > 0))
    }

    /// The position of a feed as the ledger keeps it.
    pub(crate) fn stored(&self, source: &ServiceName) -> Option<(String, String)> {
        let json = self.with(|positions| serde_json::to_string(positions.get(source)?).ok())?;
        Some((Self::key(source), json))
    }

    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<ServiceName, FeedPosition>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions() -> (FeedPositions, ServiceName) {
        let sdb: ServiceName = "sdb".parse().unwrap();
        let positions = FeedPositions::default();
        positions.set(sdb.clone(), FeedPosition::beginning("f-1".into(), 4));
        (positions, sdb)
    }

    fn after(positions: &FeedPositions, source: &ServiceName) -> u64 {
        positions.get(source).unwrap().after
    }

    #[test]
    fn messages_of_the_stream_move_it_as_far_as_there_is_no_gap() {
        let (positions, sdb) = positions();
        for n in [5, 8, 7] {
            assert!(positions.note(&sdb, &format!("sdb-f-1-{n}")));
        }
        assert_eq!(after(&positions, &sdb), 5);
        positions.note(&sdb, "sdb-f-1-6");
        assert_eq!(after(&positions, &sdb), 8);
    }

    #[test]
    fn a_page_closes_the_gap() {
        let (positions, sdb) = positions();
        positions.note(&sdb, "sdb-f-1-7");
        positions.advance(&sdb, "f-1", 6);
        assert_eq!(after(&positions, &sdb), 7);
        positions.advance(&sdb, "f-1", 3);
        assert_eq!(after(&positions, &sdb), 7, "never back");
    }

    #[test]
    fn ids_of_others_say_nothing() {
        let (positions, sdb) = positions();
        for id in ["sdb-f-2-5", "vhf-f-1-5", "sdb-5", "sdb-f-1-x", "", "sdb"] {
            assert!(!positions.note(&sdb, id), "{id}");
        }
        assert_eq!(after(&positions, &sdb), 4);
        positions.advance(&sdb, "f-2", 9);
        assert_eq!(
            positions.get(&sdb).unwrap(),
            FeedPosition::beginning("f-2".into(), 9)
        );
    }
}
