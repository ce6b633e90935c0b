//! A service without a socket, and what happens around it.

use crate::writer::Writer;
use conductor::INFO;
use conductor::desk::Desk;
use conductor::durations::Durations;
use conductor::graph_file::GraphFile;
use conductor::in_force::{GraphPath, Graphs};
use conductor::ledger::Ledger;
use conductor::presence::Presence;
use conductor::routes::{App, router};
use conductor_core::{Answer, Arrival, Command, Event, Identity};
use domain::{Announcement, Attempt, ErrorClass, ObsId, ProcessingError, RunId, Version};
use serde_json::{Value, json};
use service_kit::{Clock, Health, Shutdown};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use testkit::{Answered, Routes};
use tokio::sync::Mutex;

/// Two inputs, and three products of two providers.
///
/// ```text
/// Alert ──▶ QPO ──┐
///   ╎             ├──▶ FSC
///   ╎       ┌─────┘
/// Curve ──▶ LC
/// ```
pub(crate) const GRAPH: &str = r#"{
    "_for": "tests",
    "inputs": ["Curve", "Alert"],
    "products": {
        "QPO": {"m_input": ["Alert"], "provider": "qpo", "url": "http://qpo:5000/pipeline", "attempts": 2},
        "LC": {"m_input": ["Curve"], "o_input": ["Alert"], "provider": "lc", "url": "http://lc:5000/pipeline"},
        "FSC": {"m_input": ["QPO", "LC"], "provider": "lc", "url": "http://lc:5000/pipeline", "group": "late",
                "description": "the source in full"}
    },
    "providers": {"lc": {"max_in_flight": 2}}
}"#;

pub(crate) const START: &str = "2026-02-25T08:52:07Z";

pub(crate) struct Scene {
    pub(crate) routes: Routes,
    pub(crate) writer: Arc<Mutex<Writer>>,
    pub(crate) ledger: Ledger,
    pub(crate) presence: Presence,
    pub(crate) durations: Durations,
    pub(crate) clock: Clock,
    shutdown: Shutdown,
    directory: TempDir,
}

/// A scene is asked as its routes are.
impl Deref for Scene {
    type Target = Routes;

    fn deref(&self) -> &Routes {
        &self.routes
    }
}

impl Scene {
    pub(crate) async fn begin() -> Self {
        Self::open(stage(), true).await
    }

    /// Nobody serves the desk: the conductor stops.
    pub(crate) async fn without_writer() -> Self {
        Self::open(stage(), false).await
    }

    async fn open(directory: TempDir, with_writer: bool) -> Self {
        let clock = Clock::start(None);
        let graph = GraphFile::read(&graph_path(directory.path()), START.parse().unwrap()).unwrap();
        let ledger = Ledger::open(&directory.path().join("ledger.db")).await.unwrap();
        let (desk, mut requests) = Desk::open();
        let graph = Arc::new(graph);
        let overrides = ["qpo=http://127.0.0.1:5000/qpo".parse().unwrap()];
        let file = GraphPath {
            path: graph_path(directory.path()),
            sha256: graph.sha256,
        };
        let graphs = Graphs::new(Arc::clone(&graph), &overrides, file);
        let writer = Writer::new(graphs.clone(), ledger.clone(), START.parse().unwrap());
        let writer = Arc::new(Mutex::new(writer));
        let shutdown = Shutdown::default();
        let serving = Arc::clone(&writer);
        shutdown.spawn("writer", async move {
            while with_writer && let Some(request) = requests.recv().await {
                serving.lock().await.answer(request).await;
            }
            Ok(())
        });
        let presence = Presence::default();
        let durations = Durations::default();
        let app = App::new(
            ledger.clone(),
            desk,
            graphs,
            presence.clone(),
            durations.clone(),
            clock,
        );
        let router = service_kit::assemble(router(app), INFO, Health::default(), &shutdown);
        Self {
            routes: Routes(router),
            writer,
            ledger,
            presence,
            durations,
            clock,
            shutdown,
            directory,
        }
    }

    /// Stops, and begins again on the same ledger.
    pub(crate) async fn restart(self) -> Self {
        let Self {
            routes,
            writer,
            ledger,
            shutdown,
            directory,
            ..
        } = self;
        let now = writer.lock().await.now;
        drop(routes);
        shutdown.stop();
        ledger.close().await;
        // With the desk closed the writer's task ends, and with its last owner the ledger is free.
        testkit::eventually(Duration::from_secs(10), async || Arc::strong_count(&writer) == 1).await;
        drop((writer, ledger));
        let scene = Self::open(directory, true).await;
        scene.writer.lock().await.now = now;
        scene
    }

    /// A packet comes, or an import by hand: a datum that names no run.
    pub(crate) async fn arrive(&self, obs_id: &str, source: &str, product: &str, version: u64) -> Vec<RunId> {
        let announcement = announcement(obs_id, product, version);
        self.data(obs_id, source, announcement).await
    }

    /// The SDB has the product of a run.
    pub(crate) async fn stored(
        &self,
        obs_id: &str,
        product: &str,
        version: u64,
        run_id: &RunId,
    ) -> Vec<RunId> {
        let announcement = Announcement {
            run_id: Some(run_id.clone()),
            ..announcement(obs_id, product, version)
        };
        self.data(obs_id, "sdb", announcement).await
    }

    async fn data(&self, obs_id: &str, source: &str, announcement: Announcement) -> Vec<RunId> {
        let arrival = Arrival {
            source: source.parse().unwrap(),
            product: announcement.product.clone().unwrap(),
            identity: Identity::Version(announcement.version.unwrap()),
            announcement,
        };
        self.happen(obs_id, Event::Data(Box::new(arrival))).await
    }

    /// Lets an event happen; the runs that it begins are admitted at once.
    pub(crate) async fn happen(&self, obs_id: &str, event: Event) -> Vec<RunId> {
        let obs_id: ObsId = obs_id.parse().unwrap();
        let mut writer = self.writer.lock().await;
        let commands = writer.happen(&obs_id, event).await;
        let mut begun = Vec::new();
        for command in commands {
            if let Command::Enqueue(want) = command {
                let (product, run_id) = (want.product, want.run_id.clone());
                let _posts = writer.happen(&obs_id, Event::Admitted { product, run_id }).await;
                begun.push(want.run_id);
            }
        }
        begun
    }

    /// The provider refuses a run for good, or fails it for now.
    pub(crate) async fn fail(
        &self,
        obs_id: &str,
        product: &str,
        run_id: &RunId,
        attempt: u32,
        for_good: bool,
    ) {
        let class = if for_good {
            ErrorClass::Permanent
        } else {
            ErrorClass::Retriable
        };
        let error = ProcessingError {
            class,
            code: "no-luck".into(),
            message: "the dice fell badly".into(),
        };
        let answer = if for_good {
            Answer::Refused(error)
        } else {
            Answer::Faulty(error)
        };
        let event = Event::Answered {
            product: product.parse().unwrap(),
            run_id: run_id.clone(),
            attempt: Attempt(attempt),
            answer,
        };
        self.happen(obs_id, event).await;
    }

    /// The alert of an observation comes, and its QPO fails for good.
    pub(crate) async fn failed(&self, obs_id: &str) -> RunId {
        let run_id = self.arrive(obs_id, "vhf", "Alert", 1).await.remove(0);
        self.fail(obs_id, "QPO", &run_id, 1, true).await;
        run_id
    }

    /// `POST /processing` of a product.
    pub(crate) async fn ask(&self, product: &str, obs_id: u64) -> Answered {
        let request = json!({"product": product, "obs_id": obs_id});
        self.post("/processing", &[], request.to_string()).await
    }

    /// The state of a cell.
    pub(crate) async fn state(&self, obs_id: &str, product: &str) -> String {
        let path = format!("/observations/{obs_id}/products/{product}");
        text(&self.get(&path).await.ok()["cell"]["state"])
    }
}

#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// One member of each item of a list.
#[track_caller]
pub(crate) fn each(list: &Value, member: &str) -> Vec<Value> {
    list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item[member].clone())
        .collect()
}

/// Reads a list page by page, one item each.
pub(crate) async fn all(scene: &Scene, path: &str, member: &str) -> Vec<Value> {
    let mut seen = Vec::new();
    let mut next = format!("{path}limit=1");
    loop {
        let page = scene.get(&next).await.ok();
        let items = each(&page, member);
        assert!(items.len() <= 1, "{page}");
        seen.extend(items);
        match page["next"].as_str() {
            Some(cursor) => next = format!("{path}limit=1&cursor={cursor}"),
            None => return seen,
        }
    }
}

fn announcement(obs_id: &str, product: &str, version: u64) -> Announcement {
    Announcement {
        version: Some(Version(version)),
        ..Announcement::of(product.parse().unwrap(), obs_id.parse().unwrap())
    }
}

/// A directory with a graph.
fn stage() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(graph_path(directory.path()), GRAPH).unwrap();
    directory
}

fn graph_path(directory: &Path) -> PathBuf {
    directory.join("graph.json")
}
