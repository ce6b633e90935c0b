//! A stage with the real programs, on free ports and a folder that goes with it.

use crate::args::Args;
use crate::usage;
use anyhow::{Context as _, Result, bail};
use messaging::{Bus, BusOptions};
use stage::{
    CONDUCTOR, Cast, Death, MOCK_PIPELINE, MOCK_VHF, NATS, Ports, Reservation, SDB, Stage, StageOptions,
};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::sync::mpsc;
use url::Url;

/// Every program, in the order of the start.
pub(crate) const ALL: [&str; 5] = [NATS, SDB, CONDUCTOR, MOCK_VHF, MOCK_PIPELINE];

/// Between two looks at something that has no event of its own.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How long the services may take to come to rest after a series.
const REST_WITHIN: Duration = Duration::from_secs(10);

/// What counts as rest: no more than a heartbeat's work in this time.
const REST_WINDOW: Duration = Duration::from_millis(300);
const REST_CPU: Duration = Duration::from_millis(20);

/// The programs of one section.
#[derive(Debug)]
pub(crate) struct Orchestra {
    stage: Stage,
    deaths: mpsc::Receiver<Death>,
    ports: Ports,
    folder: TempDir,
    _reserved: Vec<Reservation>,
}

impl Orchestra {
    /// Prepares the programs with a graph; nothing runs yet. `adapt` may give programs more arguments.
    pub(crate) fn prepare(args: &Args, graph: &str, adapt: impl FnOnce(Cast) -> Cast) -> Result<Self> {
        let binaries = binaries(args)?;
        std::fs::create_dir_all(&args.scratch)
            .with_context(|| format!("cannot make the folder {}", args.scratch.display()))?;
        let folder = tempfile::Builder::new()
            .prefix("bench-")
            .tempdir_in(args.scratch.canonicalize()?)
            .context("cannot make a folder for the data")?;
        let graph_file = folder.path().join("graph.json");
        std::fs::write(&graph_file, graph).context("cannot write the graph")?;
        let (ports, reserved) = Ports::free()?;
        let cast = adapt(Cast {
            binaries: binaries.clone(),
            nats_server: stage::find_server(args.nats_server.as_deref(), Path::new("."))?,
            graph: graph_file,
            var: folder.path().to_owned(),
            ports,
            args: std::collections::BTreeMap::new(),
            // What is measured is the work, and no canary that comes in between.
            env: std::collections::BTreeMap::from([(
                CONDUCTOR.to_owned(),
                vec![("ORCHESTRA_CANARY".to_owned(), "off".to_owned())],
            )]),
        });
        let options = StageOptions::new(binaries.join("stage"), folder.path());
        let (stage, deaths) = Stage::new(cast.programs()?, options)?;
        Ok(Self {
            stage,
            deaths,
            ports,
            folder,
            _reserved: reserved,
        })
    }

    /// Starts one program, and says how long it took until it was ready.
    pub(crate) async fn start(&self, name: &str) -> Result<Duration> {
        let began = Instant::now();
        self.stage.start(name).await?;
        Ok(began.elapsed())
    }

    /// Starts all of them in order.
    pub(crate) async fn start_all(&self) -> Result<()> {
        for name in ALL {
            self.start(name).await?;
        }
        Ok(())
    }

    /// Ends one program in good order.
    pub(crate) async fn stop(&self, name: &str) -> Result<()> {
        Ok(self.stage.stop(name).await?)
    }

    /// Ends all, in good order.
    pub(crate) async fn stop_all(self) {
        self.stage.stop_all().await;
    }

    /// The process of a program.
    pub(crate) fn pid(&self, name: &str) -> Result<u32> {
        let report = self
            .stage
            .reports()
            .into_iter()
            .find(|report| report.name == name);
        report
            .and_then(|report| report.pid)
            .with_context(|| format!("{name} does not run"))
    }

    /// The processes of all programs.
    pub(crate) fn pids(&self) -> Result<Vec<u32>> {
        ALL.iter().map(|name| self.pid(name)).collect()
    }

    /// Where a program is reached over HTTP.
    pub(crate) fn url(&self, name: &str) -> Result<Url> {
        Ok(self.stage.url(name)?.parse()?)
    }

    /// The address of the SDB.
    pub(crate) fn sdb(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.ports.sdb))
    }

    /// The address of the conductor.
    pub(crate) fn conductor(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.ports.conductor))
    }

    /// The address of the messages.
    pub(crate) fn nats_url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.ports.nats)
    }

    /// The folder of the data.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A connection of the bench's own, with the streams made. `capacity` messages may wait to be read.
    pub(crate) async fn bus(&self, capacity: usize) -> Result<Bus> {
        let options = BusOptions::new([self.nats_url()], "bench".parse()?).subscription_capacity(capacity);
        let bus = Bus::connect(options).await?;
        bus.ensure_streams(&messaging::Streams::default()).await?;
        Ok(bus)
    }

    /// Waits until the programs work no more, and gives their time so far.
    pub(crate) async fn cpu_at_rest(&self) -> Result<Duration> {
        let pids = self.pids()?;
        let end = Instant::now() + REST_WITHIN;
        let mut before = usage::cpu_of(&pids)?;
        loop {
            tokio::time::sleep(REST_WINDOW).await;
            let now = usage::cpu_of(&pids)?;
            if now.saturating_sub(before) <= REST_CPU || Instant::now() > end {
                return Ok(now);
            }
            before = now;
        }
    }

    /// Fails if a program has died: what was measured since is worth nothing.
    pub(crate) fn check_alive(&mut self) -> Result<()> {
        if let Ok(death) = self.deaths.try_recv() {
            bail!(
                "{} died ({}); its last lines:\n{}",
                death.program,
                death.ending,
                death.last_lines
            );
        }
        Ok(())
    }
}

fn binaries(args: &Args) -> Result<PathBuf> {
    if let Some(binaries) = &args.binaries {
        return Ok(binaries.canonicalize()?);
    }
    let this = std::env::current_exe().context("cannot find this program")?;
    Ok(this
        .parent()
        .context("this program lies in no folder")?
        .to_owned())
}
