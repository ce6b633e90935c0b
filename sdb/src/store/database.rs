//! Opening the database: one process, one write connection, readers beside it, the schema brought up to date.

use super::error::OpenError;
use sqlx::{
    ConnectOptions, Connection, Row, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};
use uuid::Uuid;

/// The schema's steps, in order; step 1 is the first. A step that has been released is never changed.
const MIGRATIONS: [&str; 2] = [
    include_str!("schema/0001_catalogue.sql"),
    include_str!("schema/0002_canary.sql"),
];

/// How long a connection waits for another one's lock. The writer is alone, so only a checkpoint or an
/// operator's own `sqlite3` can hold one.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// Readers beside the writer: two cores need no more, and each is a thread with its own page cache.
const READERS: u32 = 4;

/// Pages in the log before SQLite copies them into the database, which takes two more syncs: 32 MiB, a few
/// seconds of imports at full speed.
const CHECKPOINT_PAGES: &str = "8192";

/// The files of the store in its directory.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    directory: PathBuf,
}

impl Layout {
    /// Makes the directory where it is missing, durably: a database in a directory that a power cut takes
    /// away would have lost what was answered 201.
    pub(super) fn create(directory: &Path) -> Result<Self, OpenError> {
        let layout = Self {
            directory: directory.to_owned(),
        };
        create_durably(directory)
            .and_then(|()| create_durably(&layout.blobs()))
            .map_err(|source| OpenError::Directory {
                path: directory.to_owned(),
                source,
            })?;
        Ok(layout)
    }

    /// Where the object store keeps the bytes.
    pub(super) fn blobs(&self) -> PathBuf {
        self.directory.join("blobs")
    }

    /// Takes the store for this process, until the returned file is dropped: the writer counts versions and
    /// announcements in memory, so two of them would contradict each other.
    pub(super) fn lock(&self) -> Result<File, OpenError> {
        let path = self.directory.join("lock");
        let failed = |source| OpenError::Directory {
            path: path.clone(),
            source,
        };
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
                path: self.directory.clone(),
            }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    fn options(&self) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(self.directory.join("catalogue.sqlite"))
            .busy_timeout(LOCK_WAIT)
            .disable_statement_logging()
    }

    /// The write connection. `synchronous=FULL` syncs the log at every commit: that is what 201 promises.
    pub(super) async fn connect_writer(&self) -> Result<SqliteConnection, sqlx::Error> {
        self.options()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            .connect()
            .await
    }

    /// The readers, which see the last commit and never wait for the writer.
    pub(super) async fn connect_readers(&self) -> Result<SqlitePool, sqlx::Error> {
        SqlitePoolOptions::new()
            .max_connections(READERS)
            .test_before_acquire(false)
            .connect_with(self.options().read_only(true))
            .await
    }
}

/// Brings the schema up to date, or refuses a database that a newer program wrote.
pub(super) async fn migrate(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    sqlx::query("create table if not exists schema_version (version bigint not null)")
        .execute(&mut *connection)
        .await?;
    let found: i64 = sqlx::query("select coalesce(max(version), 0) from schema_version")
        .fetch_one(&mut *connection)
        .await?
        .try_get(0)?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    for (version, step) in (1_i64..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
        let mut transaction = connection.begin().await?;
        sqlx::raw_sql(step).execute(&mut *transaction).await?;
        sqlx::query("insert into schema_version (version) values ($1)")
            .bind(version)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        tracing::info!(schema.version = version, "database schema brought up to date");
    }
    Ok(())
}

/// What the database knows of itself at start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State {
    /// The name of the feed.
    pub(super) feed: Uuid,
    /// Up to where the feed is known to be published.
    pub(super) published: i64,
    /// How often the store was opened, this time included; names the blobs of this process.
    pub(super) starts: i64,
    /// The last start whose left-over blobs are swept.
    pub(super) swept: i64,
    /// When the last record was made, in microseconds.
    pub(super) newest: Option<i64>,
}

/// Counts this start and reads the state.
pub(super) async fn begin(connection: &mut SqliteConnection) -> Result<State, OpenError> {
    let mut transaction = connection.begin().await?;
    sqlx::query(
        "insert into state (only_row, feed, published, starts, swept) values (1, $1, 0, 0, 0) on conflict do nothing",
    )
    .bind(Uuid::now_v7().to_string())
    .execute(&mut *transaction)
    .await?;
    sqlx::query("update state set starts = starts + 1")
        .execute(&mut *transaction)
        .await?;
    let row = sqlx::query(
        "select feed, published, starts, swept, (select max(created_at) from records) from state",
    )
    .fetch_one(&mut *transaction)
    .await?;
    let feed = row
        .try_get::<&str, _>(0)?
        .parse()
        .map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    let state = State {
        feed,
        published: row.try_get(1)?,
        starts: row.try_get(2)?,
        swept: row.try_get(3)?,
        newest: row.try_get(4)?,
    };
    transaction.commit().await?;
    Ok(state)
}

/// Gives the feed a new name, and returns it.
pub(super) async fn rename_feed(connection: &mut SqliteConnection) -> Result<Uuid, OpenError> {
    let feed = Uuid::now_v7();
    sqlx::query("update state set feed = $1")
        .bind(feed.to_string())
        .execute(connection)
        .await?;
    Ok(feed)
}

/// `create_dir_all`, with every new entry synced in the directory that it appears in.
fn create_durably(directory: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = directory
        .ancestors()
        .take_while(|path| !path.as_os_str().is_empty() && !path.exists())
        .collect();
    fs::create_dir_all(directory)?;
    for path in missing {
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}
