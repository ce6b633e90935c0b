//! Observations that the ledger has never seen.
//!
//! A ledger that began in the middle of the SDB's feed (a new one beside an old archive) does not know what
//! was made before. So the first time that an observation is met, the SDB says what it has of it, and that is
//! decided before everything else: what is made already is not made again.

use super::Writer;
use super::turn::{Item, Turn};
use conductor_core::Event;
use domain::ObsId;
use futures_util::StreamExt as _;
use jiff::Timestamp;
use std::time::Duration;

/// Questions that are open at once.
const AT_ONCE: usize = 16;

/// How long all that waits for the answers: nothing else is decided meanwhile.
const LIMIT: Duration = Duration::from_secs(2);

/// How long an SDB that did not answer is not asked again.
const RESPITE: Duration = Duration::from_secs(10);

impl Writer {
    /// Puts before the turn's items what the SDB has of these observations.
    pub(super) async fn look_up(&mut self, strangers: &[ObsId], turn: &mut Turn, now: Timestamp) {
        let parts = &self.parts;
        let known = strangers.is_empty() || !parts.feeds.is_partial(&parts.sdb_name);
        if known || self.ask_sdb_after.is_some_and(|after| now < after) {
            return;
        }
        let ask = |obs_id: ObsId| async move {
            let products = parts.dispatcher.products(&obs_id).await;
            (obs_id, products)
        };
        let answers = futures_util::stream::iter(strangers.iter().cloned())
            .map(ask)
            .buffered(AT_ONCE);
        let Ok(answers) = tokio::time::timeout(LIMIT, answers.collect::<Vec<_>>()).await else {
            self.go_on_without(strangers.len(), "no answer in time", now);
            return;
        };
        let mut found = Vec::new();
        let mut trouble = None;
        for (obs_id, products) in answers {
            match products {
                Ok(arrivals) => found.extend(arrivals.into_iter().map(|arrival| Item {
                    obs_id: obs_id.clone(),
                    event: Event::Data(Box::new(arrival)),
                    delivery: None,
                })),
                Err(error) => trouble = Some(error),
            }
        }
        turn.items.splice(0..0, found);
        if let Some(error) = trouble {
            self.go_on_without(strangers.len(), &error.to_string(), now);
        }
    }

    fn go_on_without(&mut self, strangers: usize, reason: &str, now: Timestamp) {
        tracing::warn!(
            strangers,
            reason,
            "new observations are decided about without what the SDB has of them"
        );
        self.ask_sdb_after = now.checked_add(RESPITE).ok();
    }
}
