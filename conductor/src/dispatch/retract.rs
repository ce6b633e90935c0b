//! Telling the SDB that a product is withdrawn, since an input that it was made from was.

use super::Dispatcher;
use api::codes;
use backon::{BackoffBuilder as _, ExponentialBuilder};
use domain::{ObsId, ProductName, Version};
use std::time::Duration;

/// The first pause after a call that failed.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause: whoever exports a withdrawn product meanwhile is told nothing, so not for longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

impl Dispatcher {
    /// Repeats it until the SDB has heard it; says whether it has. At a stop the ledger remembers that it has not.
    pub(super) async fn retract(
        &self,
        obs_id: &ObsId,
        product: &ProductName,
        version: Version,
        reason: &str,
    ) -> bool {
        let stop = self.0.shutdown.token();
        let pauses = ExponentialBuilder::new()
            .with_min_delay(FIRST_PAUSE)
            .with_max_delay(LONGEST_PAUSE)
            .with_jitter()
            .without_max_times();
        for pause in pauses.build() {
            let heard = self.0.sdb.retract(obs_id, product, Some(version), reason).await;
            let Err(error) = heard else { return true };
            // What it never had it need not withdraw, and what it refuses it will refuse again.
            let refused = error.status().is_some_and(|status| (400..500).contains(&status));
            if refused && !matches!(error.status(), Some(408 | 429)) {
                if !error.is_code(codes::UNKNOWN_VERSION) {
                    tracing::error!(%error, %obs_id, %product, %version, "the SDB will not withdraw this");
                }
                return true;
            }
            tracing::warn!(%error, %obs_id, %product, %version, "the SDB has not heard of a withdrawal; again soon");
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => return false,
            }
        }
        false
    }
}
