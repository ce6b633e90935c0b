//! What wakes who tells.

use std::sync::Arc;
use tokio::sync::Notify;

/// One way to call a human; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Bell {
    name: &'static str,
    rung: Arc<Notify>,
}

impl Bell {
    /// The bell of this name; its notices wait under it in the ledger.
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            rung: Arc::default(),
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

    /// Waits for that; at once if it was rung since the last time.
    pub(super) async fn rung(&self) {
        self.rung.notified().await;
    }
}
