//! What wakes who tells.

use api::conductor::Notice;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// One way to call a human; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Bell {
    name: &'static str,
    rung: Arc<Notify>,
    unstored: Arc<Mutex<VecDeque<Notice>>>,
}

impl Bell {
    /// The bell of this name; its notices wait under it in the ledger.
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            rung: Arc::default(),
            unstored: Arc::default(),
        }
    }

    /// The name under which its notices wait.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// There are notices to tell.
    pub(crate) fn ring(&self) {
        self.rung.notify_one();
    }

    /// There are notices to tell that the ledger does not take now. It gets them when it does.
    pub(crate) fn ring_for(&self, notices: impl IntoIterator<Item = Notice>) {
        self.unstored().extend(notices);
        self.ring();
    }

    /// The first of those.
    pub(super) fn first_unstored(&self) -> Option<Notice> {
        self.unstored().front().cloned()
    }

    /// The first of those is told.
    pub(super) fn unstored_told(&self) {
        self.unstored().pop_front();
    }

    fn unstored(&self) -> MutexGuard<'_, VecDeque<Notice>> {
        self.unstored.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for that; at once if it was rung since the last time.
    pub(super) async fn rung(&self) {
        self.rung.notified().await;
    }
}
