//! Plays: waits until the next step of any replay is due, and announces it.

use crate::source::Source;
use anyhow::Context as _;
use jiff::Timestamp;
use service_kit::{Check, Clock};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// A disk that refused a line is tried again after this: soon enough to go on by itself.
const RETRY: Duration = Duration::from_secs(1);

/// Plays until it is to stop.
///
/// # Errors
/// None but a bug: what the disk refuses is tried again.
pub async fn play(
    source: Arc<Source>,
    clock: Clock,
    health: Check,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut news = source.watch();
    while !stop.is_cancelled() {
        news.borrow_and_update();
        let wait = match advance(&source, clock).await? {
            Ok(next) => {
                health.ok();
                next.map(|next| until(clock.now(), next))
            }
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "announcing nothing until the journal can be written"
                );
                health.failing(format!("{error:#}"));
                Some(RETRY)
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            told = news.changed() => told.context("the source is gone")?,
            () = rest(wait) => {}
        }
    }
    Ok(())
}

/// A sync takes milliseconds, which would hold up the requests of this thread.
async fn advance(source: &Arc<Source>, clock: Clock) -> anyhow::Result<anyhow::Result<Option<Timestamp>>> {
    let source = Arc::clone(source);
    let advanced = tokio::task::spawn_blocking(move || source.advance(clock.now())).await;
    Ok(advanced.context("the player panicked")?.map_err(Into::into))
}

async fn rest(wait: Option<Duration>) {
    match wait {
        Some(wait) => sleep(wait).await,
        None => std::future::pending().await,
    }
}

fn until(now: Timestamp, next: Timestamp) -> Duration {
    Duration::try_from(next.duration_since(now)).unwrap_or_default()
}
