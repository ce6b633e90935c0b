//! What will happen to an attempt: a hash, so it is the same each time and after a restart.

use domain::{Attempt, ObsId, ProductName, RunId};
use pipeline_bricks::Failure;
use sha2::{Digest as _, Sha256};
use std::time::Duration;

/// How attempts fare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fate {
    /// Another seed, another fate.
    pub seed: u64,
    /// Which part of the attempts fails, 0 to 1.
    pub failure_rate: f64,
    /// The shortest attempt.
    pub shortest: Duration,
    /// The longest attempt.
    pub longest: Duration,
}

/// Ways to fail that a real pipeline has, with a sentence for each.
const FAILURES: [(&str, &str); 5] = [
    (
        "calibration-unavailable",
        "the calibration database did not answer",
    ),
    ("fit-not-converged", "the fit did not converge within 500 steps"),
    ("worker-lost", "the worker process ended with signal 9"),
    ("scratch-full", "no space left in the scratch directory"),
    (
        "packets-incomplete",
        "a packet of the sequence was not readable yet",
    ),
];

/// An attempt, as far as its fate depends on it.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'a> {
    /// The observation.
    pub obs_id: &'a ObsId,
    /// The product that is to be made.
    pub product: &'a ProductName,
    /// The run, if the pipeline is told: a retry by an operator is another run, and may fare better.
    pub run_id: Option<&'a RunId>,
    /// Which attempt of it.
    pub attempt: Attempt,
}

impl Fate {
    /// How long the attempt takes.
    pub fn delay(&self, trial: Trial<'_>) -> Duration {
        let part = fraction(self.hash("delay", trial));
        self.shortest + self.longest.saturating_sub(self.shortest).mul_f64(part)
    }

    /// Why the attempt fails, if it does.
    pub fn failure(&self, trial: Trial<'_>) -> Option<Failure> {
        let hash = self.hash("failure", trial);
        if fraction(hash) >= self.failure_rate {
            return None;
        }
        let way = usize::from(hash.to_le_bytes()[0]) % FAILURES.len();
        let (code, message) = FAILURES[way];
        Some(Failure::retriable(code, message))
    }

    fn hash(&self, what: &str, trial: Trial<'_>) -> u64 {
        let Trial {
            obs_id,
            product,
            run_id,
            attempt,
        } = trial;
        let run_id = run_id.map_or("", RunId::as_str);
        hash(&format!(
            "{}/{what}/{obs_id}/{product}/{run_id}/{attempt}",
            self.seed
        ))
    }
}

/// The first 64 bits of the text's SHA-256.
pub(crate) fn hash(text: &str) -> u64 {
    let digest = Sha256::digest(text.as_bytes());
    digest
        .iter()
        .take(8)
        .fold(0, |bits, byte| (bits << 8) | u64::from(*byte))
}

/// A hash as a number in 0..1, by its upper 32 bits.
pub(crate) fn fraction(hash: u64) -> f64 {
    let upper = u32::try_from(hash >> 32).unwrap_or(u32::MAX);
    f64::from(upper) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fate(seed: u64, failure_rate: f64) -> Fate {
        Fate {
            seed,
            failure_rate,
            shortest: Duration::from_secs(1),
            longest: Duration::from_secs(5),
        }
    }

    /// What the fate says of an attempt of `QPO_ECL`.
    fn told<T>(obs_id: u64, run_id: &str, attempt: u32, ask: impl FnOnce(Trial<'_>) -> T) -> T {
        ask(Trial {
            obs_id: &obs_id.try_into().unwrap(),
            product: &"QPO_ECL".parse().unwrap(),
            run_id: Some(&run_id.parse().unwrap()),
            attempt: Attempt(attempt),
        })
    }

    fn fails(fate: Fate, obs_id: u64, run_id: &str, attempt: u32) -> bool {
        told(obs_id, run_id, attempt, |trial| fate.failure(trial).is_some())
    }

    fn failures(fate: Fate) -> Vec<bool> {
        (0..10_000).map(|obs_id| fails(fate, obs_id, "run", 1)).collect()
    }

    #[test]
    fn a_fifth_of_the_attempts_fails_and_always_the_same_ones() {
        let first = failures(fate(1, 0.2));
        let count = first.iter().filter(|failed| **failed).count();
        assert!((1800..2200).contains(&count), "{count} of 10 000");
        assert_eq!(first, failures(fate(1, 0.2)));
        assert_ne!(first, failures(fate(2, 0.2)));
    }

    #[test]
    fn a_rate_of_nothing_and_of_all_are_exact() {
        assert!(failures(fate(1, 0.0)).iter().all(|failed| !failed));
        assert!(failures(fate(1, 1.0)).iter().all(|failed| *failed));
    }

    #[test]
    fn another_attempt_and_another_run_meet_another_fate() {
        let fate = fate(1, 0.5);
        let attempts: Vec<_> = (1..20).map(|attempt| fails(fate, 7, "run", attempt)).collect();
        let runs: Vec<_> = (1..20)
            .map(|run| fails(fate, 7, &format!("run-{run}"), 1))
            .collect();
        for outcomes in [attempts, runs] {
            assert!(outcomes.contains(&true) && outcomes.contains(&false));
        }
    }

    #[test]
    fn delays_fill_the_range() {
        let fate = fate(1, 0.0);
        let delays: Vec<_> = (0..1000)
            .map(|obs_id| told(obs_id, "run", 1, |trial| fate.delay(trial)))
            .collect();
        let (least, most) = (delays.iter().min().unwrap(), delays.iter().max().unwrap());
        assert!(*least >= fate.shortest && least.as_secs_f64() < 1.1, "{least:?}");
        assert!(*most <= fate.longest && most.as_secs_f64() > 4.9, "{most:?}");
    }
}
