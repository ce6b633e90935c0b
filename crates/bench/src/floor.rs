//! The floor: what must happen at least, by a process that decides nothing and stores nothing.

use crate::args::FloorArgs;
use anyhow::{Context as _, Result};
use api::pipeline::ProcessingRequest;
use api::{Http, PipelineClient};
use futures_util::{StreamExt as _, stream};
use messaging::{Bus, BusOptions, DataFeed, Heard};
use std::io::Write as _;
use std::process::ExitCode;

/// POSTs under way at once: as many as the shared HTTP client keeps connections.
const POSTS_AT_ONCE: usize = 64;

/// Messages that it may hold: more than are ever sent at once, since one that is dropped is waited for in vain.
const CAPACITY: usize = 65_536;

/// What the floor says once it listens.
pub(crate) const LISTENS: &str = "listens";

/// Subscribes, and POSTs each announcement it hears, until it is killed.
pub(crate) async fn run(args: &FloorArgs) -> Result<ExitCode> {
    let options = BusOptions::new([&args.nats], "floor".parse()?).subscription_capacity(CAPACITY);
    let bus = Bus::connect(options).await?;
    let feed = bus.data_watch().await?;
    // The server has the subscription once it has answered what was sent after it.
    bus.flush(std::time::Duration::from_secs(5)).await;
    writeln!(std::io::stdout(), "{LISTENS}").context("nobody reads what the floor says")?;
    let client = PipelineClient::new(Http::new());
    announcements(feed)
        .for_each_concurrent(POSTS_AT_ONCE, async |request| {
            if let Err(error) = client.post(&args.sink, &request).await {
                tracing::error!(%error, "the floor could not POST");
            }
        })
        .await;
    Ok(ExitCode::SUCCESS)
}

fn announcements(feed: DataFeed) -> impl stream::Stream<Item = ProcessingRequest> {
    stream::unfold(feed, async |mut feed| {
        loop {
            if let Heard::Message { said, .. } = feed.next().await?
                && let Some(product) = said.product
            {
                return Some((ProcessingRequest::of(product, said.obs_id), feed));
            }
        }
    })
}
