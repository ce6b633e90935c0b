//! What is watched of a run that holds a slot. In memory only: after a restart the watch begins anew.

use crate::fault::Failure;
use jiff::Timestamp;
use std::time::Duration;

/// Silence after which the provider is asked: three of the heartbeats that pipelines send every 10 s.
pub(crate) const SILENCE: Duration = Duration::from_secs(30);

/// How long after words may have been missed the providers are asked: long enough for a POST that is on its
/// way, and for pipelines that lost the same connection and now speak again.
pub(crate) const ASK_SOON: Duration = Duration::from_secs(2);

/// Between two questions that found nobody, to the provider or to the SDB.
pub(crate) const ASK_AGAIN: Duration = Duration::from_secs(5);

/// How often in a row a provider may be unreachable before its run counts as lost.
pub(crate) const UNREACHABLE_LIMIT: u32 = 3;

/// How long after `succeeded` its product is expected on `data.sdb` before the SDB is asked for it.
pub(crate) const ANNOUNCEMENT_DELAY: Duration = Duration::from_secs(2);

/// The watch over one attempt.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vigil {
    /// When the provider is asked next.
    pub(crate) ask_at: Option<Timestamp>,
    /// When the SDB is asked next.
    pub(crate) ask_sdb_at: Option<Timestamp>,
    /// Whether the pipeline ever said a word of this attempt: if so, it will say how it ends.
    pub(crate) heard: bool,
    /// Whether the pipeline said that it succeeded.
    pub(crate) succeeded: bool,
    /// Questions in a row that found nobody.
    pub(crate) unreachable: u32,
    /// What the attempt ends with if the SDB, asked, has no product of the run.
    pub(crate) verdict: Option<Failure>,
}

impl Vigil {
    /// The watch over an attempt that was admitted now.
    pub(crate) fn begin(now: Timestamp) -> Self {
        Self {
            ask_at: Some(later(now, SILENCE)),
            ..Self::default()
        }
    }

    /// The provider said something of the attempt.
    pub(crate) fn hear(&mut self, now: Timestamp) {
        self.heard = true;
        self.unreachable = 0;
        self.ask_at = Some(later(now, SILENCE));
    }

    /// A word of the attempt may have been missed. Who offers no answer is not asked.
    pub(crate) fn ask_soon(&mut self, now: Timestamp) {
        self.ask_at = self.ask_at.map(|at| at.min(later(now, ASK_SOON)));
    }

    /// The next time at which something is to be asked.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.ask_at.into_iter().chain(self.ask_sdb_at).min()
    }
}

/// `now` plus `duration`, or the end of time.
pub(crate) fn later(now: Timestamp, duration: Duration) -> Timestamp {
    now.checked_add(duration).unwrap_or(Timestamp::MAX)
}
