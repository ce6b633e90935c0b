//! One test's SDB, NATS and mock pipelines.

use crate::program::Mock;
use api::{Http, PageQuery, SdbClient, pipeline::ProcessingRequest, sdb::ProductRecord};
use domain::{Activity, Attempt, ObsId, ProcessingActivity, ProcessingState, ProductName};
use messaging::{ActivityFeed, Bus, BusOptions, Heard};
use serde_json::Value;
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;
use testkit::{Nats, bin, eventually, free_port};

/// All that is waited for takes milliseconds; the machine may be compiling.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// Processes and folders that end with the test.
pub(crate) struct Scene {
    pub(crate) nats: Nats,
    folder: TempDir,
    sdb: Option<Child>,
    sdb_address: SocketAddr,
}

impl Scene {
    pub(crate) async fn start() -> Self {
        let mut scene = Self::without_sdb().await;
        scene.start_sdb().await;
        scene
    }

    /// The SDB is started later, at an address that is known already.
    pub(crate) async fn without_sdb() -> Self {
        Self {
            nats: Nats::start().await,
            folder: tempfile::tempdir().unwrap(),
            sdb: None,
            sdb_address: (Ipv4Addr::LOCALHOST, free_port()).into(),
        }
    }

    pub(crate) async fn start_sdb(&mut self) {
        let ready = self.folder.path().join("sdb.ready");
        std::fs::remove_file(&ready).ok();
        let child = Command::new(bin("orchestra-sdb"))
            .args(["--listen", &self.sdb_address.to_string()])
            .args(["--log", "warn", "--nats", &self.nats.url()])
            .arg("--data-dir")
            .arg(self.folder.path().join("sdb"))
            .arg("--ready-file")
            .arg(&ready)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        self.sdb = Some(child);
        eventually(SOON, async || ready.exists()).await;
    }

    /// Kills it as `kill -9` does.
    pub(crate) fn kill_sdb(&mut self) {
        if let Some(mut child) = self.sdb.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub(crate) fn sdb(&self) -> SdbClient {
        let base = format!("http://{}", self.sdb_address).parse().unwrap();
        SdbClient::new(Http::new(), base)
    }

    /// Pipelines that make everything at once and never fail, unless the arguments say otherwise. They find again
    /// what one before them has remembered.
    pub(crate) async fn mock(&self, args: &[&str]) -> Mock {
        self.mock_at("state", args, &[]).await
    }

    /// The same with a crash point (`ORCHESTRA_CRASH_AT`).
    pub(crate) async fn mock_crashing_at(&self, point: &str, args: &[&str]) -> Mock {
        let crash = ("ORCHESTRA_CRASH_AT", point);
        self.mock_at("state", args, &[crash]).await
    }

    /// The same with a memory of its own.
    pub(crate) async fn mock_at(&self, state: &str, args: &[&str], env: &[(&str, &str)]) -> Mock {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orchestra-mock-pipeline"));
        command
            .args(["--listen", "127.0.0.1:0", "--nats", &self.nats.url()])
            .args(["--sdb", &format!("http://{}", self.sdb_address)])
            .arg("--state-dir")
            .arg(self.folder.path().join(state))
            .args(args)
            // As variables they can still be said otherwise by arguments.
            .env("ORCHESTRA_MIN_DELAY", "0s")
            .env("ORCHESTRA_MAX_DELAY", "0s")
            .env("ORCHESTRA_FAILURE_RATE", "0")
            .env("ORCHESTRA_LOG", "warn")
            .envs(env.iter().copied());
        Mock::start(&mut command, &self.folder.path().join("mock.ready")).await
    }

    /// A file in the mock's memory.
    pub(crate) fn state(&self, path: &str) -> PathBuf {
        self.folder.path().join("state").join(path)
    }

    pub(crate) async fn bus(&self) -> Bus {
        let options = BusOptions::new([self.nats.url()], "test".parse().unwrap());
        Bus::connect(options).await.unwrap()
    }

    /// All that is said on `activity.*` from now on.
    pub(crate) async fn listen(&self) -> ActivityFeed {
        let bus = self.bus().await;
        let feed = bus.activity().await.unwrap();
        assert!(bus.flush(SOON).await);
        feed
    }

    /// All versions of a cell, newest first.
    pub(crate) async fn versions(&self, product: &str, obs_id: u64) -> Vec<ProductRecord> {
        let (obs_id, product): (ObsId, ProductName) = (obs_id.try_into().unwrap(), product.parse().unwrap());
        match self
            .sdb()
            .versions(&obs_id, &product, &PageQuery::default())
            .await
        {
            Ok(versions) => versions.items,
            Err(error) if error.status() == Some(404) => Vec::new(),
            Err(error) => panic!("{error}"),
        }
    }

    /// The latest version of a cell, a JSON document.
    pub(crate) async fn document(&self, product: &str, obs_id: u64) -> Value {
        let (obs_id, product) = (obs_id.try_into().unwrap(), product.parse().unwrap());
        let export = self.sdb().export(&obs_id, &product, None).await.unwrap();
        assert_eq!(export.content_type(), Some("application/json"));
        serde_json::from_slice(&export.bytes(1 << 20).await.unwrap()).unwrap()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.kill_sdb();
    }
}

/// A run of the product `QPO_ECL` of observation 42.
pub(crate) fn request(run_id: &str, attempt: u32) -> ProcessingRequest {
    request_for("QPO_ECL", 42, run_id, attempt)
}

pub(crate) fn request_for(product: &str, obs_id: u64, run_id: &str, attempt: u32) -> ProcessingRequest {
    let mut request = ProcessingRequest::of(product.parse().unwrap(), obs_id.try_into().unwrap());
    request.run_id = Some(run_id.parse().unwrap());
    request.attempt = Some(Attempt(attempt));
    request
}

/// The run is given up so long from now.
pub(crate) fn due_in(time: Duration, mut request: ProcessingRequest) -> ProcessingRequest {
    request.deadline = Some(service_kit::Clock::start(None).now() + time);
    request
}

/// Waits until something is said of which `pick` makes something; services say their status for ever, so the limit
/// is for all of it.
pub(crate) async fn said<T>(feed: &mut ActivityFeed, mut pick: impl FnMut(Activity) -> Option<T>) -> T {
    let wait = async {
        loop {
            match feed.next().await.expect("the connection stays open") {
                Heard::Message { said, .. } => {
                    if let Some(picked) = pick(said) {
                        return picked;
                    }
                }
                Heard::Unreadable { reason, .. } => panic!("nobody can read it: {reason}"),
                Heard::Missed(_) => {}
            }
        }
    };
    tokio::time::timeout(SOON, wait).await.expect("it is said soon")
}

/// The next thing that is said about the run in this state.
pub(crate) async fn heard(
    feed: &mut ActivityFeed,
    run_id: &str,
    state: ProcessingState,
) -> ProcessingActivity {
    said(feed, |activity| {
        let Activity::Processing(said) = activity else {
            return None;
        };
        (said.run_id.as_str() == run_id && said.state == state).then_some(said)
    })
    .await
}
