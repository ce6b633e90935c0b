//! One attempt, from its start to its end: the work, its heartbeat, its deadline, its cancellation.

use crate::{
    Failure, Outcome, parcel::Parcel, runs::Ending, runs::Job, shelf::Shelf, station::Station, task::Task,
};
use domain::{ErrorClass, Version};
use futures_util::FutureExt as _;
use std::{any::Any, panic::AssertUnwindSafe, pin::pin, time::Duration};
use tokio::time::{Instant, sleep_until, timeout};

/// A run that ends sooner never says `running`: its end says enough, and 10 000 no-ops are half the messages.
pub(crate) const FIRST_WORD: Duration = Duration::from_millis(100);
/// How often `running` is repeated (protocol section 2).
const HEARTBEAT: Duration = Duration::from_secs(10);
/// Progress is told at most this often (protocol section 2).
const PROGRESS: Duration = Duration::from_secs(1);
/// How long a cancelled task may take to leave in order before it is dropped.
const LEAVE: Duration = Duration::from_secs(5);
/// An import that is not done by then has met an SDB in trouble; a good one takes a few milliseconds.
const AT_ONCE: Duration = Duration::from_secs(1);
/// The deadline of a run that came without one: nothing stays at work for ever.
const NO_DEADLINE: Duration = Duration::from_hours(24);

/// Makes the job's product, or says why not.
pub(crate) async fn execute(station: &Station, job: &Job) -> Ending {
    let until = deadline(station, job);
    let task = Task::new(
        station.provider.clone(),
        job.order.clone(),
        job.live.clone(),
        job.cancel.clone(),
        station.tools.archive.traced(job.order.trace.as_deref()),
        until,
    );
    let mut work = Box::pin(AssertUnwindSafe(work(station, &task, job)).catch_unwind());
    let mut next_word = Instant::now() + FIRST_WORD;
    let mut last_word = None;
    let mut leave_by = None;
    loop {
        tokio::select! {
            biased;
            done = &mut work => return ending(job, done),
            () = job.cancel.cancelled(), if leave_by.is_none() => leave_by = Some(Instant::now() + LEAVE),
            () = sleep_until(leave_by.unwrap_or(until)) => {
                return if job.cancel.is_cancelled() { given_up(job) } else { too_late() };
            }
            () = sleep_until(next_word) => {
                station.say_running(job);
                last_word = Some(Instant::now());
                next_word = Instant::now() + HEARTBEAT;
            }
            () = job.live.changed.notified() => {
                if let Some(last_word) = last_word {
                    next_word = next_word.min(last_word + PROGRESS);
                }
            }
        }
    }
}

async fn work(station: &Station, task: &Task, job: &Job) -> Result<Option<Version>, Failure> {
    if job.may_be_stored
        && let Some(version) = stored_before(station, task, job).await?
    {
        task.log(format!(
            "an earlier attempt has stored it as version {version}; nothing is made twice"
        ));
        return Ok(Some(version));
    }
    if let Some(shelf) = &station.shelf
        && let Some(parcel) = shelf.find(&job.order).await
    {
        task.log("an earlier attempt has made it and could not import it; it is not made again");
        return deliver(station, task, job, &parcel).await;
    }
    // What a pipeline was put to do, for whoever compares it with what the conductor asked for.
    tracing::debug!(run.id = %job.order.run_id, attempt = job.order.attempt.0, "the pipeline is put to work");
    match station.maker.make(task.clone()).await? {
        Outcome::Product(_) if job.cancel.is_cancelled() => {
            Err(Failure::retriable("cancelled", "before its import"))
        }
        Outcome::Product(product) => {
            let parcel = task.pack(task.product(), product);
            deliver(station, task, job, &parcel).await
        }
        Outcome::Done => Ok(task.imported()),
    }
}

/// The version that the run has stored, if any.
async fn stored_before(station: &Station, task: &Task, job: &Job) -> Result<Option<Version>, Failure> {
    let (order, until) = (&job.order, Instant::now() + task.time_left());
    let archive = &station.tools.archive;
    let stored = archive.stored_by(&order.obs_id, &order.product, &order.run_id, false, until);
    Ok(stored.await?.map(|record| record.version))
}

/// Imports what the run has made. Where that does not work at once the product is kept for the next attempt,
/// while this one goes on trying: it may meet its deadline, a stop or a kill.
async fn deliver(
    station: &Station,
    task: &Task,
    job: &Job,
    parcel: &Parcel,
) -> Result<Option<Version>, Failure> {
    let Some(shelf) = &station.shelf else {
        return task.send(parcel).await.map(|record| Some(record.version));
    };
    let mut sending = pin!(task.send(parcel));
    let soon = AT_ONCE.min(task.time_left() / 2);
    let sent = match timeout(soon, &mut sending).await {
        Ok(Err(failure)) if failure.error().class == ErrorClass::Retriable => {
            keep(station, shelf, job, parcel).await;
            Err(failure)
        }
        Ok(sent) => sent,
        Err(_) => tokio::join!(sending, keep(station, shelf, job, parcel)).0,
    };
    sent.map(|record| Some(record.version))
}

/// A product that cannot be kept is made again: no reason to fail.
async fn keep(station: &Station, shelf: &Shelf, job: &Job, parcel: &Parcel) {
    let run_id = &job.order.run_id;
    match shelf.keep(station.tools.clock.now(), &job.order, parcel).await {
        Ok(()) => {
            tracing::info!(run.id = %run_id, "the SDB does not take the product; it is kept for the next attempt");
            service_kit::crash::point("brick-after-keep");
        }
        Err(error) => tracing::warn!(%error, run.id = %run_id, "the product cannot be kept"),
    }
}

fn deadline(station: &Station, job: &Job) -> Instant {
    let left = job.order.deadline.map_or(NO_DEADLINE, |deadline| {
        let left = deadline.duration_since(station.tools.clock.now());
        Duration::try_from(left).unwrap_or_default().min(NO_DEADLINE)
    });
    Instant::now() + left
}

type Done = Result<Result<Option<Version>, Failure>, Box<dyn Any + Send>>;

fn ending(job: &Job, done: Done) -> Ending {
    match done {
        Ok(Ok(version)) => Ending::Succeeded(version),
        Ok(Err(_)) if job.cancel.is_cancelled() => given_up(job),
        Ok(Err(failure)) => Ending::Failed(failure.into_error()),
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().map(ToString::to_string);
            let text = text
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_default();
            Ending::Failed(Failure::retriable("panic", format!("the pipeline panicked: {text}")).into_error())
        }
    }
}

/// A cancelled run has ended as somebody wished; one that a stop interrupted may be tried again.
pub(crate) fn given_up(job: &Job) -> Ending {
    if job.live.is_unwanted() {
        return Ending::Cancelled;
    }
    Ending::Failed(
        Failure::retriable("stopped", "the pipeline was stopped while the run was active").into_error(),
    )
}

fn too_late() -> Ending {
    Ending::Failed(Failure::retriable("deadline", "the run was not done at its deadline").into_error())
}
