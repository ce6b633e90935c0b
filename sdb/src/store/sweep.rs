//! Deleting what a killed process left in the object store: finished blobs without a row, and unfinished ones.

use super::{Store, blobs::is_unfinished, error::StoreError};
use std::io;

impl Store {
    /// Sweeps the folders of the starts before this one, once each. It may run beside imports, which write
    /// to another folder.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        for start in self.swept + 1..self.start {
            let deleted = self.sweep_start(start).await?;
            if deleted > 0 {
                tracing::info!(start, deleted, "deleted blobs that no record names");
            }
            self.tell_swept(start).await?;
        }
        Ok(())
    }

    async fn sweep_start(&self, start: i64) -> Result<u64, StoreError> {
        let folder = self.blobs.folder(start);
        let mut files = match tokio::fs::read_dir(&folder).await {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(failed(error)),
        };
        let mut deleted = 0;
        while let Some(file) = files.next_entry().await.map_err(failed)? {
            let path = file.path();
            let key = format!("{start}/{}", file.file_name().to_string_lossy());
            if is_unfinished(&path) || !self.reader.names_blob(&key).await? {
                tokio::fs::remove_file(&path).await.map_err(failed)?;
                deleted += 1;
            }
        }
        // Fails unless it is empty, which is what is wanted.
        let _ = tokio::fs::remove_dir(&folder).await;
        Ok(deleted)
    }
}

fn failed(source: io::Error) -> StoreError {
    object_store::Error::Generic {
        store: "local",
        source: Box::new(source),
    }
    .into()
}
