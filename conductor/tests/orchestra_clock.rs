//! The clock of the machine jumps while the conductor is away. Instead of the clock, the times in its ledger are moved:
//! to the conductor this is the same.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use api::conductor::{Cell, RunQuery, RunView};
use domain::{CellState, ObsId, ProductName};
use jiff::Timestamp;
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _};
use stage::{CONDUCTOR, MOCK_PIPELINE, MOCK_VHF};
use std::time::Duration;
use testkit::{Orchestra, OrchestraOptions, eventually, eventually_some};

/// What is waited for takes seconds; a compiler beside it takes the rest.
const DEADLINE: Duration = Duration::from_mins(1);

/// A product that waits for another input, one that waits for its next attempt, and one that is being made.
const PRODUCTS: [&str; 3] = ["PATIENT", "RETRIED", "SLOW"];

/// Where in the ledger there are times.
const TIMES: [(&str, &[&str]); 4] = [
    ("observation", &["first_at", "changed_at"]),
    ("cell", &["since", "body"]),
    ("datum", &["body"]),
    ("run", &["queued_at", "ended_at", "body"]),
];

struct Scene {
    orchestra: Orchestra,
    _folder: tempfile::TempDir,
}

impl Scene {
    /// Each product waits for something.
    async fn begin() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let product = |name: &str| {
            let url = format!("http://{name}:5000/pipeline");
            json!({"m_input": ["IN"], "provider": name, "url": url, "backoff": "5s", "timeout": "20s"})
        };
        let mut products =
            json!({"PATIENT": product("patient"), "RETRIED": product("retried"), "SLOW": product("slow")});
        products["PATIENT"]["o_input"] = json!(["LATER"]);
        products["PATIENT"]["wait_optional"] = json!("6s");
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
            .start()
            .await;
        orchestra
            .publish("data.vhf", r#"{"product": "IN", "obs_id": 1}"#)
            .await;
        let scene = Self {
            orchestra,
            _folder: folder,
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
