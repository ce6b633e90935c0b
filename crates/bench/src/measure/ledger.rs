//! The start of a conductor whose ledger holds very many observations: it must not depend on their number.

use crate::args::Args;
use crate::figure::{Figure, rate};
use crate::orchestra::{LOOK_EVERY, Orchestra};
use crate::usage;
use anyhow::{Context as _, Result};
use api::{ConductorClient, Http};
use domain::{Announcement, ObsId, ProductName};
use messaging::{Bus, Outbound};
use stage::CONDUCTOR;
use std::time::{Duration, Instant};

/// The budgets (DESIGN, section 6).
const BUDGET_START_MS: f64 = 1000.0;
const BUDGET_MIB: f64 = 100.0;

/// Announcements that are made at once, so that a million need no gigabyte here.
const BATCH: usize = 10_000;

/// The least that is worth waiting for, in observations per second.
const PATIENCE_RATE: usize = 1000;
const PATIENCE: Duration = Duration::from_mins(1);

/// One input is there, the other never comes: nothing is made, everything is kept.
const GRAPH: &str = r#"{
    "inputs": ["Present", "Never"],
    "products": {
        "PAIR": {"m_input": ["Present", "Never"], "provider": "pair", "url": "http://127.0.0.1:1/pipeline"}
    }
}"#;

pub(super) async fn measure(args: &Args) -> Result<Vec<Figure>> {
    let count = if args.quick {
        args.ledger / 1000
    } else {
        args.ledger
    };
    let mut orchestra = Orchestra::prepare(args, GRAPH, |cast| cast)?;
    orchestra.start_all().await?;
    let bus = orchestra.bus(1).await?;
    let began = Instant::now();
    fill(&bus, count).await?;
    folded(&orchestra, &obs_id(count - 1)?, count).await?;
    let took = began.elapsed();
    orchestra.check_alive()?;

    orchestra.stop(CONDUCTOR).await?;
    let start = orchestra.start(CONDUCTOR).await?;
    let memory = usage::resident_mib(orchestra.pid(CONDUCTOR)?)?;
    let size = std::fs::metadata(orchestra.folder().join("conductor").join("ledger.db"))?.len();
    drop(bus);
    orchestra.stop_all().await;
    let about = format!("conductor with {count} observations in the ledger");
    Ok(vec![
        Figure::new(
            "conductor: events folded while they come as fast as they can",
            rate(count, took),
            "/s",
        ),
        Figure::new(
            format!("{about}: start until ready"),
            start.as_secs_f64() * 1000.0,
            "ms",
        )
        .below(BUDGET_START_MS),
        Figure::new(format!("{about}: memory after the start"), memory, "MiB").below(BUDGET_MIB),
        Figure::new(
            format!("{about}: size of the ledger"),
            rate(usize::try_from(size >> 20)?, Duration::from_secs(1)),
            "MiB",
        ),
    ])
}

async fn fill(bus: &Bus, count: usize) -> Result<()> {
    let product: ProductName = "Present".parse()?;
    let vhf = "vhf".parse()?;
    for first in (0..count).step_by(BATCH) {
        let outbound: Vec<Outbound> = (first..count.min(first + BATCH))
            .map(|at| {
                let announcement = Announcement::of(product.clone(), obs_id(at)?);
                Ok(Outbound::new(format!("vhf-{at}"), &announcement)?)
            })
            .collect::<Result<_>>()?;
        if let Some(error) = bus.announce_all(&vhf, &outbound).await.failure {
            return Err(error.into());
        }
    }
    Ok(())
}

fn obs_id(at: usize) -> Result<ObsId> {
    Ok(ObsId::try_from(at as u64)?)
}

/// Waits until the conductor knows the last observation: it folds them in order.
async fn folded(orchestra: &Orchestra, last: &ObsId, count: usize) -> Result<()> {
    let conductor = ConductorClient::new(Http::new(), orchestra.url(CONDUCTOR)?);
    let end = Instant::now() + PATIENCE + Duration::from_secs((count / PATIENCE_RATE) as u64);
    while let Err(error) = conductor.observation(last).await {
        if Instant::now() > end {
            let told = Err(error).with_context(|| format!("the conductor has not folded {count} events"));
            return told;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}
