//! One attempt, from its start to its end: the work, its heartbeat, its deadline, its cancellation.

use crate::{Failure, Outcome, runs::Ending, runs::Job, station::Station, task::Task};
use domain::Version;
use futures_util::FutureExt as _;
use std::{any::Any, panic::AssertUnwindSafe, time::Duration};
use tokio::time::{Instant, sleep_until};

/// A run that ends sooner never says `running`: its end says enough, and 10 000 no-ops are half the messages.
const FIRST_WORD: Duration = Duration::from_millis(100);
/// How often `running` is repeated (protocol section 2).
const HEARTBEAT: Duration = Duration::from_secs(10);
/// Progress is told at most this often (protocol section 2).
const PROGRESS: Duration = Duration::from_secs(1);
/// How long a cancelled task may take to leave in order before it is dropped.
const LEAVE: Duration = Duration::from_secs(5);
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
    if job.may_be_stored {
        let order = &job.order;
        let until = Instant::now() + task.time_left();
        let archive = &station.tools.archive;
        if let Some(record) = archive
            .stored_by(&order.obs_id, &order.product, &order.run_id, false, until)
            .await?
        {
            task.log(format!(
                "an earlier attempt has stored it as version {}; nothing is made twice",
                record.version
            ));
            return Ok(Some(record.version));
        }
    }
    match station.maker.make(task.clone()).await? {
        Outcome::Product(_) if job.cancel.is_cancelled() => {
            Err(Failure::retriable("cancelled", "before its import"))
        }
        Outcome::Product(product) => task.import(product).await.map(|record| Some(record.version)),
        Outcome::Done => Ok(task.imported()),
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
