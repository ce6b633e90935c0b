//! One provider: its pipeline, its runs, its workers, its journal, its voice.

use crate::{
    archive::Archive,
    execute::{execute, given_up},
    journal::Journal,
    pipeline::Maker,
    runs::{Admission, Ending, Job, Limits, Refusal, Runs},
    settle::settle,
    shelf::Shelf,
    voice::Voice,
};
use api::pipeline::{ProcessingReply, ProcessingRequest, ProcessingRun, ProductOffer};
use domain::{ErrorClass, ProcessingState, ProductName, ProviderName, RunId, ServiceState};
use service_kit::{Check, Clock, Health, Shutdown, TraceParent};
use smol_str::SmolStr;
use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{sync::Notify, time::Instant};

/// What all providers of a process share.
#[derive(Debug)]
pub(crate) struct Tools {
    pub(crate) archive: Archive,
    pub(crate) voice: Voice,
    pub(crate) clock: Clock,
    pub(crate) shutdown: Shutdown,
    /// Which process this is, in its activity.
    pub(crate) instance: SmolStr,
    /// The version of the program.
    pub(crate) version: SmolStr,
    /// What is wrong with the process, as `GET /health/ready` says it.
    pub(crate) health: Health,
    pub(crate) journal_check: Check,
    /// A provider's load or state may have changed.
    pub(crate) changed: Notify,
}

/// One provider.
pub(crate) struct Station {
    pub(crate) provider: ProviderName,
    pub(crate) maker: Box<dyn Maker>,
    pub(crate) tools: Arc<Tools>,
    /// What could not be imported yet, where there is a state directory.
    pub(crate) shelf: Option<Shelf>,
    /// The products that are known beforehand, with the version of their software.
    versions: HashMap<ProductName, Option<SmolStr>>,
    desk: Mutex<Desk>,
}

/// What changes with every request and every end.
pub(crate) struct Desk {
    pub(crate) runs: Runs,
    journal: Option<Journal>,
    /// The state that was last said.
    pub(crate) said: Option<ServiceState>,
}

/// Why a request came to nothing.
#[derive(Debug)]
pub(crate) enum Refused {
    UnknownProduct(ProductName),
    By(Refusal),
}

impl Station {
    /// Opens the provider with what it knew before; its interrupted runs are settled by a task of its own.
    pub(crate) fn open(
        provider: ProviderName,
        maker: Box<dyn Maker>,
        limits: Limits,
        state_dir: Option<&Path>,
        tools: Arc<Tools>,
    ) -> std::io::Result<Arc<Self>> {
        let now = tools.clock.now();
        let mut runs = Runs::new(limits);
        let mut interrupted = Vec::new();
        let (mut journal, mut shelf) = (None, None);
        if let Some(directory) = state_dir {
            let (opened, recovered) = Journal::open(directory, &provider, now)?;
            recovered.runs.into_iter().for_each(|run| runs.remember(run));
            runs.forget(now);
            interrupted = recovered.interrupted;
            journal = Some(opened);
            shelf = Some(Shelf::open(directory, &provider, now)?);
        }
        let versions = maker
            .offers()
            .into_iter()
            .map(|offer| (offer.product, offer.software_version.map(SmolStr::from)))
            .collect();
        let desk = Mutex::new(Desk {
            runs,
            journal,
            said: None,
        });
        let station = Arc::new(Self {
            provider,
            maker,
            tools,
            shelf,
            versions,
            desk,
        });
        if !interrupted.is_empty() {
            let settling = Arc::clone(&station);
            let stop = station.tools.shutdown.token();
            station.tools.shutdown.spawn("settle-interrupted", async move {
                stop.run_until_cancelled(settle(&settling, interrupted)).await;
                Ok(())
            });
        }
        Ok(station)
    }

    /// Takes a request; whether a run starts by it.
    pub(crate) fn submit(
        self: &Arc<Self>,
        request: ProcessingRequest,
        trace: Option<TraceParent>,
    ) -> Result<(ProcessingReply, bool), Refused> {
        let Some(software_version) = self.software_version(&request.product) else {
            return Err(Refused::UnknownProduct(request.product));
        };
        let now = self.tools.clock.now();
        let mint = || RunId::from_uuid(uuid::Uuid::now_v7());
        let mut desk = self.desk();
        let admission = desk.runs.admit(now, request, mint, |order| {
            order.software_version = software_version;
            order.trace = trace.map(|trace| trace.child().to_string());
        });
        let (job, starts) = match admission.map_err(Refused::By)? {
            Admission::Known(reply) => return Ok((reply, false)),
            Admission::Starts(job) => (job, true),
            Admission::Waits(job) => (job, false),
        };
        desk.note(&job.order.run_id, &self.tools.journal_check);
        drop(desk);
        service_kit::crash::point("brick-after-accept");
        // The run's answer is `accepted` even where a worker has it already: that is what a POST promises.
        let reply = job.order.reply(ProcessingState::Accepted);
        if starts {
            self.put_to_work(job);
        }
        self.tools.changed.notify_one();
        Ok((reply, true))
    }

    /// Cancels an active run, and tells how it is; one that has ended stays as it is. `None` if unknown.
    pub(crate) fn cancel(&self, run_id: &RunId) -> Option<ProcessingRun> {
        let mut desk = self.desk();
        if let Some(job) = desk.runs.job(run_id).cloned() {
            job.live.unwant();
            job.cancel.cancel();
            if desk.runs.is_waiting(run_id) {
                self.close(&mut desk, run_id, Ending::Cancelled, None);
                self.tools.changed.notify_one();
            }
        }
        desk.runs.get(run_id)
    }

    pub(crate) fn run(&self, run_id: &RunId) -> Option<ProcessingRun> {
        self.desk().runs.get(run_id)
    }

    pub(crate) fn page(
        &self,
        only_open: bool,
        cursor: Option<u64>,
        limit: usize,
    ) -> (Vec<ProcessingRun>, Option<u64>) {
        self.desk().runs.page(only_open, cursor, limit)
    }

    pub(crate) fn offers(&self) -> Vec<ProductOffer> {
        self.maker.offers()
    }

    /// Takes nothing new; what waits ends as `stopped`, so that it is tried again elsewhere or later.
    pub(crate) fn drain(&self) {
        let mut desk = self.desk();
        desk.runs.draining = true;
        for run_id in desk.runs.waiting() {
            if let Some(job) = desk.runs.job(&run_id).cloned() {
                self.close(&mut desk, &run_id, given_up(&job), None);
            }
        }
    }

    /// Asks what is at work to leave.
    pub(crate) fn interrupt(&self) {
        let desk = self.desk();
        for run_id in desk.runs.active() {
            if let Some(job) = desk.runs.job(&run_id) {
                job.cancel.cancel();
            }
        }
    }

    /// How many runs are at work, and how many wait.
    pub(crate) fn load(&self) -> (usize, usize) {
        self.desk().runs.load()
    }

    /// The worker: takes the job and then whatever waits; there are as many as runs at work.
    fn put_to_work(self: &Arc<Self>, job: Job) {
        let station = Arc::clone(self);
        self.tools.shutdown.spawn("run", async move {
            let mut next = Some(job);
            while let Some(job) = next {
                let started = Instant::now();
                let ending = execute(&station, &job).await;
                next = station.end(&job.order.run_id, ending, Some(started));
            }
            Ok(())
        });
    }

    /// Ends a run that was at work, and gives its worker the next.
    fn end(&self, run_id: &RunId, ending: Ending, started: Option<Instant>) -> Option<Job> {
        let mut desk = self.desk();
        self.close(&mut desk, run_id, ending, started);
        let next = if desk.runs.draining {
            None
        } else {
            desk.runs.next(self.tools.clock.now())
        };
        drop(desk);
        self.tools.changed.notify_one();
        next
    }

    fn close(&self, desk: &mut Desk, run_id: &RunId, ending: Ending, started: Option<Instant>) {
        let is_final = match &ending {
            Ending::Succeeded(_) | Ending::Cancelled => true,
            Ending::Failed(error) => error.class == ErrorClass::Permanent,
        };
        let Some(told) = desk.runs.end(self.tools.clock.now(), run_id, ending) else {
            return;
        };
        self.count(told, started);
        self.say_ended(told);
        desk.note(run_id, &self.tools.journal_check);
        if is_final {
            self.discard_kept(run_id);
        }
    }

    /// Forgets a product that waits for the next attempt: there will be none.
    pub(crate) fn discard_kept(&self, run_id: &RunId) {
        if let Some(shelf) = &self.shelf {
            shelf.discard(run_id);
        }
    }

    /// Forgets what is too old, runs and what they kept.
    pub(crate) fn forget(&self) {
        let now = self.tools.clock.now();
        self.desk().runs.forget(now);
        if let Some(shelf) = &self.shelf {
            shelf.sweep(now);
        }
    }

    fn count(&self, told: &ProcessingRun, started: Option<Instant>) {
        let outcome = match told.state {
            ProcessingState::Succeeded => "succeeded",
            ProcessingState::Failed => "failed",
            ProcessingState::Cancelled => "cancelled",
            ProcessingState::Accepted | ProcessingState::Running => "active",
        };
        let provider = self.provider.to_string();
        if let Some(started) = started {
            metrics::histogram!("pipeline_run_duration_seconds", "provider" => provider, "outcome" => outcome)
                .record(started.elapsed().as_secs_f64());
        }
        if let Some(error) = &told.error {
            tracing::info!(
                run.id = %told.run_id, attempt = told.attempt.0, provider = %self.provider, code = %error.code,
                "run failed: {}", error.message
            );
        }
    }

    /// The version of the software that makes a product; the outer `None` if it is not made here.
    #[expect(
        clippy::option_option,
        reason = "made here by unversioned software is not the same as not made here"
    )]
    fn software_version(&self, product: &ProductName) -> Option<Option<SmolStr>> {
        if let Some(version) = self.versions.get(product) {
            return Some(version.clone());
        }
        self.maker
            .offer(product)
            .map(|offer| offer.software_version.map(SmolStr::from))
    }

    pub(crate) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// Notes a run in the journal. A journal that cannot be written makes the service not ready, but nobody's
    /// work stops for it: the SDB still keeps products from being made twice.
    pub(crate) fn note(&mut self, run_id: &RunId, check: &Check) {
        let Self { runs, journal, .. } = self;
        let (Some(journal), Some(told)) = (journal, runs.noted(run_id)) else {
            return;
        };
        let mut written = journal.write(told);
        if written.is_ok() && journal.has_grown(runs.len()) {
            written = journal.compact(runs.all());
        }
        match written {
            Ok(()) => check.ok(),
            Err(error) => {
                tracing::warn!(%error, run.id = %run_id, "the journal cannot be written");
                check.failing(format!("the journal cannot be written: {error}"));
            }
        }
    }
}

impl std::fmt::Debug for Station {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Station")
            .field("provider", &self.provider)
            .finish_non_exhaustive()
    }
}
