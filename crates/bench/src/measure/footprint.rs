//! What each service takes: until it is ready, at rest, and after a day's bursts.

use crate::args::Args;
use crate::figure::Figure;
use crate::orchestra::{ALL, LOOK_EVERY, Orchestra};
use crate::usage;
use anyhow::{Context as _, Result, bail};
use api::vhf::{ReplayRequest, ReplayState};
use api::{Http, VhfClient};
use stage::{MOCK_PIPELINE, MOCK_VHF, NATS};
use std::time::{Duration, Instant};

/// The budgets of a service, and of all with nats-server (DESIGN, section 6).
const BUDGET_MIB: f64 = 30.0;
const BUDGET_CPU_PERCENT: f64 = 0.5;
const BUDGET_ALL_MIB: f64 = 120.0;
/// The conductor's start (DESIGN, section 6), here with a small ledger, and that of any other service.
const BUDGET_START_MS: f64 = 1000.0;

/// How long the services are watched at rest: many of their 5 s heartbeats.
const IDLE: Duration = Duration::from_secs(30);

/// How much faster than in reality the bursts come: hours of one become a moment.
const SPEED: f64 = 1_000_000.0;

/// The replay and its products are over by then, or something is wrong.
const REPLAY_WITHIN: Duration = Duration::from_mins(5);

pub(super) async fn measure(args: &Args) -> Result<Vec<Figure>> {
    let graph = std::fs::read_to_string(&args.graph)
        .with_context(|| format!("cannot read the graph {}", args.graph.display()))?;
    let mut orchestra = Orchestra::prepare(args, &graph, |cast| {
        cast.with_args(MOCK_PIPELINE, super::NO_OP_PIPELINE)
    })?;
    let mut figures = Vec::new();
    for name in ALL {
        let took = orchestra.start(name).await?.as_secs_f64() * 1000.0;
        let figure = Figure::new(format!("{name}: start until ready"), took, "ms");
        figures.push(if name == NATS {
            figure
        } else {
            figure.below(BUDGET_START_MS)
        });
    }
    figures.extend(at_rest(args, &orchestra, "idle").await?);
    replay(&orchestra).await?;
    figures.extend(at_rest(args, &orchestra, "after 50 bursts").await?);
    orchestra.check_alive()?;
    orchestra.stop_all().await;
    Ok(figures)
}

/// Memory and CPU of each service once all is quiet.
async fn at_rest(args: &Args, orchestra: &Orchestra, when: &str) -> Result<Vec<Figure>> {
    orchestra.cpu_at_rest().await?;
    let window = if args.quick { IDLE / 10 } else { IDLE };
    let before: Vec<Duration> = orchestra
        .pids()?
        .into_iter()
        .map(usage::cpu)
        .collect::<Result<_>>()?;
    tokio::time::sleep(window).await;
    let mut figures = Vec::new();
    let mut sum = 0.0;
    for (name, before) in ALL.into_iter().zip(before) {
        let pid = orchestra.pid(name)?;
        let (memory, cpu) = (usage::resident_mib(pid)?, usage::cpu(pid)?.saturating_sub(before));
        let percent = 100.0 * cpu.as_secs_f64() / window.as_secs_f64();
        sum += memory;
        let memory = Figure::new(format!("{name}: memory, {when}"), memory, "MiB");
        let cpu = Figure::new(format!("{name}: CPU, {when}"), percent, "% of a core");
        // nats-server is not ours; it counts in the sum.
        let budgeted = name != NATS;
        figures.push(if budgeted {
            memory.below(BUDGET_MIB)
        } else {
            memory
        });
        figures.push(if budgeted {
            cpu.below(BUDGET_CPU_PERCENT)
        } else {
            cpu
        });
    }
    figures
        .push(Figure::new(format!("all with nats-server: memory, {when}"), sum, "MiB").below(BUDGET_ALL_MIB));
    Ok(figures)
}

/// Plays the 50 bursts and waits until everything that can be made is made.
async fn replay(orchestra: &Orchestra) -> Result<()> {
    let vhf = VhfClient::new(Http::new(), orchestra.url(MOCK_VHF)?);
    let request = ReplayRequest {
        all: true,
        speed: Some(SPEED),
        gap: Some("0s".to_owned()),
        ..ReplayRequest::default()
    };
    let started = vhf.replay(&request).await.context("the replay does not start")?;
    let end = Instant::now() + REPLAY_WITHIN;
    loop {
        let replay = vhf.progress(started.id).await?;
        match replay.state {
            ReplayState::Done => break,
            ReplayState::Stopped => bail!("the replay was stopped"),
            ReplayState::Running if Instant::now() > end => {
                bail!(
                    "{} of {} packets within {REPLAY_WITHIN:?}",
                    replay.announced,
                    replay.total
                )
            }
            ReplayState::Running => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
    super::settle(orchestra, end).await
}
