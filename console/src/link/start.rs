//! All tasks, started.

use super::acts::Acts;
use super::conductor::Watch;
use super::inlet::{self, Inlet};
use super::nats::Ear;
use super::questions::Questions;
use super::resync::Resync;
use super::snapshot::Snapshots;
use super::{Commands, Tempo, commands, recording, wants};
use crate::model::{Cause, Update};
use anyhow::Context as _;
use api::{ConductorClient, Http, PipelineClient, SdbClient};
use service_kit::{Clock, Shutdown};
use std::path::PathBuf;
use tokio::sync::mpsc;
use url::Url;

/// Where things are, and who asks.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The NATS servers, separated by commas.
    pub nats: String,
    /// The conductor.
    pub conductor: Url,
    /// The mission database.
    pub sdb: Url,
    /// Who acts, for the audit trail.
    pub operator: String,
    /// Where every update is written to, if it is.
    pub record: Option<PathBuf>,
}

/// The ends of the link that the screen holds.
#[derive(Debug)]
pub struct Linked {
    /// What comes in. It has to be drained: what does not fit is lost, counted and asked for again.
    pub updates: mpsc::Receiver<Update>,
    /// What goes out.
    pub commands: Commands,
    /// The time of the updates.
    pub clock: Tempo,
}

/// Starts all tasks; they end with `shutdown`. Nothing has to be there yet.
///
/// # Errors
/// An address that is none, an operator's name that cannot be sent, or a recording that cannot be made.
pub async fn start(settings: Settings, shutdown: &Shutdown) -> anyhow::Result<Linked> {
    let clock = Clock::start(None);
    let http = Http::new().acting_as(&settings.operator)?;
    let conductor = ConductorClient::new(http.clone(), settings.conductor.clone());
    let (inlet, reporter, mut updates) = inlet::open();
    let (resync, asked) = Resync::new();
    if let Some(path) = &settings.record {
        let recorder = recording::Recorder::create(path).context("the recording")?;
        let (passed, tee) = recording::tee(recorder, clock, updates);
        updates = passed;
        shutdown.spawn("recording", tee);
    }
    let ear = Ear::open(&settings.nats, inlet.clone(), resync.clone()).await?;
    ear.spawn(shutdown).await?;
    shutdown.spawn("losses", reporter.run(resync.clone(), shutdown.token()));
    resync.ask(Cause::Start);
    let snapshots = Snapshots::new(conductor.clone(), inlet.clone(), clock);
    shutdown.spawn("snapshot", snapshots.run(asked, shutdown.token()));
    let watch = Watch::new(conductor.clone(), inlet.clone(), resync.clone());
    shutdown.spawn("conductor", watch.run(shutdown.token()));
    let (commands, wishes) = commands::open(resync);
    shutdown.spawn(
        "wants",
        wants::run(conductor.clone(), inlet.clone(), wishes.wants, shutdown.token()),
    );
    let acts = Acts {
        http: http.clone(),
        conductor: settings.conductor,
        pipelines: PipelineClient::new(http.clone()),
    };
    shutdown.spawn("acts", acts.run(wishes.acts, inlet.clone(), shutdown.token()));
    let questions = Questions::new(
        conductor,
        SdbClient::new(http.clone(), settings.sdb),
        PipelineClient::new(http),
        inlet,
    );
    shutdown.spawn("questions", questions.run(wishes.questions, shutdown.token()));
    Ok(Linked {
        updates,
        commands,
        clock: Tempo::from(clock),
    })
}

impl Linked {
    /// A link to a recorded night: its updates come at their pace, or so many times as fast, and nothing goes out.
    ///
    /// # Errors
    /// The file cannot be read, or does not begin as a recording does.
    pub fn replay(path: &std::path::Path, speed: f64, shutdown: &Shutdown) -> anyhow::Result<Self> {
        let replay = recording::Replay::open(path, speed)?;
        let clock = replay.clock();
        let (inlet, _, updates): (Inlet, _, _) = inlet::open();
        shutdown.spawn("replay", replay.run(inlet, shutdown.token()));
        Ok(Self {
            updates,
            commands: Commands::deaf(),
            clock,
        })
    }
}
