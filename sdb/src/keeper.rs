//! What is done beside imports: saving how far the feed is published, deleting what came to nothing, and
//! finding out when a store in trouble is well again.

use crate::store::{Store, StoreError};
use service_kit::Check;
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// How long after an announcement its mark is saved at the latest. Imports save it with their own commit;
/// what a crash loses of it is published twice, and recognised.
const MARK_DELAY: Duration = Duration::from_secs(1);

/// How often a store in trouble is tried.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);

/// Keeps house until the stop.
pub(crate) async fn keep_house(store: Arc<Store>, stop: CancellationToken) {
    let outbox = store.outbox();
    let work = async {
        let mut saved = outbox.published();
        loop {
            outbox.published_beyond(saved).await;
            tokio::time::sleep(MARK_DELAY).await;
            saved = outbox.published();
            if let Err(error) = store.housekeep().await {
                tell(&error, "housekeeping failed; it is tried again");
            }
        }
    };
    stop.run_until_cancelled(work).await;
    // One last time, so that a stop in good order leaves nothing to be published twice.
    if outbox.published() > 0
        && let Err(error) = store.housekeep().await
    {
        tell(&error, "housekeeping failed; the next start makes up for it");
    }
}

/// Tells the health check how the store is, and tries one in trouble until it can be written again.
pub(crate) async fn watch_over(store: Arc<Store>, check: Check, stop: CancellationToken) {
    let trouble = store.trouble();
    let work = async {
        check.ok();
        loop {
            let reason = trouble.changed(None).await.unwrap_or_default();
            check.failing(reason);
            while trouble.current().is_some() {
                tokio::time::sleep(PROBE_INTERVAL).await;
                if let Err(error) = store.probe().await {
                    tracing::debug!(%error, "the store still cannot be written");
                }
            }
            check.ok();
        }
    };
    stop.run_until_cancelled(work).await;
}

/// Sweeps what earlier processes left behind, once.
pub(crate) async fn sweep(store: Arc<Store>, stop: CancellationToken) {
    if let Some(Err(error)) = stop.run_until_cancelled(store.sweep()).await {
        tell(
            &error,
            "left-over blobs could not be swept; the next start tries again",
        );
    }
}

fn tell(error: &StoreError, what: &str) {
    let error: &(dyn std::error::Error + 'static) = error;
    tracing::warn!(error, "{what}");
}
