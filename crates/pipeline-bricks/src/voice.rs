//! What the providers say on `activity.<provider>`: nobody waits for it, and a burst of it is bounded.

use domain::Activity;
use messaging::Bus;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// How much may wait to be said while NATS is slow or away; more is dropped, since activity is a hint and what
/// it says can be asked for.
const MAX_WAITING: usize = 4096;

/// How long the last words may take on the way out.
const FLUSH: Duration = Duration::from_secs(2);

/// How much is taken at once: a busy process wakes the speaker for some words, not for each.
const BATCH: usize = 64;

/// Says things without waiting; silent for ever where there is no NATS.
#[derive(Debug, Clone)]
pub(crate) struct Voice(Option<mpsc::Sender<Activity>>);

/// What is waiting to be said.
pub(crate) type Words = mpsc::Receiver<Activity>;

impl Voice {
    pub(crate) fn new() -> (Self, Words) {
        let (sender, words) = mpsc::channel(MAX_WAITING);
        (Self(Some(sender)), words)
    }

    pub(crate) fn silent() -> Self {
        Self(None)
    }

    pub(crate) fn say(&self, activity: Activity) {
        if let Some(sender) = &self.0
            && sender.try_send(activity).is_err()
        {
            metrics::counter!("activity_dropped_total").increment(1);
        }
    }
}

/// Says what is waiting until `closing`, then the rest of it.
pub(crate) async fn speak(bus: Bus, mut words: Words, closing: CancellationToken) -> anyhow::Result<()> {
    let mut batch = Vec::with_capacity(BATCH);
    while let Some(1..) = closing
        .run_until_cancelled(words.recv_many(&mut batch, BATCH))
        .await
    {
        for activity in batch.drain(..) {
            tell(&bus, activity).await;
        }
    }
    while let Ok(activity) = words.try_recv() {
        tell(&bus, activity).await;
    }
    if !bus.flush(FLUSH).await {
        tracing::warn!("the last activity may not have reached NATS");
    }
    Ok(())
}

async fn tell(bus: &Bus, activity: Activity) {
    if let Err(error) = bus.say(&activity).await {
        metrics::counter!("activity_dropped_total").increment(1);
        tracing::debug!(%error, "activity was not said");
    }
}
