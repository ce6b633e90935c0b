//! What is committed and not yet published, between the writer and the relay.

use super::record::Entry;
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;

/// How many committed announcements are kept in memory for the relay, about 1 KiB each. When NATS is away
/// for longer, it reads the rest from the database.
const RECENT: usize = 4096;

/// The head of the feed and how far it is published. The entries themselves are in the database; those just
/// committed are here as well, so that publishing them costs no query.
#[derive(Debug)]
pub struct Outbox {
    recent: Mutex<VecDeque<Entry>>,
    head: watch::Sender<Head>,
    published: watch::Sender<i64>,
}

#[derive(Debug, Clone, Copy)]
struct Head {
    n: i64,
    closed: bool,
}

/// Where entries have to be taken from.
#[derive(Debug)]
pub enum Next {
    /// Here they are.
    Entries(Vec<Entry>),
    /// They are older than what is kept in memory: read them from the database.
    InDatabase,
}

impl Outbox {
    pub(super) fn new(head: i64, published: i64) -> Self {
        let head = watch::Sender::new(Head {
            n: head,
            closed: false,
        });
        Self {
            recent: Mutex::default(),
            head,
            published: watch::Sender::new(published),
        }
    }

    /// Adds what was just committed, in order.
    pub(super) fn append(&self, entries: Vec<Entry>) {
        let Some(last) = entries.last().map(|entry| entry.n) else {
            return;
        };
        {
            let mut recent = self.recent();
            recent.extend(entries);
            let surplus = recent.len().saturating_sub(RECENT);
            recent.drain(..surplus);
        }
        self.head.send_modify(|head| head.n = last);
    }

    /// Says that nothing more will be committed.
    pub(super) fn close(&self) {
        self.head.send_modify(|head| head.closed = true);
    }

    /// Waits until there is an entry after `n`: `true`; or until there will never be one: `false`.
    pub async fn wait_beyond(&self, n: i64) -> bool {
        let mut head = self.head.subscribe();
        match head.wait_for(|head| head.n > n || head.closed).await {
            Ok(head) => head.n > n,
            Err(_closed) => false,
        }
    }

    /// At most `limit` entries after `n`.
    pub fn after(&self, n: i64, limit: usize) -> Next {
        let recent = self.recent();
        match recent.front() {
            Some(first) if first.n <= n + 1 => {
                let skip = usize::try_from(n + 1 - first.n).unwrap_or(usize::MAX);
                Next::Entries(recent.iter().skip(skip).take(limit).cloned().collect())
            }
            Some(_) | None => Next::InDatabase,
        }
    }

    /// Waits until nothing more will be committed.
    pub async fn closed(&self) {
        // An error means that the sender is gone, and it is a part of `self`.
        let _ = self.head.subscribe().wait_for(|head| head.closed).await;
    }

    /// Notes that everything up to `n` is published.
    pub fn set_published(&self, n: i64) {
        self.published.send_if_modified(|published| {
            let further = n > *published;
            *published = n.max(*published);
            further
        });
        let mut recent = self.recent();
        while recent.front().is_some_and(|entry| entry.n <= n) {
            recent.pop_front();
        }
    }

    /// Up to where the feed is published.
    pub fn published(&self) -> i64 {
        *self.published.borrow()
    }

    /// Waits until the feed is published further than to `n`, and says how far.
    pub async fn published_beyond(&self, n: i64) -> i64 {
        let mut published = self.published.subscribe();
        let further = published.wait_for(|published| *published > n).await;
        // An error would mean that the sender is gone, and it is a part of `self`.
        further.map_or(n, |published| *published)
    }

    /// How many entries wait to be published.
    pub fn depth(&self) -> u64 {
        u64::try_from(self.head.borrow().n - self.published()).unwrap_or(0)
    }

    fn recent(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        // Every critical section above leaves the queue whole, so a poisoned one is still true.
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
