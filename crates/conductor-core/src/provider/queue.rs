//! The runs that wait for a provider, in the order in which they are admitted.
//!
//! Higher priority first. Among equals the observations take turns, each with its oldest runs: the forty cells of
//! one burst do not stand in front of the one cell of another. How many runs a turn is, its share, is the
//! provider's to say: where many are sent at once, those of one observation go together, for what is made of them
//! together then waits for one moment, not for as many as it has inputs.

use crate::Want;
use domain::{ObsId, ProductName, RunId};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A queue.
#[derive(Debug, Clone, Default)]
pub(super) struct Queue {
    lines: BTreeMap<Reverse<i32>, Line>,
    places: BTreeMap<RunId, Place>,
}

/// Where a run stands.
#[derive(Debug, Clone)]
struct Place {
    priority: Reverse<i32>,
    obs_id: ObsId,
    within: Within,
}

/// The order within an observation: who waits longer, then names, so that it is the same on every machine.
type Within = (Timestamp, ProductName);

/// The observations that have runs of one priority.
#[derive(Debug, Clone, Default)]
struct Line {
    turns: BTreeSet<Turn>,
    waiting: BTreeMap<ObsId, Waiting>,
    /// The round of the last turn that was taken.
    round: u64,
}

/// Whose turn it is: each observation has one in each round, and who comes new has its first in the next round,
/// behind those that wait longer. So between two turns of one, each other has two at most.
type Turn = (u64, Timestamp, ObsId);

#[derive(Debug, Clone)]
struct Waiting {
    turn: Turn,
    /// How many runs of this turn are taken.
    taken: usize,
    wants: BTreeMap<Within, Want>,
}

impl Queue {
    /// Puts a run in; one that stands here already keeps its place, unless its priority is another one.
    pub(super) fn push(&mut self, want: Want) {
        let priority = Reverse(want.priority);
        if let Some(place) = self.places.get(&want.run_id) {
            if place.priority == priority {
                return;
            }
            self.remove(&want.run_id.clone());
        }
        let place = Place {
            priority,
            obs_id: want.obs_id.clone(),
            within: (want.since, want.product.clone()),
        };
        self.places.insert(want.run_id.clone(), place.clone());
        let line = self.lines.entry(priority).or_default();
        if let Some(replaced) = line.push(place.within, want) {
            self.places.remove(&replaced.run_id);
        }
    }

    /// Takes a run out; says whether it stood here.
    pub(super) fn remove(&mut self, run_id: &RunId) -> bool {
        let Some(place) = self.places.remove(run_id) else {
            return false;
        };
        if let Some(line) = self.lines.get_mut(&place.priority) {
            line.remove(&place);
            if line.waiting.is_empty() {
                self.lines.remove(&place.priority);
            }
        }
        true
    }

    /// Takes out the run whose turn it is; `share` runs are a turn.
    pub(super) fn pop(&mut self, share: usize) -> Option<Want> {
        let mut first = self.lines.first_entry()?;
        let want = first.get_mut().pop(share);
        if first.get().waiting.is_empty() {
            first.remove();
        }
        self.places.remove(&want.as_ref()?.run_id);
        want
    }

    /// All that wait: by priority, then by observation, each with its oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Want> {
        let waiting = self.lines.values().flat_map(|line| line.waiting.values());
        waiting.flat_map(|waiting| waiting.wants.values())
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }
}

impl Line {
    fn push(&mut self, within: Within, want: Want) -> Option<Want> {
        let (turns, round) = (&mut self.turns, self.round);
        let waiting = self.waiting.entry(want.obs_id.clone()).or_insert_with(|| {
            let turn = (round + 1, want.since, want.obs_id.clone());
            turns.insert(turn.clone());
            Waiting {
                turn,
                taken: 0,
                wants: BTreeMap::new(),
            }
        });
        waiting.wants.insert(within, want)
    }

    fn remove(&mut self, place: &Place) {
        if let Some(waiting) = self.waiting.get_mut(&place.obs_id) {
            waiting.wants.remove(&place.within);
            if waiting.wants.is_empty() {
                self.turns.remove(&waiting.turn);
                self.waiting.remove(&place.obs_id);
            }
        }
    }

    fn pop(&mut self, share: usize) -> Option<Want> {
        let (round, _, obs_id) = self.turns.first()?;
        self.round = *round;
        let waiting = self.waiting.get_mut(obs_id)?;
        let (_, want) = waiting.wants.pop_first()?;
        waiting.taken += 1;
        let next = waiting.wants.first_key_value();
        let next = next.map(|((since, _), _)| (self.round + 1, *since, want.obs_id.clone()));
        if next.is_some() && waiting.taken < share {
            return Some(want);
        }
        self.turns.pop_first();
        match next {
            Some(next) => {
                waiting.taken = 0;
                waiting.turn = next.clone();
                self.turns.insert(next);
            }
            None => {
                self.waiting.remove(&want.obs_id);
            }
        }
        Some(want)
    }
}
