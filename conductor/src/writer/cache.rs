//! The observations in memory: all in which something is under way, and the last ones that were.

use conductor_core::Observation;
use domain::ObsId;
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};

/// How many observations stay in memory although nothing is under way in them. Those of the last hours: the
/// next packet of a burst, or an operator's look, then needs no query. About 30 KiB each.
const IDLE_OBSERVATIONS: usize = 1_000;

/// The observations in memory.
#[derive(Debug, Default)]
pub(super) struct Cache {
    held: HashMap<ObsId, Held>,
    deadlines: BTreeSet<(Timestamp, ObsId)>,
    /// Rises with each use, to tell the older ones.
    uses: u64,
    /// How many there were when they were tidied last.
    tidied: usize,
}

#[derive(Debug)]
struct Held {
    observation: Observation,
    deadline: Option<Timestamp>,
    used: u64,
}

impl Cache {
    /// Whether an observation is here.
    pub(super) fn holds(&self, obs_id: &ObsId) -> bool {
        self.held.contains_key(obs_id)
    }

    /// Takes in an observation as it was stored.
    pub(super) fn insert(&mut self, observation: Observation) {
        let obs_id = observation.obs_id().clone();
        self.uses += 1;
        let held = Held {
            observation,
            deadline: None,
            used: self.uses,
        };
        self.held.insert(obs_id.clone(), held);
        self.reschedule(&obs_id);
    }

    /// An observation.
    pub(super) fn get(&self, obs_id: &ObsId) -> Option<&Observation> {
        self.held.get(obs_id).map(|held| &held.observation)
    }

    /// An observation, to be changed; [`Cache::reschedule`] follows.
    pub(super) fn get_mut(&mut self, obs_id: &ObsId) -> Option<&mut Observation> {
        self.uses += 1;
        let held = self.held.get_mut(obs_id)?;
        held.used = self.uses;
        Some(&mut held.observation)
    }

    /// Forgets an observation whose state in memory cannot be trusted; the ledger has the last good one.
    pub(super) fn forget(&mut self, obs_id: &ObsId) {
        if let Some(Held {
            deadline: Some(deadline),
            ..
        }) = self.held.remove(obs_id)
        {
            self.deadlines.remove(&(deadline, obs_id.clone()));
        }
    }

    /// Notes an observation's next deadline after it changed.
    pub(super) fn reschedule(&mut self, obs_id: &ObsId) {
        let Some(held) = self.held.get_mut(obs_id) else {
            return;
        };
        let next = held.observation.next_deadline();
        if next == held.deadline {
            return;
        }
        if let Some(before) = std::mem::replace(&mut held.deadline, next) {
            self.deadlines.remove(&(before, obs_id.clone()));
        }
        if let Some(next) = next {
            self.deadlines.insert((next, obs_id.clone()));
        }
    }

    /// What pipelines said may have been missed: all that they have is asked about soon.
    pub(super) fn ask_soon(&mut self, now: Timestamp) {
        for held in self.held.values_mut() {
            held.observation.ask_soon(now);
        }
        let all: Vec<ObsId> = self.held.keys().cloned().collect();
        for obs_id in all {
            self.reschedule(&obs_id);
        }
    }

    /// The first deadline of all.
    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// The observations whose deadline has come, the first so many.
    pub(super) fn due(&self, now: Timestamp, most: usize) -> Vec<ObsId> {
        self.deadlines
            .iter()
            .take_while(|(at, _)| *at <= now)
            .take(most)
            .map(|(_, obs_id)| obs_id.clone())
            .collect()
    }

    /// All observations in memory.
    pub(super) fn all(&self) -> impl Iterator<Item = &Observation> {
        self.held.values().map(|held| &held.observation)
    }

    /// Forgets the idle observations that were not used for longest, when there are many.
    pub(super) fn tidy(&mut self) {
        // Each look at all of them is paid for by as many new ones, also where nearly all are under way.
        if self.held.len() < self.tidied + IDLE_OBSERVATIONS {
            return;
        }
        let mut idle: Vec<(u64, ObsId)> = self
            .held
            .iter()
            .filter(|(_, held)| held.deadline.is_none() && !is_open(&held.observation))
            .map(|(obs_id, held)| (held.used, obs_id.clone()))
            .collect();
        idle.sort_unstable_by_key(|(used, _)| std::cmp::Reverse(*used));
        for (_, obs_id) in idle.into_iter().skip(IDLE_OBSERVATIONS) {
            self.held.remove(&obs_id);
        }
        self.tidied = self.held.len().max(IDLE_OBSERVATIONS);
    }
}

/// Whether a run of the observation waits or is under way.
fn is_open(observation: &Observation) -> bool {
    observation.cells().any(|cell| {
        observation
            .run(&cell.product)
            .is_some_and(|run| !run.state.is_ended())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn idle(at: u64) -> Observation {
        Observation::new(ObsId::try_from(at).unwrap())
    }

    #[test]
    fn however_many_come_in_a_turn_the_idle_ones_that_were_used_last_stay() {
        for per_turn in [1, 63, 64, 100, 256] {
            let mut cache = Cache::default();
            for turn in 0..10_000 / per_turn {
                for at in 0..per_turn {
                    cache.insert(idle(turn * per_turn + at));
                }
                cache.tidy();
                let most = 2 * IDLE_OBSERVATIONS + usize::try_from(per_turn).unwrap();
                assert!(cache.held.len() < most, "{per_turn} a turn: {}", cache.held.len());
                let last = ObsId::try_from((turn + 1) * per_turn - 1).unwrap();
                assert!(cache.holds(&last));
            }
        }
    }
}
