//! The bytes of a product, as they come, compared with what the SDB promised.

use crate::output::Output;
use api::sdb::ProductRecord;
use api::{ApiError, Download};
use domain::Sha256;
use sha2::Digest as _;
use std::io;
use std::path::{Path, PathBuf};
use tokio::fs::File;
use tokio::io::{AsyncWriteExt as _, BufWriter};

/// Why the bytes are not there.
#[derive(Debug, thiserror::Error)]
pub(super) enum DownloadError {
    /// The SDB did not give them.
    #[error(transparent)]
    Sdb(#[from] ApiError),
    /// They cannot be written.
    #[error("{} cannot be written", path.display())]
    File {
        /// Where to.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Nobody takes them.
    #[error("standard output cannot be written")]
    Output(#[from] io::Error),
    /// They are others.
    #[error("what came is not what the SDB promised: its SHA-256 is {is}, not {promised}")]
    Other {
        /// Of what came.
        is: Sha256,
        /// Of the record.
        promised: Sha256,
    },
}

impl DownloadError {
    /// In words for an operator; those of the SDB's are somebody else's to find.
    pub(super) fn or_explained(self, explain: impl FnOnce(ApiError) -> anyhow::Error) -> anyhow::Error {
        match self {
            Self::Sdb(error) => explain(error),
            Self::File { .. } | Self::Output(_) | Self::Other { .. } => self.into(),
        }
    }
}

/// Writes a file that is whole or not there: it gets its name once all is in it. What is no file, such as a pipe, is
/// written as it is.
pub(super) async fn to_file(
    download: Download,
    record: &ProductRecord,
    path: &Path,
) -> Result<(), DownloadError> {
    let fault = |source| DownloadError::File {
        path: path.to_owned(),
        source,
    };
    let is_special = tokio::fs::metadata(path)
        .await
        .is_ok_and(|metadata| !metadata.is_file());
    if is_special {
        let file = File::options().write(true).open(path).await.map_err(fault)?;
        return write(download, record, file, &fault).await;
    }
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let file = File::create(&part).await.map_err(fault)?;
    let mut written = write(download, record, file, &fault).await;
    if written.is_ok() {
        written = tokio::fs::rename(&part, path).await.map_err(fault);
    }
    if written.is_err() {
        // It may be gone by itself; what went wrong is said already.
        tokio::fs::remove_file(&part).await.ok();
    }
    written
}

async fn write(
    mut download: Download,
    record: &ProductRecord,
    file: File,
    fault: &impl Fn(io::Error) -> DownloadError,
) -> Result<(), DownloadError> {
    let mut file = BufWriter::new(file);
    let mut sum = sha2::Sha256::new();
    while let Some(chunk) = download.chunk().await? {
        sum.update(&chunk);
        file.write_all(&chunk).await.map_err(fault)?;
    }
    file.flush().await.map_err(fault)?;
    compare(sum, record)
}

/// Writes to standard output; what is wrong with the bytes is known only when they are out.
pub(super) async fn to_output(
    mut download: Download,
    record: &ProductRecord,
    output: &mut Output,
) -> Result<(), DownloadError> {
    let mut sum = sha2::Sha256::new();
    while let Some(chunk) = download.chunk().await? {
        sum.update(&chunk);
        output.bytes(&chunk)?;
    }
    output.flush()?;
    compare(sum, record)
}

fn compare(sum: sha2::Sha256, record: &ProductRecord) -> Result<(), DownloadError> {
    let (is, promised) = (Sha256::from_bytes(sum.finalize().into()), record.sha256);
    if is == promised {
        Ok(())
    } else {
        Err(DownloadError::Other { is, promised })
    }
}
