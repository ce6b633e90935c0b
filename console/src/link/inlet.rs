//! The one channel to the screen: bounded, and what does not fit is counted.

use super::resync::Resync;
use crate::model::{Cause, Update};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

/// A second and a half at the rate that the console is made for; a screen that is further behind is shown a snapshot.
pub(super) const CAPACITY: usize = 8192;

/// Where updates go in.
#[derive(Debug, Clone)]
pub(super) struct Inlet {
    updates: mpsc::Sender<Update>,
    losses: Arc<Losses>,
}

/// What did not fit and was not told yet.
#[derive(Debug, Default)]
struct Losses {
    count: AtomicU64,
    news: Notify,
}

/// Tells what did not fit, as soon as there is room to.
#[derive(Debug)]
pub(super) struct Reporter {
    updates: mpsc::Sender<Update>,
    losses: Arc<Losses>,
}

/// The screen is gone.
#[derive(Debug, thiserror::Error)]
#[error("the screen is gone")]
pub(super) struct Gone;

pub(super) fn open() -> (Inlet, Reporter, mpsc::Receiver<Update>) {
    let (updates, receiver) = mpsc::channel(CAPACITY);
    let losses = Arc::new(Losses::default());
    let inlet = Inlet {
        updates: updates.clone(),
        losses: Arc::clone(&losses),
    };
    (inlet, Reporter { updates, losses }, receiver)
}

impl Inlet {
    /// Gives an update that may be lost: whoever brings it never waits.
    pub(super) fn offer(&self, update: Update) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.updates.try_send(update) {
            self.losses.count.fetch_add(1, Ordering::Relaxed);
            self.losses.news.notify_one();
        }
    }

    /// Gives an update that must not be lost, and waits for room.
    pub(super) async fn put(&self, update: Update) -> Result<(), Gone> {
        self.updates.send(update).await.map_err(|_| Gone)
    }

    /// The screen is gone.
    pub(super) async fn closed(&self) {
        self.updates.closed().await;
    }
}

impl Reporter {
    pub(super) async fn run(self, resync: Resync, stop: CancellationToken) -> anyhow::Result<()> {
        loop {
            tokio::select! {
                () = self.losses.news.notified() => {}
                () = stop.cancelled() => return Ok(()),
            }
            // Once there is room for this there is room for what comes next, and the count is whole.
            let Ok(room) = self.updates.reserve().await else {
                return Ok(());
            };
            let lost = self.losses.count.swap(0, Ordering::Relaxed);
            if lost > 0 {
                room.send(Update::Lost(Some(lost), Cause::Full));
                resync.ask(Cause::Full);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_does_not_fit_is_counted_and_told_and_asked_for() {
        let (inlet, reporter, mut updates) = open();
        let (resync, mut asked) = Resync::new();
        for number in 0..CAPACITY + 3 {
            inlet.offer(Update::Unreadable(number.to_string(), String::new()));
        }
        let stop = CancellationToken::new();
        let _stop = stop.clone().drop_guard();
        let reporting = reporter.run(resync, stop);
        tokio::pin!(reporting);
        let mut told = None;
        while told.is_none() {
            tokio::select! {
                update = updates.recv() => {
                    if let Some(Update::Lost(lost, cause)) = update {
                        told = Some((lost, cause));
                    }
                }
                _ = &mut reporting => panic!("it reports for as long as there is a screen"),
            }
        }
        assert_eq!(told, Some((Some(3), Cause::Full)));
        assert_eq!(asked.try_recv(), Ok(Cause::Full));
    }
}
