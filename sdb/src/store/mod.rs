//! The store: records, bytes and the feed, durable before they are answered.
//!
//! ```text
//!   import ──▶ Upload (over 64 KiB: synced in the object store)
//!                 │
//!                 ▼                    commit: record + payload + announcement
//!              queue ──▶ Writer ───────────────▶ SQLite ◀── readers: export, lists, GET /events
//!                          │ after the commit
//!                          ├──▶ Outbox ──▶ the relay publishes data.sdb
//!                          └──▶ 201
//! ```

mod batch;
mod blobs;
mod database;
mod error;
mod import;
mod outbox;
mod reader;
mod record;
mod retention;
mod rows;
mod statements;
mod sweep;
mod trouble;
mod writer;

pub use blobs::Upload;
pub use error::{OpenError, StoreError};
pub use import::{Imported, MAX_INLINE_BYTES, NewImport, Payload, Withdrawal};
pub use outbox::{Next, Outbox};
pub use reader::{Filter, Observation, Stored};
pub use record::{Cell, Entry, Record, Retraction, Sent};
pub use trouble::Trouble;
pub use writer::Writer;

use blobs::{BlobStream, Blobs};
use database::Layout;
use domain::{ObsId, Version};
use jiff::Timestamp;
use reader::Reader;
use service_kit::{Clock, crash};
use statements::{Numbers, Statements};
use std::{fs::File, ops::Range, path::Path, sync::Arc};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;
use writer::Job;

/// The store of one process.
#[derive(Debug)]
pub struct Store {
    jobs: mpsc::Sender<Job>,
    reader: Reader,
    blobs: Blobs,
    outbox: Arc<Outbox>,
    trouble: Trouble,
    clock: Clock,
    feed: Uuid,
    start: i64,
    swept: i64,
    _lock: File,
}

/// The feed, for whoever publishes it.
#[derive(Debug, Clone)]
pub struct FeedSource(Reader);

impl FeedSource {
    /// The announcements after `n`, in order, at most `limit`.
    pub async fn after(&self, n: i64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.0.feed(n, limit).await
    }
}

impl Store {
    /// Opens the store in a directory, making it where it is missing. Nothing is written before the
    /// [`Writer`] runs.
    pub async fn open(directory: &Path) -> Result<(Arc<Self>, Writer), OpenError> {
        let layout = Layout::create(directory)?;
        let lock = layout.lock()?;
        let mut connection = layout.connect_writer().await?;
        database::migrate(&mut connection).await?;
        let state = database::begin(&mut connection).await?;
        let numbers = Numbers::read(&mut connection).await?;
        let reader = Reader::new(layout.connect_readers().await?);
        let blobs = Blobs::open(layout.blobs(), state.starts)?;
        // Records are in the order of their times, whatever the wall clock does between two starts.
        let clock = Clock::start(
            state
                .newest
                .and_then(|newest| Timestamp::from_microsecond(newest).ok()),
        );
        let outbox = Arc::new(Outbox::new(numbers.announcement, state.published));
        let trouble = Trouble::default();
        let (sender, jobs) = mpsc::channel(writer::QUEUE);
        let writer = Writer {
            jobs,
            layout,
            connection: Some(connection),
            numbers,
            saved_mark: state.published,
            statements: Statements::new(),
            outbox: Arc::clone(&outbox),
            clock,
            trouble: trouble.clone(),
        };
        let store = Self {
            jobs: sender,
            reader,
            blobs,
            outbox,
            trouble,
            clock,
            feed: state.feed,
            start: state.starts,
            swept: state.swept,
            _lock: lock,
        };
        Ok((Arc::new(store), writer))
    }

    /// Gives the feed of a store that nobody has open a new name, after a backup was restored.
    pub async fn renew_feed(directory: &Path) -> Result<Uuid, OpenError> {
        let layout = Layout::create(directory)?;
        let _lock = layout.lock()?;
        let mut connection = layout.connect_writer().await?;
        database::migrate(&mut connection).await?;
        database::begin(&mut connection).await?;
        database::rename_feed(&mut connection).await
    }

    /// Begins to store bytes over [`MAX_INLINE_BYTES`].
    pub async fn upload(&self) -> Result<Upload, StoreError> {
        self.watched(self.blobs.begin().await)
    }

    /// Adds bytes to an upload.
    pub async fn write(&self, upload: &mut Upload, bytes: &[u8]) -> Result<(), StoreError> {
        self.watched(upload.write(bytes).await)
    }

    /// Makes the bytes of an upload durable.
    pub async fn finish(&self, upload: Upload) -> Result<Payload, StoreError> {
        let blob = self.watched(upload.finish().await)?;
        crash::point("after-blob");
        Ok(Payload::Blob(blob))
    }

    /// Stores a product. When this returns a record, it is durable and will be announced.
    pub async fn import(&self, import: NewImport) -> Result<Imported, StoreError> {
        self.ask(|reply| Job::Import(Box::new(import), reply)).await
    }

    /// Withdraws a version, and announces that. `None` if there is none such.
    pub async fn withdraw(&self, withdrawal: Withdrawal) -> Result<Option<Arc<Record>>, StoreError> {
        self.ask(|reply| Job::Withdraw(withdrawal, reply)).await
    }

    /// A version of a product, the latest if none is named.
    pub async fn stored(&self, cell: &Cell, version: Option<Version>) -> Result<Option<Stored>, StoreError> {
        self.reader.stored(cell, version).await
    }

    /// The bytes of a record that are in the object store.
    pub async fn blob(&self, key: &str) -> Result<BlobStream, StoreError> {
        self.blobs.read(key).await
    }

    /// A part of the bytes of a record that are in the object store.
    pub async fn blob_part(&self, key: &str, part: Range<u64>) -> Result<BlobStream, StoreError> {
        self.blobs.read_part(key, part).await
    }

    /// Records, the last imported first, at most `limit`.
    pub async fn records(&self, filter: &Filter, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.reader.records(filter, limit).await
    }

    /// The latest version of each product of an observation, by name.
    pub async fn latest(&self, obs_id: &ObsId) -> Result<Vec<Record>, StoreError> {
        self.reader.latest(obs_id).await
    }

    /// Observations by their id, those after `after`, at most `limit`.
    pub async fn observations(
        &self,
        after: Option<&ObsId>,
        limit: usize,
    ) -> Result<Vec<Observation>, StoreError> {
        self.reader.observations(after, limit).await
    }

    /// The announcements after `n`, in order, at most `limit`.
    pub async fn feed_after(&self, n: i64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.reader.feed(n, limit).await
    }

    /// The feed by itself. It does not keep the writer at work, as the store does.
    pub fn feed_source(&self) -> FeedSource {
        FeedSource(self.reader.clone())
    }

    /// The last `n` of the feed, 0 for none.
    pub async fn feed_head(&self) -> Result<i64, StoreError> {
        self.reader.feed_head().await
    }

    /// The name of the feed.
    pub fn feed(&self) -> Uuid {
        self.feed
    }

    /// What is committed and not yet published.
    pub fn outbox(&self) -> Arc<Outbox> {
        Arc::clone(&self.outbox)
    }

    /// Whether the store can be written.
    pub fn trouble(&self) -> Trouble {
        self.trouble.clone()
    }

    /// The store's clock, never behind its last record.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// What has to be done now and then: saves how far the feed is published, forgets old keys, deletes
    /// bytes that came to nothing.
    pub async fn housekeep(&self) -> Result<(), StoreError> {
        self.blobs.tidy().await;
        self.ask(Job::Housekeep).await
    }

    /// Tries to write, to find out whether a trouble is over.
    pub async fn probe(&self) -> Result<(), StoreError> {
        let mut upload = self.upload().await?;
        self.write(&mut upload, &vec![0; MAX_INLINE_BYTES]).await?;
        drop(self.watched(upload.finish().await)?);
        self.housekeep().await?;
        self.trouble.clear();
        Ok(())
    }

    /// Closes the readers, so that the writer's end leaves one tidy file.
    pub async fn close(&self) {
        self.reader.close().await;
    }

    async fn tell_swept(&self, start: i64) -> Result<(), StoreError> {
        self.jobs
            .send(Job::Swept(start))
            .await
            .map_err(|_closed| StoreError::Closing)
    }

    async fn ask<T>(&self, job: impl FnOnce(writer::Reply<T>) -> Job) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.jobs
            .send(job(reply))
            .await
            .map_err(|_closed| StoreError::Closing)?;
        answer.await.map_err(|_closed| StoreError::Closing)?
    }

    fn watched<T>(&self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &outcome {
            self.trouble.note(error);
        }
        outcome
    }
}
