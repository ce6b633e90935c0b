//! The relay: publishes the feed as `data.sdb`, in order, and repeats until NATS has it.
//!
//! It is the only one, and it publishes what is committed, so a reader of `data.sdb` or of `GET /events`
//! never meets a later announcement first. After a crash it begins at the last mark that was saved; what it
//! then repeats the stream drops by its message id, and beyond the stream's window the ledger does.

use crate::{
    store::{Entry, FeedSource, Next, Outbox},
    wire::Address,
};
use domain::{Announcement, ServiceName};
use messaging::{Bus, MAX_IN_FLIGHT, Outbound, PublishError, Streams};
use service_kit::crash;
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// The pause after a failure that is not a lost connection, doubling up to [`MAX_PAUSE`]: a stream that is
/// full or has no leader wants an operator, not a thousand tries.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// How long a stopping process goes on publishing what it has committed; the next start does the rest.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What the relay needs.
#[derive(Debug)]
pub(crate) struct Relay {
    /// What is committed and not yet published.
    pub(crate) outbox: Arc<Outbox>,
    /// The same in the database, for what is too old to be in memory.
    pub(crate) source: FeedSource,
    /// The name of the feed, a part of every message id.
    pub(crate) feed: Uuid,
    /// Where the bytes are, for the announcements.
    pub(crate) address: Address,
    /// NATS.
    pub(crate) bus: Bus,
    /// `sdb`.
    pub(crate) name: ServiceName,
    /// Why nothing can be published at the moment, for the status.
    pub(crate) trouble: watch::Sender<Option<String>>,
}

impl Relay {
    /// Publishes until the store is closed and everything is said, or time is up.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let outbox = Arc::clone(&self.outbox);
        let time_is_up = async {
            stop.cancelled().await;
            outbox.closed().await;
            tokio::time::sleep(LAST_WORDS).await;
        };
        tokio::select! {
            () = self.publish() => {}
            () = time_is_up => {
                tracing::info!(waiting = outbox.depth(), "announcements are left for the next start");
            }
        }
    }

    async fn publish(&self) {
        self.prepare().await;
        let mut published = self.outbox.published();
        let mut pause = FIRST_PAUSE;
        while self.outbox.wait_beyond(published).await {
            match self.publish_after(published).await {
                Ok(further) => {
                    published = further;
                    pause = FIRST_PAUSE;
                    self.set_trouble(None);
                }
                Err(trouble) => {
                    self.set_trouble(Some(trouble));
                    published = self.outbox.published();
                    self.bus.connected().await;
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(MAX_PAUSE);
                }
            }
            #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 announcements")]
            metrics::gauge!("sdb_outbox_depth").set(self.outbox.depth() as f64);
        }
    }

    /// Makes sure, as far as it can, that a stream takes what will be published; a publish repairs it later.
    async fn prepare(&self) {
        self.bus.connected().await;
        let checked = self.bus.check_server().await.map_err(|error| error.to_string());
        let ensured = self
            .bus
            .ensure_streams(&Streams::default())
            .await
            .map_err(|error| error.to_string());
        if let Err(trouble) = checked.and(ensured) {
            self.set_trouble(Some(trouble));
        }
    }

    /// Publishes some entries after `n`, and says up to where it came.
    async fn publish_after(&self, n: i64) -> Result<i64, String> {
        let entries = match self.outbox.after(n, MAX_IN_FLIGHT) {
            Next::Entries(entries) => entries,
            Next::InDatabase => self
                .source
                .after(n, MAX_IN_FLIGHT)
                .await
                .map_err(|error| error.to_string())?,
        };
        let outbound = entries
            .iter()
            .map(|entry| self.outbound(entry))
            .collect::<Result<Vec<_>, _>>();
        let outbound = outbound.map_err(|error| error.to_string())?;
        crash::point("before-publish");
        let published = self.bus.announce_all(&self.name, &outbound).await;
        crash::point("after-publish");
        let count = published.acks.len();
        let mut last = count.checked_sub(1).map_or(n, |last| entries[last].n);
        if let (Some(PublishError::TooLarge { size, limit }), Some(entry)) =
            (&published.failure, entries.get(count))
        {
            self.publish_shortened(entry, *size, *limit).await?;
            last = entry.n;
        }
        self.outbox.set_published(last);
        match published.failure {
            Some(PublishError::TooLarge { .. }) | None => Ok(last),
            Some(
                error @ (PublishError::NoStream { .. }
                | PublishError::Timeout
                | PublishError::Disconnected
                | PublishError::Encode(_)
                | PublishError::Refused(_)),
            ) => Err(error.to_string()),
        }
    }

    /// An announcement that the server finds too large goes without what makes it so; the feed and the
    /// record have all of it.
    async fn publish_shortened(&self, entry: &Entry, size: usize, limit: usize) -> Result<(), String> {
        tracing::warn!(
            n = entry.n,
            size,
            limit,
            "an announcement is too large for NATS; sent without meta and inputs"
        );
        let short = Announcement {
            meta: None,
            inputs: None,
            ..self.address.announcement(entry)
        };
        let outbound = Outbound::new(self.msg_id(entry), &short).map_err(|error| error.to_string())?;
        self.bus
            .publish(&self.name, &outbound)
            .await
            .map(drop)
            .map_err(|error| error.to_string())
    }

    fn outbound(&self, entry: &Entry) -> Result<Outbound, PublishError> {
        Outbound::new(self.msg_id(entry), &self.address.announcement(entry))
    }

    fn msg_id(&self, entry: &Entry) -> String {
        format!("{}-{}-{}", self.name, self.feed, entry.n)
    }

    fn set_trouble(&self, trouble: Option<String>) {
        self.trouble.send_if_modified(|now| {
            let new = *now != trouble;
            if new {
                if let Some(reason) = &trouble {
                    tracing::warn!(reason, "announcements wait until NATS takes them");
                } else {
                    tracing::info!("announcements are published again");
                }
                *now = trouble;
            }
            new
        });
    }
}
