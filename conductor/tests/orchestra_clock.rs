//! The clock of the machine jumps: while the conductor is away, while everything runs, and for a pipeline alone.
//!
//! For the first, the times in the ledger are moved instead of the clock: to the conductor this is the same. For the
//! others, what the programs take for the wall clock is off by what a file says, whenever they look at it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use api::conductor::{Cell, RunQuery, RunView};
use domain::{CellState, ObsId, ProductName};
use jiff::Timestamp;
use serde_json::json;
use service_kit::{Clock, WALL_IS_OFF};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _};
use stage::{CONDUCTOR, MOCK_PIPELINE, MOCK_VHF, SDB};
use std::time::Duration;
use testkit::{Orchestra, OrchestraOptions, eventually, eventually_some};

/// What is waited for takes seconds; a compiler beside it takes the rest.
const DEADLINE: Duration = Duration::from_mins(1);

/// A product that waits for another input, one that waits for its next attempt, and one that is being made.
const PRODUCTS: [&str; 3] = ["PATIENT", "RETRIED", "SLOW"];

/// How long `PATIENT` waits for `LATER`.
const PATIENCE: jiff::SignedDuration = jiff::SignedDuration::from_secs(6);

/// A year, as the file says it that sets the wall clock off.
const YEAR_S: i64 = 31_536_000;

/// The file that sets the wall clock off.
const WALL: &str = "wall-is-off";

/// Where in the ledger there are times.
const TIMES: [(&str, &[&str]); 4] = [
    ("observation", &["first_at", "changed_at"]),
    ("cell", &["since", "body"]),
    ("datum", &["body"]),
    ("run", &["queued_at", "ended_at", "body"]),
];

struct Scene {
    orchestra: Orchestra,
    folder: tempfile::TempDir,
    /// When it began.
    began: Timestamp,
}

impl Scene {
    /// Each product waits for something.
    async fn begin() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let began = Clock::start(None).now();
        let wall = folder.path().join(WALL);
        let wall = wall.to_str().unwrap();
        let product = |name: &str| {
            let url = format!("http://{name}:5000/pipeline");
            json!({"m_input": ["IN"], "provider": name, "url": url, "backoff": "5s", "timeout": "20s"})
        };
        let mut products =
            json!({"PATIENT": product("patient"), "RETRIED": product("retried"), "SLOW": product("slow")});
        products["PATIENT"]["o_input"] = json!(["LATER"]);
        products["PATIENT"]["wait_optional"] = json!(format!("{PATIENCE:#}"));
        let graph = folder.path().join("graph.json");
        std::fs::write(
            &graph,
            json!({"inputs": ["IN", "LATER"], "products": products}).to_string(),
        )
        .unwrap();
        let pipelines = ["--min-delay", "4s", "--max-delay", "4s", "--failure-rate", "0"];
        let orchestra = OrchestraOptions::default()
            .graph(&graph)
            .without(MOCK_VHF)
            .args(MOCK_PIPELINE, pipelines)
            .env(MOCK_PIPELINE, "ORCHESTRA_MISBEHAVE", "RETRIED=refuse-500:1")
            .env(MOCK_PIPELINE, WALL_IS_OFF, wall)
            .env(CONDUCTOR, WALL_IS_OFF, wall)
            .env(SDB, WALL_IS_OFF, wall)
            .start()
            .await;
        orchestra
            .publish("data.vhf", r#"{"product": "IN", "obs_id": 1}"#)
            .await;
        let scene = Self {
            orchestra,
            folder,
            began,
        };
        for (product, state) in
            PRODUCTS
                .iter()
                .zip([CellState::Grace, CellState::Retrying, CellState::Running])
        {
            eventually(DEADLINE, async || {
                scene.cell(product).await.is_some_and(|cell| cell.state == state)
            })
            .await;
        }
        scene
    }

    async fn cell(&self, product: &str) -> Option<Cell> {
        let product: ProductName = product.parse().unwrap();
        self.orchestra
            .conductor()
            .cell(&obs(), &product)
            .await
            .ok()
            .map(|view| view.cell)
    }

    /// From now on the wall clock is off by so many years.
    fn jump(&self, years: i64) {
        let seconds = (years * YEAR_S).to_string();
        std::fs::write(self.folder.path().join(WALL), seconds).unwrap();
    }

    /// What is told as the conductor's time lies between the begin and now.
    async fn assert_told_times_are_of_today(&self) {
        let mut told = vec![self.orchestra.conductor().report(None).await.unwrap().at];
        for product in PRODUCTS {
            told.push(self.cell(product).await.unwrap().since);
        }
        for run in self.runs().await {
            told.extend([run.created_at, run.ended_at.unwrap()]);
        }
        let now = Clock::start(None).now();
        let today = told.iter().all(|time| (self.began..=now).contains(time));
        assert!(today, "{} to {now}: {told:#?}", self.began);
    }

    /// Starts the conductor again, with all that it stored so many years later.
    async fn restart_with(&self, years: i32) {
        self.orchestra.kill(CONDUCTOR).await;
        let file = self.orchestra.folder().join(CONDUCTOR).join("ledger.db");
        let options = SqliteConnectOptions::new().filename(file);
        let mut ledger = SqliteConnection::connect_with(&options).await.unwrap();
        let now: String = sqlx::query_scalar("SELECT changed_at FROM observation")
            .fetch_one(&mut ledger)
            .await
            .unwrap();
        let year: i32 = now[..4].parse().unwrap();
        for (table, columns) in TIMES {
            let set: Vec<String> = columns
                .iter()
                .map(|column| format!("{column} = replace({column}, '{year}-', '{}-')", year + years))
                .collect();
            let moved = AssertSqlSafe(format!("UPDATE {table} SET {}", set.join(", ")));
            sqlx::query(moved).execute(&mut ledger).await.unwrap();
        }
        ledger.close().await.unwrap();
        self.orchestra.restart(CONDUCTOR).await;
    }

    /// Waits until everything is made.
    async fn made(&self) -> Vec<Cell> {
        let mut cells = Vec::new();
        for product in PRODUCTS {
            let cell = eventually_some(DEADLINE, async || {
                self.cell(product)
                    .await
                    .filter(|cell| cell.state == CellState::Done)
            });
            cells.push(cell.await);
        }
        cells
    }

    async fn runs(&self) -> Vec<RunView> {
        self.orchestra
            .conductor()
            .runs(&RunQuery::default())
            .await
            .unwrap()
            .items
    }

    /// What is told of the time that things took: no time is before the one that it follows.
    async fn assert_time_only_rises(&self) {
        let conductor = self.orchestra.conductor();
        let timeline = conductor.timeline(&obs()).await.unwrap();
        for product in &timeline.products {
            assert_rises(
                product
                    .segments
                    .iter()
                    .flat_map(|segment| [segment.from, segment.until]),
                product,
            );
        }
        for run in self.runs().await {
            assert_rises([Some(run.created_at), run.ended_at].into_iter().flatten(), &run);
        }
        let report = conductor.report(None).await.unwrap();
        assert_rises([report.since, report.at], &report);
    }
}

fn assert_rises(times: impl IntoIterator<Item = Timestamp>, told: &impl std::fmt::Debug) {
    let times: Vec<Timestamp> = times.into_iter().collect();
    assert!(times.is_sorted(), "{told:#?}");
}

fn obs() -> ObsId {
    1.try_into().unwrap()
}

#[tokio::test]
async fn a_clock_that_was_set_back_by_a_year_makes_nobody_wait_for_a_year() {
    let scene = Scene::begin().await;
    scene.restart_with(1).await;
    let mut before = Vec::new();
    for product in PRODUCTS {
        before.push(scene.cell(product).await.unwrap());
    }
    let after = scene.made().await;
    for (before, after) in before.iter().zip(&after) {
        assert!(after.rev > before.rev, "{before:?} {after:?}");
        assert!(after.since >= before.since, "{before:?} {after:?}");
    }
    scene.assert_time_only_rises().await;
    assert_eq!(scene.runs().await.len(), PRODUCTS.len(), "each was made once");
}

#[tokio::test]
async fn a_clock_that_was_set_forward_by_a_year_declares_nothing_lost() {
    let scene = Scene::begin().await;
    scene.restart_with(-1).await;
    scene.made().await;
    scene.assert_time_only_rises().await;
    let runs = scene.runs().await;
    assert_eq!(runs.len(), PRODUCTS.len(), "each was made once");
    // What was at work is at work, however late it is.
    let slow = runs.iter().find(|run| run.product.as_str() == "SLOW").unwrap();
    assert_eq!(slow.attempts.len(), 1, "{slow:#?}");
}

/// Nothing fires at once, nothing sleeps for a year.
async fn assert_a_jump_is_not_noticed(years: i64) {
    let scene = Scene::begin().await;
    scene.jump(years);
    scene.made().await;
    scene.assert_time_only_rises().await;
    scene.assert_told_times_are_of_today().await;
    let runs = scene.runs().await;
    assert_eq!(runs.len(), PRODUCTS.len(), "each was made once");
    let run = |product: &str| runs.iter().find(|run| run.product.as_str() == product).unwrap();
    let attempts = PRODUCTS.map(|product| run(product).attempts.len());
    assert_eq!(attempts, [1, 2, 1], "{runs:#?}");
    let first_at = scene
        .orchestra
        .conductor()
        .timeline(&obs())
        .await
        .unwrap()
        .first_at;
    let waited = run("PATIENT").created_at.duration_since(first_at);
    assert!(waited >= PATIENCE, "{waited:#}");
    let alerts = scene.orchestra.conductor().alerts().await.unwrap().items;
    assert!(alerts.is_empty(), "{alerts:#?}");
}

#[tokio::test]
async fn a_clock_that_jumps_forward_while_all_run_is_not_noticed() {
    assert_a_jump_is_not_noticed(1).await;
}

#[tokio::test]
async fn a_clock_that_jumps_back_while_all_run_is_not_noticed() {
    assert_a_jump_is_not_noticed(-1).await;
}

#[tokio::test]
async fn a_pipeline_whose_clock_is_ahead_gives_no_run_up_for_it() {
    let scene = Scene::begin().await;
    scene.jump(1);
    scene.orchestra.kill(MOCK_PIPELINE).await;
    scene.orchestra.restart(MOCK_PIPELINE).await;
    scene.made().await;
    scene.assert_time_only_rises().await;
    scene.assert_told_times_are_of_today().await;
    for run in scene.runs().await {
        let codes = run.attempts.iter().filter_map(|attempt| attempt.error.as_ref());
        let late: Vec<_> = codes.filter(|error| error.code == "deadline").collect();
        assert!(late.is_empty(), "{run:#?}");
    }
}
