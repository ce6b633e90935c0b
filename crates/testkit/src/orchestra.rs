//! The whole orchestra on free ports, in a folder of its own.

use crate::bin::{bin, repository_root, tool};
use crate::jetstream::jetstream;
use crate::plain::plain_publish;
use crate::small_disk::SmallDisk;
use api::{ConductorClient, Http, SdbClient, VhfClient};
use stage::{
    CONDUCTOR, Cast, Ending, MOCK_VHF, NATS, Ports, Report, Reservation, SDB, Stage, StageError, StageOptions,
};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use url::Url;

/// How a test's orchestra differs from the usual one.
#[derive(Debug, Clone)]
pub struct OrchestraOptions {
    graph: PathBuf,
    without: Vec<String>,
    args: BTreeMap<String, Vec<OsString>>,
    env: BTreeMap<String, Vec<(String, String)>>,
    disks: BTreeMap<String, SmallDisk>,
}

impl Default for OrchestraOptions {
    /// All programs, the repository's own graph, no further arguments. The canary is off: it would be a run that
    /// no test asked for; `--canary` brings it back.
    fn default() -> Self {
        let off = ("ORCHESTRA_CANARY".to_owned(), "off".to_owned());
        Self {
            graph: repository_root().join("graph.json"),
            without: Vec::new(),
            args: BTreeMap::new(),
            env: BTreeMap::from([(CONDUCTOR.to_owned(), vec![off])]),
            disks: BTreeMap::new(),
        }
    }
}

impl OrchestraOptions {
    /// With another product graph.
    #[must_use]
    pub fn graph(mut self, path: impl Into<PathBuf>) -> Self {
        self.graph = path.into();
        self
    }

    /// Without one of the programs, which the test plays itself or does not need.
    #[must_use]
    pub fn without(mut self, program: &str) -> Self {
        self.without.push(program.to_owned());
        self
    }

    /// With more arguments for a program (its name is one of the constants of `stage`).
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, program: &str, args: impl IntoIterator<Item = A>) -> Self {
        let list = self.args.entry(program.to_owned()).or_default();
        list.extend(args.into_iter().map(Into::into));
        self
    }

    /// With a variable in the environment of a program, `ORCHESTRA_CRASH_AT`.
    #[must_use]
    pub fn env(mut self, program: &str, key: &str, value: &str) -> Self {
        let list = self.env.entry(program.to_owned()).or_default();
        list.push((key.to_owned(), value.to_owned()));
        self
    }

    /// With the data of a program on a disk that can be filled.
    #[must_use]
    pub fn disk(mut self, program: &str, disk: SmallDisk) -> Self {
        self.disks.insert(program.to_owned(), disk);
        self
    }

    /// Starts it, and waits until every program is ready.
    pub async fn start(self) -> Orchestra {
        Orchestra::start_with(self).await
    }
}

/// A running orchestra: nats-server and all programs as real processes. Dropping it kills them; when the
/// test panics it shows what each said last and leaves the folder with the logs.
#[derive(Debug)]
pub struct Orchestra {
    stage: Stage,
    folder: TempDir,
    ports: Ports,
    http: Http,
    disks: BTreeMap<String, SmallDisk>,
    _reservations: Vec<Reservation>,
}

impl Orchestra {
    /// Starts the usual one.
    pub async fn start() -> Self {
        Self::start_with(OrchestraOptions::default()).await
    }

    /// Starts one that differs.
    pub async fn start_with(options: OrchestraOptions) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("orchestra-")
            .tempdir()
            .expect("a temporary folder can be made");
        let launcher = bin("stage");
        let (ports, reservations) = Ports::free().unwrap_or_else(|error| panic!("{error}"));
        let cast = Cast {
            binaries: launcher.parent().map_or_else(PathBuf::new, Path::to_owned),
            nats_server: stage::find_server(None, &repository_root())
                .unwrap_or_else(|error| panic!("{error}")),
            graph: options.graph,
            var: folder.path().to_owned(),
            ports,
            args: options.args,
            env: options.env,
        };
        let mut programs = cast.programs().unwrap_or_else(|error| panic!("{error}"));
        programs.retain(|program| !options.without.contains(&program.name));
        for program in &mut programs {
            if let Some(disk) = options.disks.get(&program.name) {
                let mut words = disk.before(&folder.path().join(&program.name));
                let first = words.remove(0);
                let first =
                    tool(&first, |_| true).unwrap_or_else(|| panic!("there is no {}", first.display()));
                words.push(std::mem::replace(&mut program.executable, first).into());
                program.args.splice(0..0, words);
            }
        }
        let (stage, _) = Stage::new(programs, StageOptions::new(launcher, folder.path()))
            .unwrap_or_else(|error| panic!("{error}"));
        let orchestra = Self {
            stage,
            folder,
            ports,
            http: Http::new(),
            disks: options.disks,
            _reservations: reservations,
        };
        let started = orchestra.stage.start_all().await;
        started.unwrap_or_else(|error| panic!("{error}"));
        orchestra
    }

    /// Kills a program as `kill -9` does, and waits until it is gone.
    pub async fn kill(&self, program: &str) {
        self.stage
            .kill(program)
            .await
            .unwrap_or_else(|error| panic!("{error}"));
    }

    /// Ends a program as `kill` does, and waits until it is gone.
    pub async fn stop(&self, program: &str) {
        self.stage
            .stop(program)
            .await
            .unwrap_or_else(|error| panic!("{error}"));
    }

    /// Starts a program that is gone, on the same port and data, and waits until it is ready.
    pub async fn restart(&self, program: &str) {
        self.stage
            .start(program)
            .await
            .unwrap_or_else(|error| panic!("{error}"));
    }

    /// Starts a program that is gone and may die again before it is ready, as one that is to crash at a point
    /// does: says whether it became ready.
    pub async fn restart_doomed(&self, program: &str) -> bool {
        match self.stage.start(program).await {
            Ok(()) => true,
            Err(StageError::DiedEarly { .. }) => false,
            Err(error) => panic!("{error}"),
        }
    }

    /// Waits until a program has ended by itself, as at a crash point, and says how.
    pub async fn ended(&self, program: &str) -> Option<Ending> {
        self.stage
            .ended(program)
            .await
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Sets a variable of a program's environment from its next start on, or takes it away.
    pub fn set_env(&self, program: &str, key: &str, value: Option<&str>) {
        let set = self.stage.set_env(program, key, value);
        set.unwrap_or_else(|error| panic!("{error}"));
    }

    /// Fills the disk of a program that has [one](OrchestraOptions::disk).
    pub fn fill_disk(&self, program: &str) {
        let (disk, pid, folder) = self.disk(program);
        disk.fill(pid, &folder);
    }

    /// Makes room on it again.
    pub fn clear_disk(&self, program: &str) {
        let (disk, pid, folder) = self.disk(program);
        disk.clear(pid, &folder);
    }

    fn disk(&self, program: &str) -> (SmallDisk, u32, PathBuf) {
        let disk = self.disks.get(program);
        let disk = disk.unwrap_or_else(|| panic!("{program} has no disk of its own"));
        let reports = self.reports();
        let pid = reports
            .iter()
            .find(|report| report.name == program)
            .and_then(|report| report.pid);
        let pid = pid.unwrap_or_else(|| panic!("{program} does not run"));
        (*disk, pid, self.folder().join(program))
    }

    /// How each program is.
    pub fn reports(&self) -> Vec<Report> {
        self.stage.reports()
    }

    /// Where a program is reached, `http://127.0.0.1:20123`; the same after a restart. Also for one that
    /// this orchestra is [`without`](OrchestraOptions::without): there the test may play it.
    pub fn url(&self, program: &str) -> Url {
        let (scheme, port) = match program {
            NATS => ("nats", self.ports.nats),
            SDB => ("http", self.ports.sdb),
            CONDUCTOR => ("http", self.ports.conductor),
            MOCK_VHF => ("http", self.ports.vhf),
            stage::MOCK_PIPELINE => ("http", self.ports.pipeline),
            other => panic!("{other} is no program of the orchestra"),
        };
        let url = format!("{scheme}://127.0.0.1:{port}");
        url.parse().expect("an address and a port are a URL")
    }

    /// The address of its NATS server, `nats://127.0.0.1:20123`.
    pub fn nats_url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.ports.nats)
    }

    /// Publishes as `nats pub SUBJECT BODY` does: plain core NATS, without header or acknowledgement.
    pub async fn publish(&self, subject: &str, body: impl AsRef<[u8]>) {
        let server = SocketAddr::from((Ipv4Addr::LOCALHOST, self.ports.nats));
        plain_publish(server, subject, body.as_ref()).await;
    }

    /// Asks the server for something of `JetStream`, as an administrator does.
    pub async fn jetstream(&self, requests: &[(&str, serde_json::Value)]) -> Vec<serde_json::Value> {
        jetstream(SocketAddr::from((Ipv4Addr::LOCALHOST, self.ports.nats)), requests).await
    }

    /// A client of its conductor.
    pub fn conductor(&self) -> ConductorClient {
        ConductorClient::new(self.http.clone(), self.url(CONDUCTOR))
    }

    /// A client of its SDB.
    pub fn sdb(&self) -> SdbClient {
        SdbClient::new(self.http.clone(), self.url(SDB))
    }

    /// A client of its VHF source.
    pub fn vhf(&self) -> VhfClient {
        VhfClient::new(self.http.clone(), self.url(MOCK_VHF))
    }

    /// The folder of its data: `sdb`, `conductor/ledger.db`, `log`.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What a program has logged so far, over its restarts.
    pub fn log(&self, program: &str) -> String {
        let path = self.folder.path().join("log").join(format!("{program}.log"));
        std::fs::read_to_string(path).unwrap_or_default()
    }
}

impl Drop for Orchestra {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        self.folder.disable_cleanup(true);
        let mut out = std::io::stderr();
        for report in self.stage.reports() {
            let lines = self.stage.last_lines(&report.name).unwrap_or_default();
            let ending = report.ending.unwrap_or_default();
            // A failed write of what explains a failure has nobody to go to.
            writeln!(
                out,
                "--- {} ({} {ending}) said last:\n{lines}",
                report.name, report.state
            )
            .ok();
        }
        writeln!(out, "--- all of it is in {}", self.folder.path().display()).ok();
    }
}
