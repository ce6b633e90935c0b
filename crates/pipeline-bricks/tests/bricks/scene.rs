//! One test's SDB, NATS and host of pipelines.

use api::pipeline::{ProcessingReply, ProcessingRequest, ProcessingRun};
use api::sdb::ProductRecord;
use api::{Http, PageQuery, SdbClient};
use clap::Parser as _;
use domain::{Activity, Attempt, ObsId, ProcessingActivity, ProcessingState, ProductName};
use messaging::{ActivityFeed, Bus, BusOptions, Heard};
use pipeline_bricks::{Host, HostArgs, Pipeline};
use reqwest::StatusCode;
use serde_json::Value;
use service_kit::{Health, ServiceInfo, Shutdown};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use testkit::{Nats, Proxy, bin, eventually_some};
use tokio::net::TcpListener;

pub(crate) const SOON: Duration = Duration::from_secs(20);

pub(crate) const PROVIDER: &str = "qpo_pipeline";

const INFO: ServiceInfo = ServiceInfo {
    name: "test",
    version: "1.2.3",
    description: "A test.",
};

#[derive(clap::Parser)]
struct Args {
    #[command(flatten)]
    host: HostArgs,
}

/// Processes and folders that end with the test.
pub(crate) struct Scene {
    pub(crate) nats: Nats,
    pub(crate) sdb: SdbClient,
    pub(crate) proxy: Proxy,
    folder: TempDir,
    sdb_process: Child,
}

/// A host of pipelines within the test.
pub(crate) struct Running {
    pub(crate) base: String,
    pub(crate) shutdown: Shutdown,
    pub(crate) client: reqwest::Client,
}

impl Scene {
    pub(crate) async fn start() -> Self {
        let nats = Nats::start().await;
        let folder = tempfile::tempdir().unwrap();
        let ready = folder.path().join("sdb.ready");
        let sdb_process = Command::new(bin("orchestra-sdb"))
            .args(["--listen", "127.0.0.1:0", "--log", "warn", "--nats", &nats.url()])
            .arg("--data-dir")
            .arg(folder.path().join("sdb"))
            .arg("--ready-file")
            .arg(&ready)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let address: SocketAddr = eventually_some(SOON, async || {
            let said: Value = serde_json::from_slice(&std::fs::read(&ready).ok()?).ok()?;
            said["listen"].as_str()?.parse().ok()
        })
        .await;
        let proxy = Proxy::start(address).await;
        let sdb = SdbClient::new(Http::new(), format!("http://{address}").parse().unwrap());
        Self {
            nats,
            sdb,
            proxy,
            folder,
            sdb_process,
        }
    }

    /// A host that remembers its runs in the scene's folder.
    pub(crate) async fn host(&self, pipeline: impl Pipeline, more: &[&str]) -> Running {
        let state = self.folder.path().join("state");
        let mut args = vec!["--state-dir", state.to_str().unwrap()];
        args.extend(more);
        self.forgetful_host(pipeline, &args).await
    }

    /// What hosts have kept because it could not be imported.
    pub(crate) fn kept(&self) -> Vec<String> {
        let folder = self.folder.path().join("state/kept").join(PROVIDER);
        let entries = std::fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".product")).collect()
    }

    /// A host that forgets them when it ends.
    pub(crate) async fn forgetful_host(&self, pipeline: impl Pipeline, more: &[&str]) -> Running {
        let (sdb, nats) = (format!("http://{}", self.proxy.addr()), self.nats.url());
        let mut args = vec!["test", "--sdb", &sdb, "--nats", &nats, "--drain", "100ms"];
        args.extend(more);
        let args = Args::parse_from(args);
        let (shutdown, health) = (Shutdown::default(), Health::default());
        let mut host = Host::new(&args.host, "1.2.3", &health, &shutdown).await.unwrap();
        host.add(&PROVIDER.parse().unwrap(), pipeline).unwrap();
        host.mount("/pipeline", &PROVIDER.parse().unwrap()).unwrap();
        let router = host.start();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = service_kit::serve(listener, router, INFO, health, &shutdown).unwrap();
        let base = format!("http://{address}/{PROVIDER}");
        Running {
            base,
            shutdown,
            client: reqwest::Client::new(),
        }
    }

    pub(crate) async fn listen(&self) -> ActivityFeed {
        let bus = Bus::connect(BusOptions::new([self.nats.url()], "test".parse().unwrap()))
            .await
            .unwrap();
        let feed = bus.activity().await.unwrap();
        assert!(bus.flush(SOON).await);
        feed
    }

    /// All versions of a cell, newest first.
    pub(crate) async fn versions(&self, product: &str, obs_id: u64) -> Vec<ProductRecord> {
        let (obs_id, product): (ObsId, ProductName) = (obs_id.try_into().unwrap(), product.parse().unwrap());
        match self.sdb.versions(&obs_id, &product, &PageQuery::default()).await {
            Ok(versions) => versions.items,
            Err(error) if error.status() == Some(404) => Vec::new(),
            Err(error) => panic!("{error}"),
        }
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.sdb_process.kill().ok();
        self.sdb_process.wait().ok();
    }
}

impl Running {
    pub(crate) async fn post(&self, request: &ProcessingRequest) -> (StatusCode, Value) {
        let url = format!("{}/processing", self.base);
        let response = self.client.post(url).json(request).send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// Posts what must be taken.
    pub(crate) async fn start(&self, request: &ProcessingRequest) -> ProcessingReply {
        let (status, body) = self.post(request).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{body}");
        serde_json::from_value(body).unwrap()
    }

    pub(crate) async fn run(&self, run_id: &str) -> Option<ProcessingRun> {
        let url = format!("{}/processing/{run_id}", self.base);
        let response = self.client.get(url).send().await.unwrap();
        if response.status() == StatusCode::NOT_FOUND {
            return None;
        }
        Some(response.json().await.unwrap())
    }

    pub(crate) async fn ended(&self, run_id: &str) -> ProcessingRun {
        eventually_some(SOON, async || {
            self.run(run_id).await.filter(|run| run.state.is_ended())
        })
        .await
    }

    pub(crate) async fn reached(&self, run_id: &str, state: ProcessingState) -> ProcessingRun {
        eventually_some(SOON, async || {
            self.run(run_id).await.filter(|run| run.state == state)
        })
        .await
    }

    /// Stops the host in order, and says whether all went well.
    pub(crate) async fn stop(self) {
        self.shutdown.stop();
        drop(self.client);
        let code = self.shutdown.run_until_stopped(SOON).await;
        assert_eq!(
            format!("{code:?}"),
            format!("{:?}", std::process::ExitCode::SUCCESS)
        );
    }
}

pub(crate) fn request(run_id: &str, attempt: u32) -> ProcessingRequest {
    let mut request = ProcessingRequest::of("QPO_ECL".parse().unwrap(), 42.try_into().unwrap());
    request.run_id = Some(run_id.parse().unwrap());
    request.attempt = Some(Attempt(attempt));
    request
}

/// The next thing that is said about runs in this state.
pub(crate) async fn heard(feed: &mut ActivityFeed, state: ProcessingState) -> ProcessingActivity {
    let wait = async {
        loop {
            match feed.next().await.expect("the connection stays open") {
                Heard::Message {
                    said: Activity::Processing(said),
                    ..
                } if said.state == state => return said,
                Heard::Message { .. } | Heard::Unreadable { .. } | Heard::Missed(_) => {}
            }
        }
    };
    tokio::time::timeout(SOON, wait).await.expect("it is said soon")
}
