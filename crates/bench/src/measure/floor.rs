//! The floor: only nats-server and a process that subscribes and POSTs.

use super::PEERS_GRAPH;
use super::arrivals::Arrivals;
use crate::args::Args;
use crate::figure::{Figure, rate};
use crate::floor::LISTENS;
use crate::orchestra::Orchestra;
use crate::sink::Sink;
use crate::usage;
use anyhow::{Context as _, Result, ensure};
use stage::NATS;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// The floor of a lone message.
pub(super) const ALONE_P50: &str = "floor: publish to POST, one at a time, p50";
/// The floor at the pace of the latency budget.
pub(super) const PACED_P50: &str = "floor: publish to POST at 100/s, p50";
pub(super) const PACED_P99: &str = "floor: publish to POST at 100/s, p99";
/// The floor of a flood.
pub(super) const FLOOD_RATE: &str = "floor: publish to POST, as many as it takes";
pub(super) const FLOOD_CPU: &str = "floor: CPU of nats-server and the loop, per message";

/// How many are sent one at a time, by the clock, and at once.
const ALONE: usize = 500;
const PACED: usize = 1000;
const FLOOD: usize = 20_000;

/// The pace of the latency budget (DESIGN, section 6).
pub(super) const PER_SECOND: u32 = 100;

/// The loop is up in milliseconds.
const LISTENS_WITHIN: Duration = Duration::from_secs(20);

pub(super) async fn measure(args: &Args) -> Result<Vec<Figure>> {
    let orchestra = Orchestra::prepare(args, PEERS_GRAPH, |cast| cast)?;
    orchestra.start(NATS).await?;
    let bus = orchestra.bus(1).await?;
    let mut sink = Sink::start().await?;
    let floor = start(&orchestra, &sink).await?;
    let pids = [orchestra.pid(NATS)?, floor.id().context("the floor has ended")?];

    let arrivals = |label| -> Result<Arrivals<'_>> {
        Ok(Arrivals {
            bus: &bus,
            source: "bench".parse()?,
            product: "Floor".parse()?,
            label,
        })
    };
    arrivals("warm")?
        .one_by_one(&mut sink, args.scaled(ALONE) / 5 + 1)
        .await?;
    let mut alone = arrivals("alone")?
        .one_by_one(&mut sink, args.scaled(ALONE))
        .await?;
    let mut paced = arrivals("paced")?
        .paced(&mut sink, args.scaled(PACED), PER_SECOND)
        .await?;
    let surge = args.scaled(FLOOD);
    let before = usage::cpu_of(&pids)?;
    let surge_time = arrivals("flood")?.flood(&mut sink, surge).await?;
    let cpu = usage::cpu_of(&pids)?.saturating_sub(before);
    drop((bus, floor));
    orchestra.stop_all().await;
    Ok(vec![
        Figure::new(ALONE_P50, alone.percentile_ms(50), "ms"),
        Figure::new(PACED_P50, paced.percentile_ms(50), "ms"),
        Figure::new(PACED_P99, paced.percentile_ms(99), "ms"),
        Figure::new(FLOOD_RATE, rate(surge, surge_time), "/s"),
        Figure::new(FLOOD_CPU, 1000.0 / rate(surge, cpu), "ms"),
    ])
}

/// Starts the loop as a process of its own and waits until it listens.
async fn start(orchestra: &Orchestra, sink: &Sink) -> Result<Child> {
    let mut child = Command::new(std::env::current_exe()?)
        .args([
            "floor",
            "--nats",
            &orchestra.nats_url(),
            "--sink",
            &sink.url("floor"),
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("cannot start the floor")?;
    let output = child.stdout.take().context("the floor has no output")?;
    let mut line = String::new();
    tokio::time::timeout(LISTENS_WITHIN, BufReader::new(output).read_line(&mut line))
        .await
        .context("the floor does not come up")??;
    ensure!(line.trim() == LISTENS, "the floor says {line:?}");
    Ok(child)
}
