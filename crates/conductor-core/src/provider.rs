//! How much one pipeline may be given at a time.

use crate::Want;
use domain::{ObsId, ProductName, ProviderName, RunId};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// One provider's queue and slots. A slot is the run itself: taken by [`Provider::admit`], freed by
/// [`Provider::release`].
#[derive(Debug, Clone)]
pub struct Provider {
    name: ProviderName,
    limit: Option<u32>,
    in_flight: BTreeSet<RunId>,
    queue: BTreeMap<Place, Want>,
    places: BTreeMap<RunId, Place>,
    busy_until: Option<Timestamp>,
}

/// How a provider is at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderView {
    /// Until when it asked not to be sent anything.
    pub busy_until: Option<Timestamp>,
    /// Whether it has as many runs as it may.
    pub full: bool,
    /// How many runs it has.
    pub in_flight: usize,
    /// How many runs wait for it.
    pub queued: usize,
}

/// Where a want stands: higher priority first, then who waits longer, then names, so that the order is the
/// same on every machine.
type Place = (Reverse<i32>, Timestamp, ObsId, ProductName);

impl Provider {
    /// A provider that may have `limit` runs at a time; without one, its own 429 is the limit.
    pub fn new(name: ProviderName, limit: Option<u32>) -> Self {
        Self {
            name,
            limit,
            in_flight: BTreeSet::new(),
            queue: BTreeMap::new(),
            places: BTreeMap::new(),
            busy_until: None,
        }
    }

    /// Puts a run into the queue; one that stands there already keeps its place, unless its priority is
    /// another one.
    pub fn enqueue(&mut self, want: Want) {
        if let Some((priority, ..)) = self.places.get(&want.run_id) {
            if *priority == Reverse(want.priority) {
                return;
            }
            self.withdraw(&want.run_id);
        }
        let place = (
            Reverse(want.priority),
            want.since,
            want.obs_id.clone(),
            want.product.clone(),
        );
        self.places.insert(want.run_id.clone(), place.clone());
        if let Some(replaced) = self.queue.insert(place, want) {
            self.places.remove(&replaced.run_id);
        }
    }

    /// Takes a run out of the queue, if it stands there.
    pub fn withdraw(&mut self, run_id: &RunId) {
        if let Some(place) = self.places.remove(run_id) {
            self.queue.remove(&place);
        }
    }

    /// Puts back a run that holds a slot since before a restart.
    pub fn resume(&mut self, run_id: RunId) {
        self.in_flight.insert(run_id);
    }

    /// Frees the slot of a run. A slot that comes free also ends a wait that the provider asked for: it has
    /// room again.
    pub fn release(&mut self, run_id: &RunId) {
        if self.in_flight.remove(run_id) {
            self.busy_until = None;
        }
    }

    /// The provider refused a run for now: its slot is free, and nothing is sent before `until`.
    pub fn busy(&mut self, run_id: &RunId, until: Timestamp) {
        self.in_flight.remove(run_id);
        self.busy_until = self.busy_until.max(Some(until));
    }

    /// Takes from the queue what may be sent now, in order, each with a slot: at most `room` wants, however
    /// high the limit is. The shell bounds the POSTs that it has open; what it could not send at once stays
    /// queued, where a more urgent run still passes it and a newer input still replaces it, instead of
    /// waiting in the shell as `requested` while its deadline runs. With room again, call it again.
    #[must_use = "an admitted run holds a slot and must be POSTed"]
    pub fn admit(&mut self, now: Timestamp, room: usize) -> Vec<Want> {
        if self.busy_at(now).is_some() {
            return Vec::new();
        }
        self.busy_until = None;
        let count = self.free().min(room);
        let mut admitted = Vec::with_capacity(count.min(self.queue.len()));
        while admitted.len() < count {
            let Some((_, want)) = self.queue.pop_first() else {
                break;
            };
            self.places.remove(&want.run_id);
            self.in_flight.insert(want.run_id.clone());
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

    /// When [`Provider::admit`] is worth another call, if neither a slot nor room comes free before.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.busy_until.filter(|_| !self.queue.is_empty())
    }

    /// What stands between its queue and its POSTs, for [`crate::Observation::explain`].
    pub fn view(&self, now: Timestamp) -> ProviderView {
        ProviderView {
            busy_until: self.busy_at(now),
            full: self.free() == 0,
            in_flight: self.in_flight.len(),
            queued: self.queue.len(),
        }
    }

    /// Its name.
    pub fn name(&self) -> &ProviderName {
        &self.name
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
