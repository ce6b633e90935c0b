//! `just demo`: 50 real bursts through an orchestra of its own, and what came of each.

mod progress;
mod score;
mod watch;

use crate::house::House;
use crate::lock::Lock;
use crate::signals::Signals;
use anyhow::{Context as _, bail};
use api::vhf::ReplayRequest;
use api::{ConductorClient, Http, VhfClient};
use clap::Args;
use progress::Progress;
use stage::{Death, Ports, Stage, StageOptions};
use std::io::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use url::Url;

/// What is replayed, and how.
#[derive(Debug, Clone, Args)]
pub(crate) struct DemoArgs {
    /// What the delays within a burst are divided by
    #[arg(long, env = "ORCHESTRA_DEMO_SPEED", default_value_t = 600.0)]
    speed: f64,
    /// From the last message of a burst to the first of the next
    #[arg(long, env = "ORCHESTRA_DEMO_GAP", default_value = "2s")]
    gap: String,
    /// One burst instead of all, `sb26022501`
    #[arg(long, env = "ORCHESTRA_DEMO_BURST")]
    burst: Option<String>,
    /// What the failures of the mock pipelines are drawn from; the same seed fails the same attempts
    #[arg(long, env = "ORCHESTRA_DEMO_SEED", default_value_t = 1)]
    seed: u64,
    /// More arguments for the mock pipelines: `--pipeline-args "--failure-rate 0"`
    #[arg(
        long,
        env = "ORCHESTRA_DEMO_PIPELINE_ARGS",
        value_delimiter = ' ',
        allow_hyphen_values = true
    )]
    pipeline_args: Vec<String>,
    /// After this the demo gives up and says what was still in progress
    #[arg(long, env = "ORCHESTRA_DEMO_DEADLINE", default_value = "20m")]
    deadline: humantime::Duration,
}

/// Plays the bursts; the orchestra is gone afterwards, its data and logs stay until the next demo.
pub(crate) async fn run(house: &House, args: DemoArgs) -> anyhow::Result<ExitCode> {
    let _lock = Lock::take(&house.demo_lock(), "a demo", "its Ctrl-C stops it")?;
    let mut signals = Signals::catch()?;
    let house = house.with_var(house.demo_var());
    stage::forget(&house.var)?;
    let (ports, _held) = Ports::free()?;
    let programs = house
        .cast(ports)?
        .with_args(stage::MOCK_PIPELINE, ["--seed".to_owned(), args.seed.to_string()])
        .with_args(stage::MOCK_PIPELINE, &args.pipeline_args)
        .programs()?;
    let (stage, deaths) = Stage::new(programs, StageOptions::new(&house.launcher, &house.var))?;
    let mut progress = Progress::stdout();
    let outcome = tokio::select! {
        outcome = play(&stage, deaths, &args, &mut progress) => outcome.map(Some),
        () = signals.next() => Ok(None),
    };
    match &outcome {
        Ok(None) => progress.note("stopping: what is being made is finished first; Ctrl-C again kills"),
        Ok(Some(_)) | Err(_) => progress.clear(),
    }
    tokio::select! {
        () = stage.stop_all() => {}
        () = signals.next() => stage.kill_all(),
    }
    let logs = house.var.join("log");
    match outcome {
        Ok(Some(score)) => {
            let mut out = std::io::stdout();
            write!(out, "\n{score}")?;
            writeln!(out, "logs and data: {}", house.var.display())?;
            Ok(ExitCode::SUCCESS)
        }
        Ok(None) => bail!("stopped before its end"),
        Err(error) => Err(error.context(format!("the demo did not end well; logs: {}", logs.display()))),
    }
}

async fn play(
    stage: &Stage,
    mut deaths: mpsc::Receiver<Death>,
    args: &DemoArgs,
    progress: &mut Progress,
) -> anyhow::Result<score::Score> {
    progress.note("starting an orchestra of its own");
    stage.start_all().await?;
    let http = Http::new();
    let url = |name| anyhow::Ok(Url::parse(&stage.url(name)?)?);
    let conductor = ConductorClient::new(http.clone(), url(stage::CONDUCTOR)?);
    let vhf = VhfClient::new(http, url(stage::MOCK_VHF)?);
    let replay = vhf
        .replay(&ReplayRequest {
            burst: args.burst.clone(),
            all: args.burst.is_none(),
            speed: Some(args.speed),
            gap: Some(args.gap.clone()),
        })
        .await
        .context("the VHF source does not replay")?;
    progress.note(&format!(
        "{} bursts, {} messages, at {} times the speed; conductor {}",
        replay.bursts.len(),
        replay.total,
        args.speed,
        stage.url(stage::CONDUCTOR)?
    ));
    let begun = Instant::now();
    let deadline = *args.deadline;
    tokio::select! {
        outcome = watch::until_over(&conductor, &vhf, replay.id, progress) => outcome?,
        Some(death) = deaths.recv() => bail!(
            "{} died ({}); its last lines:\n{}",
            death.program, death.ending, death.last_lines
        ),
        () = tokio::time::sleep(deadline) => {
            let open = watch::in_progress(&conductor).await?;
            bail!("not over after {}; in progress: {}", args.deadline, open.join(", "));
        }
    }
    let took = Duration::from_secs(begun.elapsed().as_secs());
    progress.note(&format!("over after {}", humantime::format_duration(took)));
    score::collect(&conductor).await
}
