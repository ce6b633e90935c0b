//! A walk over all crash points: each program dies at each place between two of its durable effects, is
//! started again, and what came of the observation that it died over is what would have come of it anyway.

use api::sdb::ProductRecord;
use api::vhf::{ReplayRequest, ReplayState};
use api::{ApiError, Import, PageQuery};
use domain::ObsId;
use stage::{CONDUCTOR, MOCK_PIPELINE, MOCK_VHF, SDB};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;
use testkit::{Orchestra, OrchestraOptions, Promise, eventually, repository_root, write_graph};
use tokio::time::timeout;

/// Long beside a second, which one step takes.
const DEADLINE: Duration = Duration::from_mins(1);

/// Bytes of a product that is not kept in its record's row.
const LARGE: usize = 200_000;

/// More passages than a program has on its way to readiness.
const STARTING: usize = 20;

/// The variable that arms a point.
const CRASH_AT: &str = "ORCHESTRA_CRASH_AT";

/// How a small observation is played so that a program passes its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scene {
    /// A burst is replayed.
    Burst,
    /// The test imports a large product itself, the name of an input: small ones never become blobs.
    LargeImport,
    /// A burst is replayed while the SDB is away, so that products have to be kept.
    BurstWithoutSdb,
}

/// One point: the folder whose sources name it, the program that passes it, its name, and how.
type Point = (&'static str, &'static str, &'static str, Scene);

/// All of them.
const POINTS: &[Point] = &[
    ("conductor", CONDUCTOR, "after-commit", Scene::Burst),
    ("conductor", CONDUCTOR, "after-post", Scene::Burst),
    ("conductor", CONDUCTOR, "before-ack", Scene::Burst),
    (
        "crates/pipeline-bricks",
        MOCK_PIPELINE,
        "brick-after-accept",
        Scene::Burst,
    ),
    (
        "crates/pipeline-bricks",
        MOCK_PIPELINE,
        "brick-after-import",
        Scene::Burst,
    ),
    (
        "crates/pipeline-bricks",
        MOCK_PIPELINE,
        "brick-after-keep",
        Scene::BurstWithoutSdb,
    ),
    (
        "crates/pipeline-bricks",
        MOCK_PIPELINE,
        "brick-before-import",
        Scene::Burst,
    ),
    ("mock-vhf", MOCK_VHF, "after-commit", Scene::Burst),
    ("mock-vhf", MOCK_VHF, "after-publish", Scene::Burst),
    ("sdb", SDB, "after-blob", Scene::LargeImport),
    ("sdb", SDB, "after-commit", Scene::Burst),
    ("sdb", SDB, "after-publish", Scene::Burst),
    ("sdb", SDB, "before-commit", Scene::Burst),
    ("sdb", SDB, "before-publish", Scene::Burst),
];

#[test]
fn the_list_is_complete() {
    let root = repository_root();
    let mut named = BTreeSet::new();
    for folder in members(&root) {
        scan(&root.join(&folder).join("src"), &folder, &mut named);
    }
    let listed: BTreeSet<_> = POINTS
        .iter()
        .map(|(folder, _, name, _)| ((*folder).to_owned(), (*name).to_owned()))
        .collect();
    assert_eq!(named, listed, "POINTS lists the points of the sources");
    assert_eq!(listed.len(), POINTS.len(), "each once");
}

/// The folders of our crates.
fn members(root: &Path) -> Vec<String> {
    let mut folders = Vec::new();
    for (parent, prefix) in [
        (root.to_owned(), String::new()),
        (root.join("crates"), "crates/".to_owned()),
    ] {
        for entry in fs::read_dir(parent)
            .expect("a folder of the repository")
            .flatten()
        {
            if entry.path().join("Cargo.toml").is_file() {
                folders.push(format!("{prefix}{}", entry.file_name().to_string_lossy()));
            }
        }
    }
    assert!(folders.len() > 10, "{folders:?}");
    folders
}

/// Adds the points that the sources under a folder name.
fn scan(path: &Path, folder: &str, named: &mut BTreeSet<(String, String)>) {
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            scan(&path, folder, named);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for (place, call) in text.match_indices("crash::point(") {
            let rest = &text[place + call.len()..];
            let name = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'));
            let (name, _) = name.unwrap_or_else(|| panic!("{}: a point names itself", path.display()));
            named.insert((folder.to_owned(), name.to_owned()));
        }
    }
}

#[tokio::test]
async fn at_each_point_of_the_conductor() {
    walk(CONDUCTOR).await;
}

#[tokio::test]
async fn at_each_point_of_the_sdb() {
    walk(SDB).await;
}

#[tokio::test]
async fn at_each_point_of_the_pipelines() {
    walk(MOCK_PIPELINE).await;
}

#[tokio::test]
async fn at_each_point_of_the_source() {
    walk(MOCK_VHF).await;
}

/// Lets a program die at each of its points, at the first passage and at later ones.
async fn walk(program: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let graph = folder.path().join("graph.json");
    write_graph(&graph, |_, product| {
        product.insert("attempts".to_owned(), 20.into());
        product.insert("backoff".to_owned(), "50ms".into());
    });
    let options = OrchestraOptions::default().graph(&graph);
    let at_once = ["--min-delay", "0s", "--max-delay", "0s", "--seed", "5"];
    let orchestra = options.args(MOCK_PIPELINE, at_once).start().await;
    let mut play = Play {
        promise: Promise::of(&graph, &[]),
        bursts: small_bursts(&orchestra).await,
        orchestra,
        played: 0,
    };
    for &(_, _, point, scene) in POINTS.iter().filter(|(_, of, ..)| *of == program) {
        let (mut passage, mut at_work) = (0, 0);
        while at_work < deaths() {
            passage += 1;
            assert!(
                passage <= deaths() + STARTING,
                "{program} passes {point} only while it starts"
            );
            at_work += usize::from(play.die_at(program, point, passage, scene).await);
        }
    }
}

/// How often a program dies at a point while it is at work: at its first passage and at later ones, which meet
/// an observation in its midst. It has to do with what it was told when it dies while it starts, too.
fn deaths() -> usize {
    let cycles = std::env::var("ORCHESTRA_CYCLES");
    let cycles = cycles.map_or(3, |text| {
        text.parse::<usize>().expect("ORCHESTRA_CYCLES is a number")
    });
    // A small burst has about as many products.
    cycles.min(10)
}

/// The bursts of the gamma-ray monitor alone: three packets at once.
async fn small_bursts(orchestra: &Orchestra) -> Vec<String> {
    let page = PageQuery {
        limit: Some(1000),
        cursor: None,
    };
    let all = orchestra
        .vhf()
        .bursts(&page)
        .await
        .expect("the source has bursts");
    let small = all.items.into_iter().filter(|burst| burst.instruments == ["GRM"]);
    let bursts: Vec<_> = small.map(|burst| burst.burst_id).collect();
    assert!(bursts.len() > 10, "{bursts:?}");
    bursts
}

/// An orchestra in which something dies again and again.
struct Play {
    orchestra: Orchestra,
    promise: Promise,
    bursts: Vec<String>,
    /// How many observations were played.
    played: usize,
}

impl Play {
    /// Lets a program die at a passage of a point, and see what comes of it. Says whether it was at work by
    /// then, and not only starting.
    async fn die_at(&mut self, program: &str, point: &str, passage: usize, scene: Scene) -> bool {
        let armed = format!("{point}:{passage}");
        let said = self.orchestra.log(program).len();
        self.orchestra.stop(program).await;
        self.orchestra.set_env(program, CRASH_AT, Some(&armed));
        let at_work = self.orchestra.restart_doomed(program).await;
        self.orchestra.set_env(program, CRASH_AT, None);
        if scene == Scene::BurstWithoutSdb {
            self.orchestra.kill(SDB).await;
        }
        let unanswered = match scene {
            _ if !at_work => None,
            Scene::Burst | Scene::BurstWithoutSdb => {
                self.play_bursts(program, passage).await;
                None
            }
            Scene::LargeImport => self.import_some(passage).await,
        };
        let ended = timeout(DEADLINE, self.orchestra.ended(program)).await;
        assert!(ended.is_ok(), "{program} does not come to {armed}");
        let log = self.orchestra.log(program);
        let last_words = format!("point=\"{point}\"");
        assert!(
            log[said..].contains(&last_words),
            "{program} did not die at {armed}"
        );
        if scene == Scene::BurstWithoutSdb {
            self.orchestra.restart(SDB).await;
        }
        self.orchestra.restart(program).await;
        if let Some(obs_id) = unanswered {
            let repeat = self.import(&obs_id).await;
            repeat.expect("an import that was not answered can be repeated");
        }
        self.promise.kept(&self.orchestra, DEADLINE).await;
        at_work
    }

    /// Plays as many bursts as the program is to pass its point, each after the other: it passes in each.
    async fn play_bursts(&mut self, program: &str, count: usize) {
        for _ in 0..count {
            let burst = self.bursts[self.played % self.bursts.len()].clone();
            self.played += 1;
            let request = ReplayRequest {
                burst: Some(burst),
                ..ReplayRequest::default()
            };
            let vhf = self.orchestra.vhf();
            let Ok(replay) = vhf.replay(&request).await else {
                assert_eq!(program, MOCK_VHF, "only a source that died takes up no replay");
                return;
            };
            eventually(DEADLINE, async || {
                let progress = vhf.progress(replay.id).await;
                progress.map_or(program == MOCK_VHF, |replay| replay.state == ReplayState::Done)
            })
            .await;
        }
    }

    /// Imports large alerts of some observations, and says of which the import was not answered.
    async fn import_some(&mut self, count: usize) -> Option<ObsId> {
        for _ in 0..count {
            self.played += 1;
            let obs_id: ObsId = format!("large-{}", self.played).parse().expect("an obs_id");
            if self.import(&obs_id).await.is_err() {
                return Some(obs_id);
            }
        }
        None
    }

    async fn import(&self, obs_id: &ObsId) -> Result<ProductRecord, ApiError> {
        let alert = "EclTmVhfAlert".parse().expect("a product of the graph");
        let import = Import {
            idempotency_key: Some(format!("the-alert-of-{obs_id}")),
            ..Import::default()
        };
        let sdb = self.orchestra.sdb();
        sdb.import(obs_id, &alert, vec![b'x'; LARGE].into(), &import)
            .await
    }
}
