//! The bytes of large products, in an object store.

use super::error::{OpenError, StoreError};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, TryStreamExt};
use object_store::{
    GetOptions, MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload, local::LocalFileSystem,
    path::Path as Key,
};
use std::{
    io::SeekFrom,
    ops::Range,
    path::{Path, PathBuf},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use uuid::Uuid;

/// How much of a body is gathered before it is written: large enough that a system call is nothing, small
/// enough that a hundred uploads at once hold 25 MB.
const PART_BYTES: usize = 256 * 1024;

/// The object store, and where this process writes in it.
#[derive(Debug)]
pub(super) struct Blobs {
    objects: LocalFileSystem,
    root: PathBuf,
    start: i64,
    litter: Arc<Mutex<Vec<Key>>>,
}

/// A stream of a blob's bytes.
pub(super) type BlobStream = Pin<Box<dyn Stream<Item = Result<Bytes, StoreError>> + Send>>;

impl Blobs {
    /// Opens the store in `root`. Every blob of this process lies in the folder `start`, so that what a
    /// crash leaves behind is looked for in one folder and not in the whole archive.
    pub(super) fn open(root: PathBuf, start: i64) -> Result<Self, OpenError> {
        // The default does not sync; see the crate's documentation.
        let objects = LocalFileSystem::new_with_prefix(&root)?.with_fsync(true);
        Ok(Self {
            objects,
            root,
            start,
            litter: Arc::default(),
        })
    }

    /// Where the folder of a start is in the file system.
    pub(super) fn folder(&self, start: i64) -> PathBuf {
        self.root.join(start.to_string())
    }

    /// Begins to write a blob. Nothing of it is visible before [`Upload::finish`].
    pub(super) async fn begin(&self) -> Result<Upload, StoreError> {
        let key = Key::from(format!("{}/{}", self.start, Uuid::now_v7().simple()));
        let parts = self.objects.put_multipart(&key).await?;
        let blob = Blob {
            key,
            litter: Some(Arc::clone(&self.litter)),
        };
        Ok(Upload {
            parts,
            part: BytesMut::new(),
            blob,
        })
    }

    /// The bytes of a blob.
    pub(super) async fn read(&self, key: &str) -> Result<BlobStream, StoreError> {
        let got = self.objects.get(&Key::from(key)).await?;
        match got.payload {
            object_store::GetResultPayload::File(file, _) => {
                // The crate's own stream reads 8 KiB at a time, each on the blocking pool.
                let file = tokio::fs::File::from_std(file);
                let stream = tokio_util::io::ReaderStream::with_capacity(file, PART_BYTES);
                Ok(stream.map_err(|source| read_error(source).into()).boxed())
            }
            object_store::GetResultPayload::Stream(stream) => Ok(stream.map_err(StoreError::from).boxed()),
        }
    }

    /// A part of the bytes of a blob.
    pub(super) async fn read_part(&self, key: &str, part: Range<u64>) -> Result<BlobStream, StoreError> {
        let length = part.end - part.start;
        let options = GetOptions::new().with_range(Some(part.clone()));
        let got = self.objects.get_opts(&Key::from(key), options).await?;
        match got.payload {
            object_store::GetResultPayload::File(file, _) => {
                let mut file = tokio::fs::File::from_std(file);
                file.seek(SeekFrom::Start(part.start)).await.map_err(read_error)?;
                let stream = tokio_util::io::ReaderStream::with_capacity(file.take(length), PART_BYTES);
                Ok(stream.map_err(|source| read_error(source).into()).boxed())
            }
            object_store::GetResultPayload::Stream(stream) => Ok(stream.map_err(StoreError::from).boxed()),
        }
    }

    /// Deletes the blobs that were finished and then not kept.
    pub(super) async fn tidy(&self) {
        let keys = std::mem::take(&mut *self.litter.lock().unwrap_or_else(PoisonError::into_inner));
        for key in keys {
            match self.objects.delete(&key).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(blob = %key, error, "cannot delete an unused blob; the next start will");
                }
            }
        }
    }
}

fn read_error(source: std::io::Error) -> object_store::Error {
    object_store::Error::Generic {
        store: "local",
        source: Box::new(source),
    }
}

/// A blob on its way. Dropped before it is finished, it leaves nothing.
#[derive(Debug)]
pub struct Upload {
    parts: Box<dyn MultipartUpload>,
    part: BytesMut,
    blob: Blob,
}

impl Upload {
    /// Adds bytes.
    pub(super) async fn write(&mut self, mut bytes: &[u8]) -> Result<(), StoreError> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PART_BYTES - self.part.len()));
            self.part.extend_from_slice(now);
            bytes = later;
            if self.part.len() == PART_BYTES {
                self.flush().await?;
            }
        }
        Ok(())
    }

    /// Syncs the bytes and gives them their name: from here on they survive anything.
    pub(super) async fn finish(mut self) -> Result<Blob, StoreError> {
        if !self.part.is_empty() {
            self.flush().await?;
        }
        self.parts.complete().await?;
        Ok(self.blob)
    }

    async fn flush(&mut self) -> Result<(), StoreError> {
        let part = self.part.split().freeze();
        self.part.reserve(PART_BYTES);
        self.parts.put_part(PutPayload::from_bytes(part)).await?;
        Ok(())
    }
}

/// A finished blob that no record names yet. Dropped, it is deleted.
#[derive(Debug)]
pub struct Blob {
    key: Key,
    litter: Option<Arc<Mutex<Vec<Key>>>>,
}

impl Blob {
    /// How a record names it.
    pub(super) fn key(&self) -> &str {
        self.key.as_ref()
    }

    /// Keeps it: a record names it now, or may do so after a commit of unknown outcome, which the sweep at
    /// the next start finds out.
    pub(super) fn keep(mut self) {
        self.litter = None;
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        if let Some(litter) = self.litter.take() {
            litter
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(self.key.clone());
        }
    }
}

/// Whether a file is the unfinished upload of a process that died: `LocalFileSystem` writes to `name#1` and
/// renames it, and neither lists nor deletes such files itself.
pub(super) fn is_unfinished(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().contains('#'))
}
