//! The one connection that writes.
//!
//! A pool asks a connection whether it lives when it is given back: on an idle machine the way to SQLite's thread
//! and back is as long as a statement's. A connection to a file lives until its thread does not.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};
use std::sync::Arc;
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

/// The writing connection; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Writer {
    options: Arc<SqliteConnectOptions>,
    connection: Arc<Mutex<Option<SqliteConnection>>>,
}

impl Writer {
    /// Connects.
    pub(super) async fn open(options: SqliteConnectOptions) -> Result<Self, sqlx::Error> {
        let connection = SqliteConnection::connect_with(&options).await?;
        Ok(Self {
            options: Arc::new(options),
            connection: Arc::new(Mutex::new(Some(connection))),
        })
    }

    /// The connection, for one caller at a time; another one if the last was given up.
    pub(super) async fn get(&self) -> Result<MappedMutexGuard<'_, SqliteConnection>, sqlx::Error> {
        let mut guard = self.connection.lock().await;
        if guard.is_none() {
            *guard = Some(SqliteConnection::connect_with(&self.options).await?);
        }
        MutexGuard::try_map(guard, Option::as_mut).map_err(|_| sqlx::Error::PoolClosed)
    }

    /// Gives up a connection with which something went wrong: the next caller gets another one, which is in no
    /// half transaction.
    pub(super) async fn give_up(&self) {
        self.connection.lock().await.take();
    }

    /// Closes the connection, with what SQLite does at that.
    pub(super) async fn close(&self) {
        if let Some(connection) = self.connection.lock().await.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the ledger was not closed in order; what was committed is in it");
        }
    }
}
