//! What was played is not played again for whoever looks at the same a moment later.

use api::conductor::Eta;
use domain::{ObsId, ProductName};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// When each product of one observation will be there.
pub type OfOne = BTreeMap<ProductName, Eta>;

/// The etas of the observations that somebody looked at in this second; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Kept(Arc<Mutex<Second>>);

#[derive(Debug, Default)]
struct Second {
    number: i64,
    /// With the `rev` at which each was looked at.
    etas: BTreeMap<ObsId, (u64, OfOne)>,
}

impl Kept {
    /// What was said of an observation in this second, unless it has changed since.
    pub fn get(&self, now: Timestamp, obs_id: &ObsId, rev: u64) -> Option<OfOne> {
        let (of, etas) = self.second(now, |second| second.etas.get(obs_id).cloned())?;
        (of == rev).then_some(etas)
    }

    /// Keeps what is said of an observation until the second is over.
    pub fn keep(&self, now: Timestamp, obs_id: ObsId, rev: u64, etas: OfOne) {
        self.second(now, |second| second.etas.insert(obs_id, (rev, etas)));
    }

    fn second<T>(&self, now: Timestamp, act: impl FnOnce(&mut Second) -> T) -> T {
        let mut second = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if second.number != now.as_second() {
            *second = Second {
                number: now.as_second(),
                etas: BTreeMap::new(),
            };
        }
        act(&mut second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_for_this_second_and_this_state_of_the_observation() {
        let at = |text: &str| -> Timestamp { format!("2026-11-24T08:00:{text}Z").parse().unwrap() };
        let [ours, other]: [ObsId; 2] = ["42", "43"].map(|obs_id| obs_id.parse().unwrap());
        let eta = Eta {
            p50: at("10"),
            p95: at("20"),
        };
        let etas = OfOne::from([("X".parse().unwrap(), eta)]);
        let kept = Kept::default();
        kept.keep(at("01.1"), ours.clone(), 7, etas.clone());
        assert_eq!(kept.get(at("01.9"), &ours, 7), Some(etas));
        assert_eq!(kept.get(at("01.9"), &ours, 8), None, "it has changed");
        assert_eq!(kept.get(at("01.9"), &other, 7), None);
        assert_eq!(kept.get(at("02"), &ours, 7), None, "time has gone on");
        assert_eq!(kept.get(at("01.9"), &ours, 7), None, "nothing grows");
    }
}
