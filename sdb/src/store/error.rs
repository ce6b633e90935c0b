//! What can go wrong in the store.

use rustix::process::{Resource, getrlimit};
use std::{io, path::PathBuf, sync::Arc};

/// Why the store could not do what it was asked to. Cheap to clone: one failed commit fails every import in it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// No space is left for rows or bytes. It heals by itself when there is space again.
    #[error("no space is left on the disk")]
    Full(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The database failed.
    #[error("the database failed")]
    Database(#[source] Arc<sqlx::Error>),
    /// The object store failed.
    #[error("the object store failed")]
    Objects(#[source] Arc<object_store::Error>),
    /// The bytes on disk are not those that were imported.
    #[error("the stored bytes of {what} do not have their checksum")]
    Corrupt {
        /// Which product.
        what: String,
    },
    /// The store is being closed.
    #[error("the store is closing")]
    Closing,
}

/// Why the store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory cannot be made or written.
    #[error("cannot use the data directory {path}")]
    Directory {
        /// The directory, or what is in it.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Another process has the store open.
    #[error("{path} is in use by another orchestra-sdb; stop it, or give this one another --data-dir")]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// A newer program wrote the database.
    #[error("the database has schema version {found}, this program knows {known}; use the newer program")]
    Newer {
        /// What is in the database.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// The database failed.
    #[error("cannot open the database")]
    Database(#[from] sqlx::Error),
    /// The object store failed.
    #[error("cannot open the object store")]
    Objects(#[from] object_store::Error),
}

/// SQLite's primary result code for a full disk (<https://www.sqlite.org/rescode.html#full>).
const SQLITE_FULL: &str = "13";

/// SQLite's extended result code for a write that failed for anything but a full disk; which it was, is not told.
const SQLITE_IOERR_WRITE: &str = "778";

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code);
        let full = match code.as_deref() {
            Some(SQLITE_FULL) => true,
            Some(SQLITE_IOERR_WRITE) => is_limited(),
            _ => false,
        };
        if full {
            Self::Full(Arc::new(error))
        } else {
            Self::Database(Arc::new(error))
        }
    }
}

/// Whether files of this process may only grow so far: then that is what a write failed for.
fn is_limited() -> bool {
    getrlimit(Resource::Fsize).current.is_some()
}

impl From<object_store::Error> for StoreError {
    fn from(error: object_store::Error) -> Self {
        if is_full(&error) {
            Self::Full(Arc::new(error))
        } else {
            Self::Objects(Arc::new(error))
        }
    }
}

/// Looks for a full disk, a spent quota or a limit of the process down the chain of causes, where the file system's own error is.
fn is_full(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            return matches!(
                io.kind(),
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
            );
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_failures_however_deep_it_lies() {
        let nested = |kind| object_store::Error::Generic {
            store: "local",
            source: Box::new(io::Error::from(kind)),
        };
        assert!(matches!(
            StoreError::from(nested(io::ErrorKind::StorageFull)),
            StoreError::Full(_)
        ));
        assert!(matches!(
            StoreError::from(nested(io::ErrorKind::PermissionDenied)),
            StoreError::Objects(_)
        ));
    }
}
