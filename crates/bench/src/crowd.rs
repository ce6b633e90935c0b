//! Very many observations, each of which waits for an input that never comes: nothing is made, everything is kept.

use anyhow::{Context as _, Result};
use api::ConductorClient;
use domain::{Announcement, ObsId, ProductName};
use messaging::{Bus, Outbound};
use std::time::{Duration, Instant};

/// The input that comes. Whatever a graph makes of it needs another one too, or is made.
pub const PRESENT: &str = "Present";

/// One product that is never made.
pub const GRAPH: &str = r#"{
    "inputs": ["Present", "Never"],
    "products": {
        "PAIR": {"m_input": ["Present", "Never"], "provider": "pair", "url": "http://127.0.0.1:1/pipeline"}
    }
}"#;

/// Announcements that are made at once, so that a million need no gigabyte here.
const BATCH: usize = 10_000;

/// The least that is worth waiting for, in observations per second.
const PATIENCE_RATE: usize = 1000;
const PATIENCE: Duration = Duration::from_mins(1);
/// Between two looks whether the conductor has them all.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Announces [`PRESENT`] of so many observations.
///
/// # Errors
/// The streams do not take one.
pub async fn announce(bus: &Bus, count: usize) -> Result<()> {
    announce_of(bus, PRESENT, count, obs_id).await
}

/// Announces an input of so many observations, which `id` names by their number.
///
/// # Errors
/// The input or an id is none, or the streams do not take one.
pub async fn announce_of(
    bus: &Bus,
    input: &str,
    count: usize,
    id: impl Fn(usize) -> Result<ObsId>,
) -> Result<()> {
    let product: ProductName = input.parse()?;
    let vhf = "vhf".parse()?;
    for first in (0..count).step_by(BATCH) {
        let outbound: Vec<Outbound> = (first..count.min(first + BATCH))
            .map(|at| {
                let obs_id = id(at)?;
                let message_id = format!("vhf-{obs_id}");
                let announcement = Announcement::of(product.clone(), obs_id);
                Ok(Outbound::new(message_id, &announcement)?)
            })
            .collect::<Result<_>>()?;
        if let Some(error) = bus.announce_all(&vhf, &outbound).await.failure {
            return Err(error.into());
        }
    }
    Ok(())
}

/// Waits until the conductor knows so many observations: it folds them in order, so the last is looked for.
///
/// # Errors
/// It takes far too long.
pub async fn folded(conductor: &ConductorClient, count: usize) -> Result<()> {
    let last = obs_id(count.saturating_sub(1))?;
    let end = Instant::now() + PATIENCE + Duration::from_secs((count / PATIENCE_RATE) as u64);
    while let Err(error) = conductor.observation(&last).await {
        if Instant::now() > end {
            let told = Err(error).with_context(|| format!("the conductor has not folded {count} events"));
            return told;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

/// The id of one of them.
///
/// # Errors
/// None: every number is an id.
pub fn obs_id(at: usize) -> Result<ObsId> {
    Ok(ObsId::try_from(at as u64)?)
}
