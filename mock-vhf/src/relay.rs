//! Publishes the feed on `data.vhf`, in order, each until the stream has it.

use crate::source::Source;
use anyhow::Context as _;
use domain::ServiceName;
use messaging::{Bus, Outbound, PublishError};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// What is published at once: as many as the bus has under way.
const BATCH: usize = messaging::MAX_IN_FLIGHT;

/// After a refusal; a server that comes back is found by the bus itself in a quarter of a second.
const RETRY: Duration = Duration::from_millis(250);

/// Publishes until it is to stop.
///
/// # Errors
/// None but a bug: what the stream does not take is tried again for ever.
pub async fn relay(
    source: Arc<Source>,
    bus: Bus,
    name: ServiceName,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let feed = source.feed();
    let mut news = source.watch();
    let mut failing = false;
    loop {
        news.borrow_and_update();
        let (first, batch) = next_batch(&source, &feed)?;
        if batch.is_empty() {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                told = news.changed() => told.context("the source is gone")?,
            }
            continue;
        }
        let published = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            published = bus.announce_all(&name, &batch) => published,
        };
        if !published.acks.is_empty() {
            service_kit::crash::point("after-publish");
            note(&source, first + published.acks.len() as u64 - 1);
        }
        let Some(error) = published.failure else {
            failing = false;
            continue;
        };
        if !std::mem::replace(&mut failing, true) {
            tracing::warn!(%error, "announcements wait for NATS");
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = again(&bus, &error) => {}
        }
    }
}

/// What the stream does not have yet, and the number of the first of it.
fn next_batch(source: &Source, feed: &str) -> anyhow::Result<(u64, Vec<Outbound>)> {
    let items = source.unpublished(BATCH);
    let first = items.first().map_or(0, |item| item.n);
    let batch: Result<Vec<_>, _> = items
        .iter()
        .map(|item| Outbound::new(format!("vhf-{feed}-{}", item.n), &item.announcement))
        .collect();
    Ok((
        first,
        batch.context("an announcement of ours cannot be expressed")?,
    ))
}

fn note(source: &Source, n: u64) {
    if let Err(error) = source.published(n) {
        tracing::warn!(
            error = format!("{:#}", anyhow::Error::from(error)),
            "a restart will publish some again"
        );
    }
}

/// When it is worth trying again.
async fn again(bus: &Bus, error: &PublishError) {
    match error {
        PublishError::Disconnected => bus.connected().await,
        PublishError::NoStream { .. }
        | PublishError::Timeout
        | PublishError::TooLarge { .. }
        | PublishError::Encode(_)
        | PublishError::Refused(_) => sleep(RETRY).await,
    }
}
