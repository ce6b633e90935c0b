//! The runs of one provider: which are known, which wait, which are at work. Pure: no clock, no IO.

use crate::{live::Live, order::Order};
use api::pipeline::{ProcessingReply, ProcessingRequest, ProcessingRun};
use domain::{Attempt, ProcessingError, ProcessingState, RunId, Version};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};
use tokio_util::sync::CancellationToken;

/// How long a run that has ended is remembered (protocol section 3.1).
pub(crate) const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// How many runs of a provider that have ended are remembered at most; at about 1 KiB each, 10 MiB.
pub(crate) const MAX_REMEMBERED: usize = 10_000;

/// How much a provider does at once, and how much may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Runs at work at once, at least 1.
    pub workers: usize,
    /// Runs that wait for a worker; one more is answered 429 `busy`.
    pub queue: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            workers: 4,
            queue: 64,
        }
    }
}

/// All runs of a provider that are known.
#[derive(Debug)]
pub(crate) struct Runs {
    limits: Limits,
    by_id: HashMap<RunId, Run>,
    /// In the order of their last acceptance, for lists.
    by_number: BTreeMap<u64, RunId>,
    /// Those of them that have ended: the first are the first to be forgotten.
    ended: BTreeMap<u64, RunId>,
    /// The first number of which [`Runs::long_waiting`] has not judged whether it waits long.
    unjudged: u64,
    next_number: u64,
    queue: VecDeque<RunId>,
    at_work: usize,
    pub(crate) draining: bool,
}

/// One run, in its latest attempt.
#[derive(Debug)]
struct Run {
    number: u64,
    /// As it is told to others, but for what `live` says.
    told: ProcessingRun,
    /// While it is active.
    active: Option<Job>,
}

/// What a worker needs.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) order: Arc<Order>,
    pub(crate) live: Arc<Live>,
    pub(crate) cancel: CancellationToken,
    /// An earlier attempt may have imported the product: ask the SDB before making it.
    pub(crate) may_be_stored: bool,
}

/// What became of a request.
#[derive(Debug)]
pub(crate) enum Admission {
    /// The run and attempt were known, or an earlier attempt is still active: nothing starts.
    Known(ProcessingReply),
    /// It starts at once.
    Starts(Job),
    /// It waits for a worker.
    Waits(Job),
}

/// Why a request was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The queue is full.
    Busy { queued: usize },
    /// The provider is stopping.
    Draining,
    /// A higher attempt is known.
    Stale { known: Attempt },
    /// The run was asked for with another product or observation.
    OtherCell,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ending {
    Succeeded(Option<Version>),
    Failed(ProcessingError),
    Cancelled,
}

impl Runs {
    pub(crate) fn new(limits: Limits) -> Self {
        let limits = Limits {
            workers: limits.workers.max(1),
            ..limits
        };
        Self {
            limits,
            by_id: HashMap::new(),
            by_number: BTreeMap::new(),
            ended: BTreeMap::new(),
            unjudged: 0,
            next_number: 1,
            queue: VecDeque::new(),
            at_work: 0,
            draining: false,
        }
    }

    /// Remembers a run from before a restart.
    pub(crate) fn remember(&mut self, told: ProcessingRun) {
        self.put(told, None);
    }

    /// Takes a request, or says why not; `mint` gives the id of a run that comes without one.
    pub(crate) fn admit(
        &mut self,
        now: Timestamp,
        request: ProcessingRequest,
        mint: impl FnOnce() -> RunId,
        complete: impl FnOnce(&mut Order),
    ) -> Result<Admission, Refusal> {
        let known = request.run_id.as_ref().and_then(|run_id| self.by_id.get(run_id));
        let mut attempt = request.attempt.unwrap_or(Attempt::FIRST);
        if let Some(run) = known {
            let told = &run.told;
            let same_cell = told.product.as_ref() == Some(&request.product)
                && told.obs_id.as_ref() == Some(&request.obs_id);
            if !same_cell {
                return Err(Refusal::OtherCell);
            }
            attempt = request.attempt.unwrap_or(told.attempt);
            if attempt < told.attempt {
                return Err(Refusal::Stale { known: told.attempt });
            }
            if attempt == told.attempt || run.active.is_some() {
                return Ok(Admission::Known(reply(told, &request)));
            }
        }
        let may_be_stored = known.is_some() || attempt > Attempt::FIRST;
        if self.draining {
            return Err(Refusal::Draining);
        }
        let free = self.at_work < self.limits.workers && self.queue.is_empty();
        if !free && self.queue.len() >= self.limits.queue {
            return Err(Refusal::Busy {
                queued: self.queue.len(),
            });
        }
        let run_id = request.run_id.clone().unwrap_or_else(mint);
        let mut order = Order::new(request, now, run_id.clone(), attempt);
        complete(&mut order);
        let mut told = order.accepted(now);
        let job = Job {
            order: Arc::new(order),
            live: Arc::default(),
            cancel: CancellationToken::new(),
            may_be_stored,
        };
        if free {
            self.at_work += 1;
            begin(&mut told, now);
        } else {
            self.queue.push_back(run_id);
        }
        self.put(told, Some(job.clone()));
        Ok(if free {
            Admission::Starts(job)
        } else {
            Admission::Waits(job)
        })
    }

    /// Ends an active run; `None` if it is none.
    pub(crate) fn end(&mut self, now: Timestamp, run_id: &RunId, ending: Ending) -> Option<&ProcessingRun> {
        self.forget(now);
        let run = self.by_id.get_mut(run_id)?;
        let job = run.active.take()?;
        if run.told.state == ProcessingState::Accepted {
            self.queue.retain(|waiting| waiting != run_id);
        } else {
            self.at_work -= 1;
        }
        let said = job.live.said();
        let told = &mut run.told;
        told.progress = said.progress;
        told.message = said.message;
        told.log = said.log.into();
        told.ended_at = Some(now);
        match ending {
            Ending::Succeeded(version) => {
                told.state = ProcessingState::Succeeded;
                told.progress = Some(1.0);
                told.product_version = version;
            }
            Ending::Failed(error) => {
                told.state = ProcessingState::Failed;
                told.error = Some(error);
            }
            Ending::Cancelled => told.state = ProcessingState::Cancelled,
        }
        self.ended.insert(run.number, run_id.clone());
        Some(told)
    }

    /// The next run that waits, now at work, if a worker is free.
    pub(crate) fn next(&mut self, now: Timestamp) -> Option<Job> {
        if self.at_work >= self.limits.workers {
            return None;
        }
        let run_id = self.queue.pop_front()?;
        let run = self.by_id.get_mut(&run_id)?;
        let job = run.active.clone()?;
        begin(&mut run.told, now);
        self.at_work += 1;
        Some(job)
    }

    /// The run as it is now.
    pub(crate) fn get(&self, run_id: &RunId) -> Option<ProcessingRun> {
        self.by_id.get(run_id).map(Run::told_now)
    }

    /// The run as it was last noted, without what it says while it is at work.
    pub(crate) fn noted(&self, run_id: &RunId) -> Option<&ProcessingRun> {
        self.by_id.get(run_id).map(|run| &run.told)
    }

    /// The jobs that have waited for a worker since `before` or longer; each is given once.
    pub(crate) fn long_waiting(&mut self, before: Timestamp) -> Vec<Job> {
        let mut jobs = Vec::new();
        for (number, run_id) in self.by_number.range(self.unjudged..) {
            let Some(run) = self.by_id.get(run_id) else {
                continue;
            };
            if run.told.accepted_at.is_some_and(|at| at > before) {
                break;
            }
            self.unjudged = number + 1;
            if run.told.state == ProcessingState::Accepted {
                jobs.extend(run.active.clone());
            }
        }
        jobs
    }

    /// What a worker was given for an active run.
    pub(crate) fn job(&self, run_id: &RunId) -> Option<&Job> {
        self.by_id.get(run_id)?.active.as_ref()
    }

    /// Corrects what is told of a run that has ended: its product was found in the SDB after a restart.
    pub(crate) fn found_stored(
        &mut self,
        run_id: &RunId,
        attempt: Attempt,
        version: Version,
    ) -> Option<&ProcessingRun> {
        let run = self
            .by_id
            .get_mut(run_id)
            .filter(|run| run.active.is_none() && run.told.attempt == attempt)?;
        run.told.state = ProcessingState::Succeeded;
        run.told.error = None;
        run.told.product_version = Some(version);
        Some(&run.told)
    }

    /// Runs accepted before `cursor`, latest first, and the cursor of the rest; all, or only those that have not ended.
    pub(crate) fn page(
        &self,
        only_open: bool,
        cursor: Option<u64>,
        limit: usize,
    ) -> (Vec<ProcessingRun>, Option<u64>) {
        let mut older = self
            .by_number
            .range(..cursor.unwrap_or(u64::MAX))
            .rev()
            .filter(|(number, _)| !only_open || !self.ended.contains_key(number));
        let mut items = Vec::new();
        let mut last = None;
        for (number, run_id) in older.by_ref().take(limit) {
            items.extend(self.get(run_id));
            last = Some(*number);
        }
        let next = if older.next().is_some() { last } else { None };
        (items, next)
    }

    /// All runs as they are, oldest first: what a journal must hold.
    pub(crate) fn all(&self) -> impl Iterator<Item = ProcessingRun> {
        self.by_number.values().filter_map(|run_id| self.get(run_id))
    }

    /// How many are known.
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// The active runs, those that wait included.
    pub(crate) fn active(&self) -> Vec<RunId> {
        let active = self.by_id.iter().filter(|(_, run)| run.active.is_some());
        active.map(|(run_id, _)| run_id.clone()).collect()
    }

    /// Whether the run waits for a worker.
    pub(crate) fn is_waiting(&self, run_id: &RunId) -> bool {
        self.by_id
            .get(run_id)
            .is_some_and(|run| run.told.state == ProcessingState::Accepted)
    }

    pub(crate) fn waiting(&self) -> Vec<RunId> {
        self.queue.iter().cloned().collect()
    }

    /// How many are at work, and how many wait.
    pub(crate) fn load(&self) -> (usize, usize) {
        (self.at_work, self.queue.len())
    }

    fn put(&mut self, told: ProcessingRun, active: Option<Job>) {
        let number = self.next_number;
        self.next_number += 1;
        let run_id = told.run_id.clone();
        if active.is_none() {
            self.ended.insert(number, run_id.clone());
        }
        if let Some(before) = self.by_id.insert(run_id.clone(), Run { number, told, active }) {
            self.by_number.remove(&before.number);
            self.ended.remove(&before.number);
        }
        self.by_number.insert(number, run_id);
    }

    /// Forgets the oldest that have ended, by age and by number.
    pub(crate) fn forget(&mut self, now: Timestamp) {
        while let Some((number, run_id)) = self.ended.first_key_value() {
            let ended_at = self.by_id.get(run_id).and_then(|run| run.told.ended_at);
            let old = ended_at.is_none_or(|ended_at| now.duration_since(ended_at) > REMEMBERED);
            if !old && self.ended.len() <= MAX_REMEMBERED {
                return;
            }
            self.by_number.remove(number);
            self.by_id.remove(run_id);
            self.ended.pop_first();
        }
    }
}

impl Run {
    fn told_now(&self) -> ProcessingRun {
        let mut told = self.told.clone();
        if let Some(job) = &self.active {
            let said = job.live.said();
            told.progress = said.progress;
            told.message = said.message;
            told.log = said.log.into();
        }
        told
    }
}

fn begin(told: &mut ProcessingRun, now: Timestamp) {
    told.state = ProcessingState::Running;
    told.started_at = Some(now);
}

fn reply(told: &ProcessingRun, request: &ProcessingRequest) -> ProcessingReply {
    ProcessingReply {
        run_id: told.run_id.clone(),
        product: request.product.clone(),
        obs_id: request.obs_id.clone(),
        state: told.state,
        attempt: told.attempt,
    }
}

#[cfg(test)]
#[path = "runs_tests.rs"]
mod tests;
