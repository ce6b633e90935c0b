//! Who was heard of on `activity.*`, and when.

use domain::{ProviderState, ServiceName, ServiceState, StatusActivity};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Silence after which a service that speaks every 5 s is late (`docs/protocol.md` section 2).
const LATE: SignedDuration = SignedDuration::from_secs(15);

/// Silence after which it is lost.
const LOST: SignedDuration = SignedDuration::from_secs(30);

/// Services that are remembered: a subject is anybody's to speak on, and names are many.
const MAX_SERVICES: usize = 1_000;

/// The last word of each service; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Presence(Arc<Mutex<BTreeMap<ServiceName, Seen>>>);

/// The last word of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// When it was heard.
    pub at: Timestamp,
    /// How the service says that it is.
    pub state: ServiceState,
    /// What it says about itself.
    pub detail: String,
    /// When its process started, of several the one that did last.
    pub started_at: Option<Timestamp>,
}

impl Presence {
    /// A service said how it is. Says whether a process of it started since it was heard before: one that was
    /// killed may have left words unsaid.
    pub fn heard(&self, from: ServiceName, said: StatusActivity, now: Timestamp) -> bool {
        self.with(|services| {
            let known = services.get(&from).map(|seen| seen.started_at);
            if known.is_none() && services.len() >= MAX_SERVICES {
                return false;
            }
            let before = known.flatten();
            let seen = Seen {
                at: now,
                state: said.state,
                detail: said.detail,
                started_at: said.started_at.max(before),
            };
            let is_new = before.is_some() && seen.started_at > before;
            services.insert(from, seen);
            is_new
        })
    }

    /// The last word of a service, if it ever spoke.
    pub fn seen(&self, service: &ServiceName) -> Option<Seen> {
        self.with(|services| services.get(service).cloned())
    }

    /// How a provider is: one that never spoke is judged by its answers alone.
    pub fn state(&self, service: &ServiceName, now: Timestamp) -> ProviderState {
        let Some(seen) = self.seen(service) else {
            return ProviderState::Up;
        };
        match now.duration_since(seen.at) {
            silence if silence >= LOST => ProviderState::Lost,
            silence if silence >= LATE => ProviderState::Late,
            _ if seen.state == ServiceState::Stopped => ProviderState::Lost,
            _ => ProviderState::Up,
        }
    }

    /// Since when a service is lost; none if it is not, or never spoke.
    pub fn lost_since(&self, service: &ServiceName, now: Timestamp) -> Option<Timestamp> {
        let seen = self.seen(service)?;
        let since = if seen.state == ServiceState::Stopped {
            seen.at
        } else {
            seen.at + LOST
        };
        (since <= now).then_some(since)
    }

    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<ServiceName, Seen>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_of_one_who_spoke_is_noticed() {
        let presence = Presence::default();
        let (name, quiet): (ServiceName, ServiceName) = ("p".parse().unwrap(), "q".parse().unwrap());
        let said = serde_json::from_str(r#"{"service":"p","state":"ready"}"#).unwrap();
        let now: Timestamp = "2026-11-24T08:00:00Z".parse().unwrap();
        assert!(!presence.heard(name.clone(), said, now));
        let after = |seconds| presence.state(&name, now + SignedDuration::from_secs(seconds));
        assert_eq!(
            [after(14), after(15), after(30)],
            [ProviderState::Up, ProviderState::Late, ProviderState::Lost]
        );
        assert_eq!(presence.state(&quiet, now), ProviderState::Up);
    }
    #[test]
    fn who_starts_again_is_noticed_once() {
        let presence = Presence::default();
        let heard = |started_at: &str| {
            let json =
                format!(r#"{{"service":"p","state":"ready","started_at":"2026-11-24T{started_at}Z"}}"#);
            let now = "2026-11-24T09:00:00Z".parse().unwrap();
            presence.heard("p".parse().unwrap(), serde_json::from_str(&json).unwrap(), now)
        };
        // The third is another process of the same provider, which speaks by turns with the second.
        let starts = [
            "08:00:00", "08:00:00", "08:10:00", "08:00:00", "08:10:00", "08:20:00",
        ];
        assert_eq!(starts.map(heard), [false, false, true, false, false, true]);
    }
}
