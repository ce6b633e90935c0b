//! A real mock-vhf beside a real nats-server.

use api::feed::{FeedItem, FeedQuery};
use api::vhf::{Replay, ReplayRequest};
use api::{FeedClient, Http, VhfClient};
use domain::Announcement;
use messaging::{Bus, BusOptions, ConsumerOptions, DataConsumer, Next};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use testkit::{Nats, eventually_some};
use url::Url;

/// Enough for a busy machine; nothing waits this long when all is well.
pub(crate) const DEADLINE: Duration = Duration::from_mins(1);

/// A mock-vhf of its own data directory, which outlives the process.
pub(crate) struct Vhf {
    folder: TempDir,
    nats: String,
    child: Option<Child>,
    pub(crate) url: Url,
}

impl Vhf {
    pub(crate) async fn start(nats: &Nats) -> Self {
        Self::start_with(nats.url(), &[], None).await
    }

    pub(crate) async fn start_with(nats: String, flags: &[&str], crash_at: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut vhf = Self {
            folder,
            nats,
            child: None,
            url: "http://127.0.0.1:1".parse().unwrap(),
        };
        vhf.launch(flags, crash_at).await;
        vhf
    }

    /// Starts a process on the data directory and waits until it is ready, or has crashed before that.
    pub(crate) async fn launch(&mut self, flags: &[&str], crash_at: Option<&str>) {
        self.kill();
        let (ready, data) = (self.folder.path().join("ready"), self.folder.path().join("data"));
        std::fs::remove_file(&ready).ok();
        let mut command = Command::new(env!("CARGO_BIN_EXE_orchestra-mock-vhf"));
        command
            .args(["--listen", "127.0.0.1:0", "--nats", &self.nats])
            .args(flags)
            .stderr(Stdio::null());
        command
            .arg("--ready-file")
            .arg(&ready)
            .arg("--data-dir")
            .arg(data);
        if let Some(point) = crash_at {
            command.env("ORCHESTRA_CRASH_AT", point);
        }
        let mut child = command.spawn().unwrap();
        let listen = eventually_some(DEADLINE, async || {
            if child.try_wait().unwrap().is_some() {
                return Some(None);
            }
            read_listen(&ready).map(Some)
        });
        if let Some(address) = listen.await {
            self.url = format!("http://{address}/").parse().unwrap();
        }
        self.child = Some(child);
    }

    /// As `kill -9`.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().ok();
            child.wait().ok();
        }
    }

    /// Whether it has died by itself.
    pub(crate) fn has_crashed(&mut self) -> bool {
        self.child
            .as_mut()
            .is_some_and(|child| child.try_wait().unwrap().is_some())
    }

    pub(crate) fn client(&self) -> VhfClient {
        VhfClient::new(Http::new(), self.url.clone())
    }

    pub(crate) async fn replay(&self, json: &str) -> Replay {
        let request: ReplayRequest = serde_json::from_str(json).unwrap();
        self.client().replay(&request).await.unwrap()
    }

    /// Waits until the feed has so many announcements, and gives them all.
    pub(crate) async fn feed(&self, count: u64) -> Vec<FeedItem> {
        let client = FeedClient::new(Http::new(), self.url.clone());
        let query = FeedQuery {
            limit: Some(1000),
            ..FeedQuery::default()
        };
        eventually_some(DEADLINE, async || {
            let page = client.page(&query).await.ok()?;
            (page.head? >= count).then_some(page.items)
        })
        .await
    }
}

impl Drop for Vhf {
    fn drop(&mut self) {
        self.kill();
    }
}

fn read_listen(ready: &Path) -> Option<String> {
    let line = std::fs::read_to_string(ready).ok()?;
    let told: serde_json::Value = serde_json::from_str(&line).ok()?;
    Some(told["listen"].as_str()?.to_owned())
}

/// Whoever reads the stream from its start.
pub(crate) struct Reader {
    consumer: DataConsumer,
}

impl Reader {
    pub(crate) async fn of(nats: &Nats) -> Self {
        let name: domain::ServiceName = "reader".parse().unwrap();
        let bus = Bus::connect(BusOptions::new([nats.url()], name)).await.unwrap();
        Self {
            consumer: bus.data_consumer(ConsumerOptions::new("reader"), None).0,
        }
    }

    /// Waits for so many messages; each is its message id and its announcement.
    pub(crate) async fn read(&mut self, count: usize) -> Vec<(String, Announcement)> {
        let mut read = Vec::new();
        let reading = async {
            while read.len() < count {
                let Next::Batch(batch) = self.consumer.next_batch(256).await else {
                    continue;
                };
                for delivery in &batch {
                    assert_eq!(delivery.source.as_ref().unwrap().as_str(), "vhf");
                    let announcement = Announcement::decode(&delivery.body).unwrap();
                    read.push((delivery.msg_id.clone().unwrap(), announcement));
                }
                self.consumer.ack_all(&batch).await;
            }
        };
        tokio::time::timeout(DEADLINE, reading)
            .await
            .expect("the stream has them in time");
        read
    }
}
