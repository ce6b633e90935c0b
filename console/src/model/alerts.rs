//! What a person should know, until it is over.

use super::{Dirty, Part};
use domain::{AlertActivity, AlertState};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// More alerts than a person reads; what is beyond it is still on the conductor's list.
const MAX_ALERTS: usize = 1000;

/// The open alerts, by fingerprint.
#[derive(Debug, Clone, Default)]
pub struct Alerts(BTreeMap<String, (Timestamp, AlertActivity)>);

impl Alerts {
    /// The open ones, the newest first.
    pub fn newest_first(&self) -> Vec<(Timestamp, &AlertActivity)> {
        let mut alerts: Vec<_> = self.0.values().map(|(at, alert)| (*at, alert)).collect();
        alerts.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        alerts
    }

    /// How many are open.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn hear(&mut self, now: Timestamp, alert: AlertActivity) -> Dirty {
        let mut dirty = Dirty::of(Part::Alerts);
        match alert.state {
            AlertState::Cleared => {
                self.0.remove(&alert.fingerprint);
            }
            AlertState::Raised | AlertState::Worse => {
                let is_known = self
                    .0
                    .get(&alert.fingerprint)
                    .is_some_and(|(_, known)| *known == alert);
                if !is_known {
                    dirty.touch(Part::Bell);
                }
                if self.0.len() < MAX_ALERTS || self.0.contains_key(&alert.fingerprint) {
                    let at = alert.at.unwrap_or(now);
                    self.0.insert(alert.fingerprint.clone(), (at, alert));
                }
            }
        }
        dirty
    }
}
