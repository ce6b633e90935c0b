//! Reconciling with the feeds: what the stream did not bring, because it was lost or because we were away.

use crate::feed_position::{FeedPosition, FeedPositions};
use crate::inbox::{Lanes, Origin, Read};
use api::feed::{FeedPage, FeedQuery};
use api::{ApiError, FeedClient, codes};
use domain::ServiceName;
use messaging::Bus;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;

/// Between two looks if nothing asks for one before.
const INTERVAL: Duration = Duration::from_mins(1);

/// Between two attempts to reach a feed that does not answer, at first and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));

/// Announcements per page: one turn of the writer.
const PAGE: u32 = 1_000;

/// Where an empty ledger begins to read a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum From {
    /// At its end: what was announced before the conductor existed is not made again
    Head,
    /// At its beginning: everything that was ever announced is looked at
    Start,
}

/// Reads one feed.
#[derive(Debug)]
pub(crate) struct Reader {
    /// Whose.
    pub(crate) source: ServiceName,
    /// Where.
    pub(crate) client: FeedClient,
    /// How far.
    pub(crate) positions: FeedPositions,
    /// Where an empty ledger begins.
    pub(crate) from: From,
    /// To the writer.
    pub(crate) lanes: Lanes,
    /// Its reconnects are a reason to look.
    pub(crate) bus: Bus,
    /// Asks for a look now.
    pub(crate) look: Arc<Notify>,
}

/// Why a look came to no end.
enum Trouble {
    Call(ApiError),
    /// The writer is gone: the conductor stops.
    Closed,
}

impl Reader {
    /// Looks at start, after each reconnect, when asked to, and every minute, until the stop.
    pub(crate) async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut health = self.bus.health();
        let reading = async {
            loop {
                // What asks for another look while this one is under way is not missed.
                let asked = self.look.notified();
                let connections = health.borrow_and_update().connections;
                if self.look_until_read().await.is_err() {
                    return;
                }
                tokio::select! {
                    () = tokio::time::sleep(INTERVAL) => {}
                    () = asked => {}
                    _ = health.wait_for(|health| health.connected && health.connections != connections) => {}
                }
            }
        };
        tokio::select! {
            () = reading => Ok(()),
            () = stop.cancelled() => Ok(()),
        }
    }

    /// Reads to the end of the feed, however long its source is away.
    async fn look_until_read(&self) -> Result<(), ()> {
        let mut pause = RETRY.0;
        loop {
            match self.look().await {
                Ok(()) => break,
                Err(Trouble::Closed) => return Err(()),
                Err(Trouble::Call(error)) if error.is_not_offered() => {
                    tracing::warn!(source = %self.source, %error, "the source offers no feed: what the stream loses of it is lost");
                    break;
                }
                Err(Trouble::Call(error)) => {
                    tracing::debug!(source = %self.source, %error, "the feed is asked again");
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(RETRY.1);
        }
        let caught_up = Read::CaughtUp(Origin::Feed(self.source.clone()));
        self.lanes.data.send(caught_up).await.map_err(|_| ())
    }

    async fn look(&self) -> Result<(), Trouble> {
        let mut position = match self.positions.get(&self.source) {
            Some(position) => position,
            None => self.begin().await?,
        };
        loop {
            let page = match self.page(&position).await {
                Err(Trouble::Call(error)) if error.is_code(codes::FEED_CHANGED) => {
                    tracing::warn!(source = %self.source, "the source was restored: its feed is read from the start");
                    position = self.begin_at_start().await?;
                    continue;
                }
                page => page?,
            };
            let Some(last) = page.items.last().map(|item| item.n) else {
                return Ok(());
            };
            let more = page.next.is_some();
            self.hand_over(page, last).await?;
            if !more {
                return Ok(());
            }
            position.after = last;
        }
    }

    async fn page(&self, position: &FeedPosition) -> Result<FeedPage, Trouble> {
        let query = FeedQuery {
            after: position.after,
            feed: Some(position.feed.clone()),
            limit: Some(PAGE),
        };
        self.client.page(&query).await.map_err(Trouble::Call)
    }

    /// The writer has the page in the ledger when this returns.
    async fn hand_over(&self, page: FeedPage, through: u64) -> Result<(), Trouble> {
        metrics::counter!("conductor_reconciled_announcements_total").increment(page.items.len() as u64);
        let (committed, commit) = oneshot::channel();
        let read = Read::Feed {
            source: self.source.clone(),
            feed: page.feed,
            items: page.items,
            through,
            committed,
        };
        self.lanes.data.send(read).await.map_err(|_| Trouble::Closed)?;
        commit.await.map_err(|_| Trouble::Closed)
    }

    /// Where a ledger begins that does not know the feed.
    async fn begin(&self) -> Result<FeedPosition, Trouble> {
        match self.from {
            From::Start => self.begin_at_start().await,
            From::Head => self.begin_at_head().await,
        }
    }

    async fn begin_at_start(&self) -> Result<FeedPosition, Trouble> {
        let page = self.first_page().await?;
        self.begun(page.feed, 0).await
    }

    async fn begin_at_head(&self) -> Result<FeedPosition, Trouble> {
        let mut page = self.first_page().await?;
        let feed = page.feed.clone();
        let mut head = page.head;
        // A source that does not say where its feed ends is read to its end, without a look at what it says.
        while head.is_none() {
            let Some(next) = page.next else {
                head = Some(page.items.last().map_or(0, |item| item.n));
                break;
            };
            page = self.page(&FeedPosition::beginning(feed.clone(), next)).await?;
        }
        self.begun(feed, head.unwrap_or(0)).await
    }

    async fn first_page(&self) -> Result<FeedPage, Trouble> {
        let query = FeedQuery {
            after: 0,
            feed: None,
            limit: Some(PAGE),
        };
        self.client.page(&query).await.map_err(Trouble::Call)
    }

    /// The ledger knows where it began before anything is read.
    async fn begun(&self, feed: String, after: u64) -> Result<FeedPosition, Trouble> {
        let position = FeedPosition::beginning(feed.clone(), after);
        self.positions.set(self.source.clone(), position.clone());
        let nothing = FeedPage {
            feed,
            items: Vec::new(),
            next: None,
            head: None,
        };
        self.hand_over(nothing, after).await?;
        Ok(position)
    }
}
