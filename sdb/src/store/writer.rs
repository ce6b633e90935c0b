//! The only writer: gathers what waits, commits it together, answers each.

use super::{
    batch::Commit,
    database::Layout,
    error::StoreError,
    import::{Imported, NewImport, Payload, Withdrawal},
    outbox::Outbox,
    record::{Entry, Record},
    statements::{Numbers, Statements},
    trouble::Trouble,
};
use jiff::Timestamp;
use service_kit::{Clock, crash};
use sqlx::{Connection, SqliteConnection};
use std::{sync::Arc, time::Instant};
use tokio::sync::{mpsc, oneshot};

/// Jobs that wait for the writer: some commits' worth. Whoever comes later waits for a place, and so does
/// its client; with [`MAX_INLINE_BYTES`](super::MAX_INLINE_BYTES) each, they hold 16 MiB at most.
pub(super) const QUEUE: usize = 256;

/// The most jobs of one commit: enough that its two syncs cost nothing per import, few enough that the first
/// one does not wait long for the last.
const MAX_JOBS: usize = 256;

/// The most payload bytes of one commit, for the same reason.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Where the answer goes.
pub(super) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the writer is asked for.
#[derive(Debug)]
pub(super) enum Job {
    /// Store a product.
    Import(Box<NewImport>, Reply<Imported>),
    /// Withdraw a version.
    Withdraw(Withdrawal, Reply<Option<Arc<Record>>>),
    /// Note that the left-over blobs of this start and those before are swept.
    Swept(i64),
    /// Forget old keys and note how far the feed is published.
    Housekeep(Reply<()>),
}

/// The writer. [`Writer::run`] it until every [`Store`](super::Store) is dropped.
#[derive(Debug)]
pub struct Writer {
    pub(super) jobs: mpsc::Receiver<Job>,
    pub(super) layout: Layout,
    /// `None` after a failed commit: what state the connection is in then is not worth guessing.
    pub(super) connection: Option<SqliteConnection>,
    pub(super) numbers: Numbers,
    pub(super) saved_mark: i64,
    pub(super) statements: Statements,
    pub(super) outbox: Arc<Outbox>,
    pub(super) clock: Clock,
    pub(super) trouble: Trouble,
}

/// The jobs of one commit, by kind.
#[derive(Debug, Default)]
struct Batch {
    imports: Vec<NewImport>,
    import_replies: Vec<Reply<Imported>>,
    withdrawals: Vec<Withdrawal>,
    withdrawal_replies: Vec<Reply<Option<Arc<Record>>>>,
    swept: Option<i64>,
    housekeep_replies: Vec<Reply<()>>,
    jobs: usize,
    bytes: usize,
}

/// What a commit has made true.
struct Done {
    imported: Vec<Imported>,
    withdrawn: Vec<Option<Arc<Record>>>,
    entries: Vec<Entry>,
}

impl Writer {
    /// Writes until nobody can ask any more.
    pub async fn run(mut self) {
        while let Some(first) = self.jobs.recv().await {
            let batch = self.gather(first);
            self.write(batch).await;
        }
        self.outbox.close();
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the database did not close cleanly; nothing is lost");
        }
    }

    /// Takes what waits already; an idle writer waits for nobody, a busy one finds a full queue.
    fn gather(&mut self, first: Job) -> Batch {
        let mut batch = Batch::default();
        batch.add(first);
        while batch.jobs < MAX_JOBS
            && batch.bytes < MAX_BYTES
            && let Ok(job) = self.jobs.try_recv()
        {
            batch.add(job);
        }
        batch
    }

    async fn write(&mut self, mut batch: Batch) {
        let started = Instant::now();
        let imports = std::mem::take(&mut batch.imports);
        match self.commit(imports, &batch).await {
            Ok(done) => {
                crash::point("after-commit");
                // The relay first: it publishes while the answers travel.
                self.outbox.append(done.entries);
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "a batch has at most a few hundred jobs"
                )]
                metrics::histogram!("sdb_commit_jobs").record(batch.jobs as f64);
                metrics::histogram!("sdb_commit_seconds").record(started.elapsed().as_secs_f64());
                batch.succeed(done.imported, done.withdrawn);
            }
            Err(error) => {
                self.trouble.note(&error);
                if let Some(connection) = self.connection.take() {
                    // Dropped instead, it would hold its lock for a while longer.
                    let _ = connection.close().await;
                }
                batch.fail(&error);
            }
        }
    }

    async fn commit(&mut self, imports: Vec<NewImport>, batch: &Batch) -> Result<Done, StoreError> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            empty @ None => {
                let mut connection = self.layout.connect_writer().await?;
                self.numbers = Numbers::read(&mut connection).await?;
                empty.insert(connection)
            }
        };
        let mark = self.outbox.published();
        let mut transaction = connection.begin_with("begin immediate").await?;
        let mut commit = Commit::new(
            &mut transaction,
            &self.statements,
            self.numbers,
            whole_microseconds(self.clock.now()),
        );
        let (imported, blobs) = commit.import(imports).await?;
        let mut withdrawn = Vec::with_capacity(batch.withdrawals.len());
        for withdrawal in &batch.withdrawals {
            withdrawn.push(commit.withdraw(withdrawal).await?);
        }
        if let Some(start) = batch.swept {
            commit.set_swept(start).await?;
        }
        if !batch.housekeep_replies.is_empty() {
            commit.forget_keys().await?;
            commit.forget_canaries(mark).await?;
        }
        // Housekeeping always writes something: it is also how a store in trouble is tried.
        if mark != self.saved_mark || !batch.housekeep_replies.is_empty() {
            commit.set_published(mark).await?;
        }
        let (entries, numbers) = commit.finish().await?;
        crash::point("before-commit");
        let outcome = transaction.commit().await.map_err(StoreError::from);
        // A commit that failed for want of space is undone; after any other failure the rows may turn up at
        // the next start, and then so must their bytes.
        if !matches!(outcome, Err(StoreError::Full(_))) {
            blobs.into_iter().for_each(Payload::keep);
        }
        outcome?;
        self.numbers = numbers;
        self.saved_mark = mark;
        Ok(Done {
            imported,
            withdrawn,
            entries,
        })
    }
}

/// As the database keeps it, so that an answer now and a list later say the same.
fn whole_microseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time)
}

impl Batch {
    fn add(&mut self, job: Job) {
        self.jobs += 1;
        match job {
            Job::Import(import, reply) => {
                self.bytes += import.row_bytes();
                self.imports.push(*import);
                self.import_replies.push(reply);
            }
            Job::Withdraw(withdrawal, reply) => {
                self.withdrawals.push(withdrawal);
                self.withdrawal_replies.push(reply);
            }
            Job::Swept(start) => self.swept = self.swept.max(Some(start)),
            Job::Housekeep(reply) => self.housekeep_replies.push(reply),
        }
    }

    // A reply that nobody waits for any more is no error: the client has gone, its import stays.

    fn succeed(self, imported: Vec<Imported>, withdrawn: Vec<Option<Arc<Record>>>) {
        for (reply, answer) in self.import_replies.into_iter().zip(imported) {
            let _ = reply.send(Ok(answer));
        }
        for (reply, answer) in self.withdrawal_replies.into_iter().zip(withdrawn) {
            let _ = reply.send(Ok(answer));
        }
        for reply in self.housekeep_replies {
            let _ = reply.send(Ok(()));
        }
    }

    fn fail(self, error: &StoreError) {
        for reply in self.import_replies {
            let _ = reply.send(Err(error.clone()));
        }
        for reply in self.withdrawal_replies {
            let _ = reply.send(Err(error.clone()));
        }
        for reply in self.housekeep_replies {
            let _ = reply.send(Err(error.clone()));
        }
    }
}
