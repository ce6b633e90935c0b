//! The start of a conductor whose ledger holds very many observations: it must not depend on their number.

use crate::args::Args;
use crate::figure::{Figure, rate};
use crate::orchestra::Orchestra;
use crate::usage;
use anyhow::Result;
use api::{ConductorClient, Http};
use bench::crowd;
use stage::CONDUCTOR;
use std::time::{Duration, Instant};

/// The budgets (DESIGN, section 6).
const BUDGET_START_MS: f64 = 1000.0;
const BUDGET_MIB: f64 = 100.0;

pub(super) async fn measure(args: &Args) -> Result<Vec<Figure>> {
    let count = if args.quick {
        args.ledger / 1000
    } else {
        args.ledger
    };
    let mut orchestra = Orchestra::prepare(args, crowd::GRAPH, |cast| cast)?;
    orchestra.start_all().await?;
    let bus = orchestra.bus(1).await?;
    let began = Instant::now();
    crowd::announce(&bus, count).await?;
    let conductor = ConductorClient::new(Http::new(), orchestra.url(CONDUCTOR)?);
    crowd::folded(&conductor, count).await?;
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
