//! The ledger: what the conductor knows, in SQL.
//!
//! One transaction stores what a batch of events changed, with how far the stream and the feeds were read;
//! only then is anything acknowledged or sent. Rows travel many to a statement. Nothing is loaded at start but what is unfinished.

mod alerts;
mod canary;
mod durations;
mod graphs;
mod lists;
mod load;
mod restraints;
mod store;
mod suspects;
mod upsert;
mod writer;

pub use lists::{
    ActRecord, CellFilter, FailedCell, HeldRecord, History, NoteFilter, NoteRecord, ObservationFilter,
    ObservationRecord, OpenRun, Place, Recalled, RunFilter, RunRecord, Selected, Walked, Which,
};
use writer::Writer;

pub use alerts::AlertBatch;
pub use graphs::GraphRecord;

pub use store::{Act, Batch, Note, Quarantined, Stored};

use jiff::Timestamp;
use sqlx::SqlitePool;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::borrow::Cow;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long a statement waits for another process that holds the file, such as a backup.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Prepared statements that are kept: those of each length of the tables that a batch writes, and the others.
const STATEMENTS: usize = 12 * upsert::MAX_ROWS;

/// Pages in the log before SQLite copies them into the file: 16 MiB. The pages of what is under way are written again
/// and again, and are copied once for all that.
const CHECKPOINT_PAGES: &str = "4096";

/// Connections for reading: the routes' queries, beside the one writer.
const READERS: u32 = 4;

/// Why the ledger did not answer.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The database refused, or is not there.
    #[error("the ledger's database failed")]
    Database(#[from] sqlx::Error),
    /// The folder or the lock beside the file cannot be made.
    #[error("{} cannot be made", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another conductor works with it.
    #[error("{} is in use by another conductor; give this one another --ledger", file.display())]
    InUse {
        /// The file.
        file: PathBuf,
    },
    /// The tables are not those of this version.
    #[error("the ledger's tables could not be brought to this version")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A row does not read back as what was stored.
    #[error("a row of {table} of observation {obs_id} cannot be read")]
    Row {
        /// The table.
        table: String,
        /// The observation.
        obs_id: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A record cannot be written as JSON.
    #[error("a record cannot be written as JSON")]
    Record(#[source] serde_json::Error),
}

/// An open ledger.
#[derive(Debug, Clone)]
pub struct Ledger {
    writer: Writer,
    reader: SqlitePool,
    /// Held as long as the ledger is open: two conductors with one memory would each undo the other's.
    _lock: Arc<File>,
}

impl Ledger {
    /// Opens the ledger in this file, made with its folder if it is not there, and brings its tables to this
    /// version.
    pub async fn open(file: &Path) -> Result<Self, LedgerError> {
        let lock = lock(file)?;
        // Events can be had again from the stream and the feeds, so a commit need not wait for the disk.
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            // A statement of many rows keeps the pages that it changes until it is over: not in a file.
            .pragma("temp_store", "MEMORY")
            .busy_timeout(BUSY_TIMEOUT)
            .statement_cache_capacity(STATEMENTS);
        let writer = Writer::open(options.clone()).await?;
        migrator().run(&mut *writer.get().await?).await?;
        let reader = SqlitePoolOptions::new()
            .test_before_acquire(false)
            .max_connections(READERS)
            .connect_lazy_with(options.read_only(true));
        Ok(Self {
            writer,
            reader,
            _lock: Arc::new(lock),
        })
    }

    /// Closes the file; what was committed is in it.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }

    /// When something was stored last: time does not go back behind it.
    pub async fn last_change(&self) -> Result<Option<Timestamp>, LedgerError> {
        let newest = "SELECT changed_at FROM observation ORDER BY rtrim(changed_at, 'Z') DESC LIMIT 1";
        let at: Option<String> = sqlx::query_scalar(newest)
            .fetch_optional(&mut *self.writer.get().await?)
            .await?;
        Ok(at.and_then(|at| at.parse().ok()))
    }

    /// How far a stream or a feed was read, as it was last stored.
    pub async fn position(&self, name: &str) -> Result<Option<String>, LedgerError> {
        let value = sqlx::query_scalar("SELECT value FROM position WHERE name = ?")
            .bind(name)
            .fetch_optional(&mut *self.writer.get().await?)
            .await?;
        Ok(value)
    }
}

fn lock(file: &Path) -> Result<File, LedgerError> {
    let cannot = |path: &Path| {
        let path = path.to_owned();
        |source| LedgerError::Folder { path, source }
    };
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(cannot(folder))?;
    }
    let path = file.with_added_extension("lock");
    let lock = File::create(&path).map_err(cannot(&path))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(LedgerError::InUse {
            file: file.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(cannot(&path)(source)),
    }
}

/// What each version added to the tables, in order; one that was published is never edited.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "ledger", include_str!("../../migrations/0001_ledger.sql")),
    (3, "alerts", include_str!("../../migrations/0003_alerts.sql")),
    (
        2,
        "restraints",
        include_str!("../../migrations/0002_restraints.sql"),
    ),
    (4, "notes", include_str!("../../migrations/0004_notes.sql")),
    (
        5,
        "durations",
        include_str!("../../migrations/0005_durations.sql"),
    ),
    (6, "untold", include_str!("../../migrations/0006_untold.sql")),
    (
        7,
        "rare states",
        include_str!("../../migrations/0007_rare_states.sql"),
    ),
    (8, "held", include_str!("../../migrations/0008_held.sql")),
    (9, "graph", include_str!("../../migrations/0009_graph.sql")),
    (10, "canary", include_str!("../../migrations/0010_canary.sql")),
];

fn migrator() -> Migrator {
    let migration = |(version, name, text): &(i64, &'static str, &'static str)| {
        let text = sqlx::SqlStr::from_static(text);
        Migration::new(*version, Cow::Borrowed(*name), MigrationType::Simple, text, false)
    };
    Migrator::with_migrations(MIGRATIONS.iter().map(migration).collect())
}
