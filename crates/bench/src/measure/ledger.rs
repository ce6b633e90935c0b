//! A conductor whose ledger is large, beside one whose ledger is small: neither its start, nor an event, nor a list
//! may depend on how many observations there are.

use super::arrivals::Arrivals;
use super::lists;
use crate::args::Args;
use crate::figure::{Figure, Times, rate};
use crate::orchestra::Orchestra;
use crate::sink::Sink;
use crate::usage;
use anyhow::Result;
use api::{ConductorClient, Http};
use bench::crowd;
use domain::ObsId;
use messaging::Bus;
use serde_json::json;
use stage::{CONDUCTOR, MOCK_PIPELINE};
use std::time::{Duration, Instant};

/// The budgets (DESIGN, section 6).
const BUDGET_START_MS: f64 = 1000.0;
const BUDGET_MIB: f64 = 100.0;
const BUDGET_GROWTH: f64 = 1.2;

/// The small ledger.
const SMALL: usize = 1000;

/// In one of so many observations something is made, and some of that fails: what lists are asked for.
const WORKED_ONE_IN: usize = 50;
const LEAST_WORKED: usize = 100;
const FAILURE_RATE: &str = "--failure-rate=0.02";

/// What was made is there by then, or something is wrong.
const WORK_WITHIN: Duration = Duration::from_mins(5);

/// Events whose cost is measured one after the other, and those before them that are not: so many that the clock of
/// CPU times, with its ticks of 10 ms, tells a hundredth.
const EVENTS: usize = 3000;
const WARM_UP: usize = 300;

/// What ledgers of different sizes are compared by.
#[derive(Debug)]
struct PerEvent {
    cpu_ms: f64,
    wall: Times,
}

pub(super) async fn measure(args: &Args) -> Result<Vec<Figure>> {
    let scaled = |count: usize| if args.quick { count / 1000 } else { count };
    let small = if args.quick { SMALL / 10 } else { SMALL };
    let (mut figures, lists, mut few) = with(args, small).await?;
    figures.extend(lists::slowest(lists));
    let (of_many, lists, mut many) = with(args, scaled(args.ledger)).await?;
    figures.extend(of_many);
    figures.extend(lists);
    figures.extend([
        Figure::new(
            "conductor: CPU of an event with the large ledger, over that with the small",
            many.cpu_ms / few.cpu_ms,
            "x",
        )
        .below(BUDGET_GROWTH),
        Figure::new(
            "conductor: arrival to POST with the large ledger, over that with the small, p50",
            many.wall.percentile_ms(50) / few.wall.percentile_ms(50),
            "x",
        )
        .below(BUDGET_GROWTH),
    ]);
    Ok(figures)
}

/// Measures a conductor with so many observations in its ledger: it, its lists, and what an event costs.
async fn with(args: &Args, count: usize) -> Result<(Vec<Figure>, Vec<Figure>, PerEvent)> {
    let mut sink = Sink::start().await?;
    let to_sink = format!("--provider-url=sink={}", sink.url("sink"));
    let mut orchestra = Orchestra::prepare(args, &graph(), |cast| {
        cast.with_args(CONDUCTOR, [to_sink]).with_args(
            MOCK_PIPELINE,
            super::NO_OP_PIPELINE.map(|flag| {
                if flag.starts_with("--failure-rate") {
                    FAILURE_RATE
                } else {
                    flag
                }
            }),
        )
    })?;
    orchestra.start_all().await?;
    let bus = orchestra.bus(1).await?;
    let conductor = ConductorClient::new(Http::new(), orchestra.url(CONDUCTOR)?);

    // What is made is the oldest: a list that looks for it from the newest on has all the others before it.
    let worked = (count / WORKED_ONE_IN).max(LEAST_WORKED);
    crowd::announce_of(&bus, "Work", worked, worked_id).await?;
    seen(&conductor, worked_id(worked - 1)?).await?;
    super::settle(&orchestra, Instant::now() + WORK_WITHIN).await?;
    let began = Instant::now();
    crowd::announce(&bus, count).await?;
    crowd::folded(&conductor, count).await?;
    let folded = began.elapsed();
    let crowded = usage::resident_mib(orchestra.pid(CONDUCTOR)?)?;
    orchestra.check_alive()?;

    orchestra.stop(CONDUCTOR).await?;
    let size = std::fs::metadata(orchestra.folder().join("conductor").join("ledger.db"))?.len();
    let start = orchestra.start(CONDUCTOR).await?;
    let pid = orchestra.pid(CONDUCTOR)?;
    let memory = usage::resident_mib(pid)?;

    let mut per_event = events(args, &orchestra, &bus, &mut sink).await?;
    let about = format!("conductor with {count} observations in the ledger");
    let lists = lists::measure(args, &about, orchestra.conductor()).await?;
    orchestra.cpu_at_rest().await?;
    let at_rest = usage::resident_mib(pid)?;
    orchestra.check_alive()?;
    drop(bus);
    orchestra.stop_all().await;

    let figures = vec![
        Figure::new(
            format!("{about}: events folded as fast as they come"),
            rate(count, folded),
            "/s",
        ),
        Figure::new(format!("{about}: memory after these"), crowded, "MiB"),
        Figure::new(
            format!("{about}: size of the ledger"),
            rate(usize::try_from(size >> 20)?, Duration::from_secs(1)),
            "MiB",
        ),
        Figure::new(
            format!("{about}: start until ready"),
            start.as_secs_f64() * 1000.0,
            "ms",
        )
        .below(BUDGET_START_MS),
        Figure::new(format!("{about}: memory after the start"), memory, "MiB").below(BUDGET_MIB),
        Figure::new(
            format!("{about}: memory at rest, after events and lists"),
            at_rest,
            "MiB",
        )
        .below(BUDGET_MIB),
        Figure::new(
            format!("{about}: CPU of the conductor per event"),
            per_event.cpu_ms,
            "ms",
        ),
        Figure::new(
            format!("{about}: arrival to POST, one at a time, p50"),
            per_event.wall.percentile_ms(50),
            "ms",
        ),
    ];
    Ok((figures, lists, per_event))
}

/// What one event costs: an arrival, and the POST that follows.
async fn events(args: &Args, orchestra: &Orchestra, bus: &Bus, sink: &mut Sink) -> Result<PerEvent> {
    let arrivals = |label| -> Result<Arrivals<'_>> {
        Ok(Arrivals {
            bus,
            source: "vhf".parse()?,
            product: "Ask".parse()?,
            label,
        })
    };
    arrivals("warm")?.one_by_one(sink, args.scaled(WARM_UP)).await?;
    let pid = orchestra.pid(CONDUCTOR)?;
    let count = args.scaled(EVENTS);
    let before = usage::cpu(pid)?;
    let wall = arrivals("ask")?.one_by_one(sink, count).await?;
    let cpu = usage::cpu(pid)?.saturating_sub(before);
    Ok(PerEvent {
        cpu_ms: 1000.0 / rate(count, cpu),
        wall,
    })
}

/// `PAIR` never comes, since an input does not; `WORKED` is made by a pipeline; the sink takes `ASKED`, and never ends it.
fn graph() -> String {
    let product = |inputs: &[&str], provider: &str| {
        json!({
            "m_input": inputs, "provider": provider, "url": "http://127.0.0.1:1/pipeline",
            "timeout": "1h", "attempts": 1,
        })
    };
    json!({
        "inputs": [crowd::PRESENT, "Never", "Work", "Ask"],
        "products": {
            "PAIR": product(&[crowd::PRESENT, "Never"], "pair"),
            "WORKED": product(&["Work"], "worker"),
            "ASKED": product(&["Ask"], "sink"),
        },
    })
    .to_string()
}

fn worked_id(at: usize) -> Result<ObsId> {
    Ok(format!("{}{at}", lists::WORKED).parse()?)
}

/// Waits until the conductor knows an observation.
async fn seen(conductor: &ConductorClient, obs_id: ObsId) -> Result<()> {
    let end = Instant::now() + WORK_WITHIN;
    while let Err(error) = conductor.observation(&obs_id).await {
        if Instant::now() > end {
            return Err(error.into());
        }
        tokio::time::sleep(crate::orchestra::LOOK_EVERY).await;
    }
    Ok(())
}
