//! What one event costs in the ledger, with few and with many observations in it: counted, not timed. That the
//! decision costs the same needs no test: `conductor-core` is handed one observation and knows of no other.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use conductor::ledger::{Batch, Ledger, ObservationFilter};
use conductor_core::{Arrival, Command, Event, Identity, Observation};
use domain::{Announcement, CellState, ObsId, Version};
use jiff::Timestamp;
use product_graph::ProductGraph;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Row as _};
use std::fmt::{Debug, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};

const GRAPH: &str = r#"{"inputs": ["A"], "products": {
    "X": {"m_input": ["A"], "provider": "p", "url": "http://p:5000/p"},
    "Y": {"m_input": ["X"], "provider": "p", "url": "http://p:5000/p"}}}"#;
const FEW: u64 = 10;
const MANY: u64 = 10_000;
/// How many observations are stored at once while the ledger is filled.
const CHUNK: u64 = 500;

/// Every statement since the last look, with how many rows it gave and changed.
static STATEMENTS: Mutex<Vec<Statement>> = Mutex::new(Vec::new());

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Statement {
    sql: String,
    returned: u64,
    affected: u64,
}

/// Hears what the database's client says of each statement.
struct Listener;

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut statement = Statement::default();
        event.record(&mut statement);
        let mut statements = STATEMENTS.lock().unwrap_or_else(PoisonError::into_inner);
        statements.push(statement);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            // Short ones are told whole.
            "summary" => value.clone_into(&mut self.sql),
            "db.statement" if !value.trim().is_empty() => value.trim().clone_into(&mut self.sql),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "rows_returned" => self.returned = value,
            "rows_affected" => self.affected = value,
            _ => {}
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "summary" {
            self.sql.clear();
            write!(self.sql, "{value:?}").unwrap();
        }
    }
}

fn statements() -> Vec<Statement> {
    let mut statements = std::mem::take(&mut *STATEMENTS.lock().unwrap_or_else(PoisonError::into_inner));
    // For one that changes nothing, SQLite tells what the one before it changed.
    for statement in statements
        .iter_mut()
        .filter(|statement| statement.sql.starts_with("SELECT"))
    {
        statement.affected = 0;
    }
    statements
}

fn arrival(source: &str, product: &str, obs_id: &ObsId) -> Event {
    let announcement = Announcement::of(product.parse().unwrap(), obs_id.clone());
    Event::Data(Box::new(Arrival {
        source: source.parse().unwrap(),
        product: product.parse().unwrap(),
        identity: Identity::Version(Version(1)),
        announcement,
    }))
}

/// Applies an event with all that follows at once, and puts what changed into the batch.
fn apply(
    observation: &mut Observation,
    graph: &ProductGraph,
    now: Timestamp,
    event: Event,
    batch: &mut Batch,
) {
    let mut events = vec![event];
    while let Some(event) = events.pop() {
        for command in observation.apply(graph, now, event) {
            if let Command::Enqueue(want) = command {
                let (product, run_id) = (want.product, want.run_id);
                events.push(Event::Admitted { product, run_id });
            }
        }
    }
    let changes = observation.take_changes();
    batch.changes.push((observation.obs_id().clone(), changes));
}

/// A ledger in which so many observations are done, and one has begun.
async fn filled(file: &Path, graph: &ProductGraph, now: Timestamp, count: u64) -> Ledger {
    let ledger = Ledger::open(file).await.unwrap();
    let mut batch = Batch::default();
    for number in 0..=count {
        let obs_id: ObsId = (1_000_000 + number).try_into().unwrap();
        let mut observation = Observation::new(obs_id.clone());
        apply(
            &mut observation,
            graph,
            now,
            arrival("vhf", "A", &obs_id),
            &mut batch,
        );
        if number < count {
            apply(
                &mut observation,
                graph,
                now,
                arrival("sdb", "X", &obs_id),
                &mut batch,
            );
            apply(
                &mut observation,
                graph,
                now,
                arrival("sdb", "Y", &obs_id),
                &mut batch,
            );
        }
        if number % CHUNK == 0 || number == count {
            ledger.store(now, &std::mem::take(&mut batch)).await.unwrap();
        }
    }
    ledger
}

/// What it costs that an event comes for an observation of which the conductor has nothing in memory.
async fn cost(
    ledger: &Ledger,
    graph: &ProductGraph,
    now: Timestamp,
    number: u64,
    event: (&str, &str),
) -> Vec<Statement> {
    let obs_id: ObsId = number.try_into().unwrap();
    statements();
    let mut loaded = ledger.load(now, std::slice::from_ref(&obs_id)).await.unwrap();
    let mut batch = Batch::default();
    let (source, product) = event;
    apply(
        &mut loaded[0],
        graph,
        now,
        arrival(source, product, &obs_id),
        &mut batch,
    );
    batch.positions.insert("DATA".to_owned(), number.to_string());
    ledger.store(now, &batch).await.unwrap();
    statements()
}

/// Where a statement looks at a whole table, by the database's own word.
async fn scans(file: &Path, statements: &[Statement]) -> Vec<String> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true);
    let mut connection = options.disable_statement_logging().connect().await.unwrap();
    let mut found = Vec::new();
    for Statement { sql, .. } in statements {
        if ["BEGIN", "COMMIT", "PRAGMA"]
            .iter()
            .any(|word| sql.starts_with(word))
        {
            continue;
        }
        let explained = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        for row in sqlx::query(explained).fetch_all(&mut connection).await.unwrap() {
            let detail: String = row.get("detail");
            // What was given with the statement is all looked at.
            let given = ["CONSTANT ROW", "VALUES CLAUSE", "json_each"]
                .iter()
                .any(|word| detail.contains(word));
            if detail.starts_with("SCAN") && !given {
                found.push(format!("{detail}: {sql}"));
            }
        }
    }
    found
}

#[tokio::test]
async fn an_event_costs_the_same_however_many_observations_there_are() {
    listen();
    let (graph, now) = (
        ProductGraph::parse(GRAPH).unwrap(),
        "2026-02-25T08:52:07Z".parse().unwrap(),
    );
    let mut costs = Vec::new();
    for count in [FEW, MANY] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ledger.db");
        let ledger = filled(&file, &graph, now, count).await;
        // The first of an observation, and the product of one that has begun.
        let first = cost(&ledger, &graph, now, 1, ("vhf", "A")).await;
        let product = cost(&ledger, &graph, now, 1_000_000 + count, ("sdb", "X")).await;
        assert!(!first.is_empty() && !product.is_empty());
        let blind = Statement {
            sql: "SELECT body FROM cell WHERE rev = 1".to_owned(),
            ..Statement::default()
        };
        assert_eq!(scans(&file, &[blind]).await.len(), 1, "a scan is seen");
        for cost in [&first, &product] {
            assert_eq!(scans(&file, cost).await, [""; 0]);
        }
        costs.push((first, product));
        ledger.close().await;
    }
    assert_eq!(costs[0], costs[1]);
}

#[tokio::test]
async fn what_few_observations_have_is_listed_without_a_look_at_all_of_them() {
    listen();
    let (graph, now) = (
        ProductGraph::parse(GRAPH).unwrap(),
        "2026-02-25T08:52:07Z".parse().unwrap(),
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let ledger = filled(&file, &graph, now, FEW).await;
    let indexed = [
        CellState::Grace,
        CellState::Queued,
        CellState::Requested,
        CellState::Running,
        CellState::Retrying,
        CellState::Waiting,
        CellState::Held,
        CellState::Failed,
        CellState::Quarantined,
    ];
    for state in indexed {
        for product in [None, Some("X".parse().unwrap())] {
            statements();
            // `X` of the one that has begun is requested, and `Y` waits for it.
            let waits = state == CellState::Waiting && product.is_none();
            let filter = ObservationFilter {
                state: Some(state),
                product,
                ..ObservationFilter::default()
            };
            let found = ledger.observations(&graph, &filter, 10).await.unwrap();
            assert_eq!(
                found.found.len() == 1,
                state == CellState::Requested || waits,
                "{state}"
            );
            let scanned = scans(&file, &statements()).await;
            let all = scanned.iter().find(|scan| scan.starts_with("SCAN o"));
            assert_eq!(all, None, "{state}");
        }
    }
    statements();
    assert_eq!(ledger.failed(None, 10).await.unwrap(), []);
    assert_eq!(ledger.held(10).await.unwrap(), []);
    let scanned = scans(&file, &statements()).await;
    let of_few = |scan: &String| {
        ["cell_failed", "cell_held"]
            .iter()
            .any(|index| scan.contains(index))
    };
    let all: Vec<_> = scanned
        .iter()
        .filter(|scan| scan.starts_with("SCAN c") && !of_few(scan))
        .collect();
    assert!(all.is_empty() && !scanned.is_empty(), "{scanned:#?}");
    ledger.close().await;
}

/// One test a process, or the first of them, begins to listen.
fn listen() {
    tracing::subscriber::set_global_default(Listener).ok();
}
