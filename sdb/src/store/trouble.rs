//! Whether the store can be written, for health checks and status messages.

use super::error::StoreError;
use std::sync::Arc;
use tokio::sync::watch;

/// What last kept the store from writing, if a later try has not gone well. Clones share it.
#[derive(Debug, Clone)]
pub struct Trouble(Arc<watch::Sender<Option<String>>>);

impl Default for Trouble {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }
}

impl Trouble {
    /// What is wrong, in a sentence.
    pub fn current(&self) -> Option<String> {
        self.0.borrow().clone()
    }

    /// Waits until it has come or gone since `known`, and says what it is now.
    pub async fn changed(&self, known: Option<&str>) -> Option<String> {
        let mut receiver = self.0.subscribe();
        let changed = receiver.wait_for(|now| now.as_deref() != known).await;
        // An error would mean that the sender is gone, and it is a part of `self`.
        changed.map_or(None, |now| now.clone())
    }

    /// A write failed. Told once, with its causes, not once per import.
    pub(super) fn note(&self, error: &StoreError) {
        let sentence = error.to_string();
        let new = self.0.send_if_modified(|now| {
            let new = now.as_ref() != Some(&sentence);
            if new {
                *now = Some(sentence);
            }
            new
        });
        if new {
            let error: &(dyn std::error::Error + 'static) = error;
            tracing::error!(
                error,
                "the store cannot be written; imports are refused until it can"
            );
        }
    }

    /// The store can be written.
    pub(super) fn clear(&self) {
        let was = self.0.send_if_modified(|now| now.take().is_some());
        if was {
            tracing::info!("the store can be written again");
        }
    }
}
