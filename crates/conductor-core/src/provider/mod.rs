//! How much one pipeline may be given at a time, and whether it is given anything at all.

mod breaker;
mod queue;
mod restraint;

pub use breaker::Open;
pub use restraint::{Restraint, RestraintKind};

use crate::Want;
use breaker::{Breaker, Lets};
use domain::{ProviderName, RunId};
use jiff::Timestamp;
use queue::Queue;
use std::collections::BTreeSet;
use std::time::Duration;

/// The largest share of a provider's slots that one observation's turn takes: an eighth, so that eight observations
/// are served side by side.
const SIDE_BY_SIDE: usize = 8;

/// The most runs in one observation's turn, also at a provider without a limit: as many as most observations have
/// at one provider at one time.
const MOST_AT_A_TURN: usize = 8;

/// One provider's queue and slots. A slot is the run itself: taken by [`Provider::admit`], freed by
/// [`Provider::release`].
#[derive(Debug, Clone)]
pub struct Provider {
    name: ProviderName,
    limit: Option<u32>,
    in_flight: BTreeSet<RunId>,
    queue: Queue,
    busy_until: Option<Timestamp>,
    restraint: Option<Restraint>,
    breaker: Breaker,
}

/// How a provider is at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderView {
    /// Until when it asked not to be sent anything.
    pub busy_until: Option<Timestamp>,
    /// It could not be reached several times, so nothing is sent.
    pub open: Option<Open>,
    /// What an operator wants of it.
    pub restraint: Option<Restraint>,
    /// Whether it has as many runs as it may.
    pub full: bool,
    /// How many runs it has.
    pub in_flight: usize,
    /// How many runs wait for it.
    pub queued: usize,
}

impl Provider {
    /// A provider that may have `limit` runs at a time; without one, its own 429 is the limit.
    pub fn new(name: ProviderName, limit: Option<u32>) -> Self {
        Self {
            name,
            limit,
            in_flight: BTreeSet::new(),
            queue: Queue::default(),
            busy_until: None,
            restraint: None,
            breaker: Breaker::default(),
        }
    }

    /// Puts a run into the queue; one that stands there already keeps its place, unless its priority is
    /// another one.
    pub fn enqueue(&mut self, want: Want) {
        self.queue.push(want);
    }

    /// Takes a run out of the queue, if it stands there.
    pub fn withdraw(&mut self, run_id: &RunId) {
        self.queue.remove(run_id);
    }

    /// Puts back a run that holds a slot since before a restart.
    pub fn occupy(&mut self, run_id: RunId) {
        self.in_flight.insert(run_id);
    }

    /// Frees the slot of a run. A slot that comes free also ends a wait that the provider asked for: it has
    /// room again.
    pub fn release(&mut self, run_id: &RunId) {
        self.breaker.release(run_id);
        if self.in_flight.remove(run_id) {
            self.busy_until = None;
        }
    }

    /// The provider refused a run for now: its slot is free, and nothing is sent before `until`. If it was not
    /// reached at all, the breaker knows better until when.
    pub fn busy(&mut self, run_id: &RunId, until: Timestamp) {
        self.breaker.release(run_id);
        self.in_flight.remove(run_id);
        if self.breaker.is_closed() {
            self.busy_until = self.busy_until.max(Some(until));
        }
    }

    /// Sends nothing new until [`Provider::resume`]; gives back what waits, for those who have to be told.
    pub fn restrain(&mut self, restraint: Restraint) -> Vec<Want> {
        self.restraint = Some(restraint);
        self.queue.iter().cloned().collect()
    }

    /// Ends what [`Provider::restrain`] began; gives back what waits.
    pub fn resume(&mut self) -> Vec<Want> {
        match self.restraint.take() {
            Some(_) => self.queue.iter().cloned().collect(),
            None => Vec::new(),
        }
    }

    /// A call found nobody: the connection was refused, or could not be made. Once the provider is left alone it
    /// says for how long: a run that was POSTed in vain then waits, as with one that is busy, and no attempt is
    /// counted, or an outage would fail whatever it is probed with.
    pub fn unreached(&mut self, now: Timestamp) -> Option<Duration> {
        self.breaker.failed(now);
        let probe_at = self.breaker.next_deadline()?;
        Some(Duration::try_from(probe_at.duration_since(now)).unwrap_or(Duration::ZERO))
    }

    /// A call was answered, whatever the answer.
    pub fn answered(&mut self) {
        self.breaker.answered();
    }

    /// The provider said something by itself: it may be back.
    pub fn spoke(&mut self, now: Timestamp) {
        self.breaker.spoke(now);
    }

    /// Takes from the queue what may be sent now, in order, each with a slot: at most `room` wants, however
    /// high the limit is. The shell bounds the POSTs that it has open; what it could not send at once stays
    /// queued, where a more urgent run still passes it and a newer input still replaces it, instead of
    /// waiting in the shell as `requested` while its deadline runs. With room again, call it again.
    #[must_use = "an admitted run holds a slot and must be POSTed"]
    pub fn admit(&mut self, now: Timestamp, room: usize) -> Vec<Want> {
        if self.busy_at(now).is_some() || self.restraint.is_some() {
            return Vec::new();
        }
        self.busy_until = None;
        let lets = self.breaker.lets(now);
        let count = match lets {
            Lets::All => self.free().min(room),
            Lets::One => self.free().min(room).min(1),
            Lets::None => 0,
        };
        let mut admitted = Vec::with_capacity(count.min(self.queue.len()));
        while admitted.len() < count {
            let Some(want) = self.queue.pop(self.share()) else {
                break;
            };
            self.in_flight.insert(want.run_id.clone());
            if lets == Lets::One {
                self.breaker.probe(&want.run_id);
            }
            admitted.push(want);
        }
        admitted
    }

    /// Until when it asked not to be sent anything, if that is still to come.
    fn busy_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.busy_until.filter(|until| now < *until)
    }

    /// How many runs more it may have by its limit.
    fn free(&self) -> usize {
        match self.limit {
            Some(limit) => (limit as usize).saturating_sub(self.in_flight.len()),
            None => usize::MAX,
        }
    }

    /// How many runs of one observation are admitted in one turn.
    fn share(&self) -> usize {
        let slots = self.limit.map_or(usize::MAX, |limit| limit as usize);
        (slots / SIDE_BY_SIDE).clamp(1, MOST_AT_A_TURN)
    }

    /// When [`Provider::admit`] is worth another call, if neither a slot nor room comes free before.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let waits = self.queue.len() > 0 && self.restraint.is_none();
        self.busy_until
            .max(self.breaker.next_deadline())
            .filter(|_| waits)
    }

    /// What stands between its queue and its POSTs, for [`crate::Observation::explain`].
    pub fn view(&self, now: Timestamp) -> ProviderView {
        ProviderView {
            busy_until: self.busy_at(now),
            open: self.breaker.open(now),
            restraint: self.restraint.clone(),
            full: self.free() == 0,
            in_flight: self.in_flight.len(),
            queued: self.queue.len(),
        }
    }

    /// Its name.
    pub fn name(&self) -> &ProviderName {
        &self.name
    }

    /// What an operator wants of it.
    pub fn restraint(&self) -> Option<&Restraint> {
        self.restraint.as_ref()
    }

    /// How many runs it has.
    pub fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    /// How many runs wait for it.
    pub fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Another limit, from another graph; runs above it keep their slots.
    pub fn set_limit(&mut self, limit: Option<u32>) {
        self.limit = limit;
    }
}
