//! Reading `data.>`: one durable consumer, acknowledged by the writer after its commit.

use crate::inbox::{Lanes, Origin, Read};
use messaging::{DataConsumer, Liveness, Next};
use service_kit::Check;
use std::time::Duration;
use tokio::sync::mpsc::{self, error::SendError};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// Messages that are handed over at once: what one turn of the writer takes.
const BATCH: usize = 512;

/// How often the consumer's progress is looked at for `/health/ready`.
const LOOK: Duration = Duration::from_secs(1);

/// The same until it made progress for the first time: attaching it takes some milliseconds, and the whole
/// orchestra waits for this service to be ready.
const FIRST_LOOKS: Duration = Duration::from_millis(20);

/// Between two questions for the head of the stream while the server does not answer.
const ASK_AGAIN: Duration = Duration::from_millis(200);

/// Reads until the stop.
pub(crate) async fn read(
    consumer: DataConsumer,
    lanes: Lanes,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    tokio::select! {
        // Ends only when the writer is gone: then the conductor stops.
        _closed = hand_over(consumer, lanes.data) => {}
        () = stop.cancelled() => {}
    }
    Ok(())
}

async fn hand_over(mut consumer: DataConsumer, lane: mpsc::Sender<Read>) -> Result<(), SendError<Read>> {
    let head = head(&consumer).await;
    // Stored before it was acknowledged: what the server sends again is known.
    let mut behind = consumer.position().after < head;
    if !behind {
        lane.send(Read::CaughtUp(Origin::Stream)).await?;
    }
    loop {
        let deliveries = match consumer.next_batch(BATCH).await {
            Next::Batch(deliveries) => deliveries,
            Next::StreamReset(position) => {
                lane.send(Read::StreamReset(position)).await?;
                continue;
            }
        };
        let position = consumer.position_after(&deliveries);
        let (committed, commit) = oneshot::channel();
        lane.send(Read::Stream {
            deliveries,
            position,
            committed,
        })
        .await?;
        if behind {
            // One at a time until then, so that the position is exact.
            let _ = commit.await;
            behind = position.after < head;
            if !behind {
                lane.send(Read::CaughtUp(Origin::Stream)).await?;
            }
        }
    }
}

/// Where the stream ends now: all that was published while the conductor was away.
async fn head(consumer: &DataConsumer) -> u64 {
    loop {
        match consumer.head().await {
            Ok(head) => return head,
            Err(error) => tracing::debug!(%error, "the stream's head is asked for again"),
        }
        tokio::time::sleep(ASK_AGAIN).await;
    }
}

/// Tells `/health/ready` whether the consumer makes progress, until the stop.
pub(crate) async fn watch_progress(
    liveness: Liveness,
    check: Check,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut pause = FIRST_LOOKS;
    loop {
        match liveness.check() {
            Ok(()) => {
                check.ok();
                pause = LOOK;
            }
            Err(reason) => check.failing(reason),
        }
        let measure = liveness.measure();
        metrics::gauge!("conductor_stream_lag_messages")
            .set(f64::from(u32::try_from(measure.lag).unwrap_or(u32::MAX)));
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => return Ok(()),
        }
    }
}
