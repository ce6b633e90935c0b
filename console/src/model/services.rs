//! Who is alive: the `status` of each service, and how long it has been silent.

use domain::{ServiceName, ServiceState, StatusActivity};
use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// After so long a silence a service is late: it says how it is every 5 s.
pub const LATE_AFTER: SignedDuration = SignedDuration::from_secs(15);
/// After so long a silence it is lost.
pub const LOST_AFTER: SignedDuration = SignedDuration::from_secs(30);

/// More services than any orchestra has; what is beyond it is somebody's mistake.
const MAX_SERVICES: usize = 1000;

/// Whether a service is heard of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Liveness {
    /// It was heard of in time.
    Alive,
    /// It said that it stops.
    Stopped,
    /// It has been silent for [`LATE_AFTER`].
    Late,
    /// It has been silent for [`LOST_AFTER`].
    Lost,
}

/// One service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub service: ServiceName,
    /// Which process of it spoke last.
    pub instance: SmolStr,
    /// How it is, in its own words.
    pub state: ServiceState,
    /// The version of its software.
    pub version: SmolStr,
    /// When the process started.
    pub started_at: Option<Timestamp>,
    /// Runs or requests at work.
    pub in_flight: u64,
    /// Runs or requests that wait.
    pub queued: u64,
    /// What it says about itself.
    pub detail: String,
    /// When it was heard of last, by the console's clock: services' own may be wrong.
    pub heard_at: Timestamp,
}

/// What a status brings that was not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// That it is still there: an age, which the next second shows.
    None,
    /// How much it does, or that it is there again.
    Work,
    /// Another state, process or word.
    State,
}

/// All services that were ever heard of, by name.
#[derive(Debug, Clone, Default)]
pub struct Services(BTreeMap<ServiceName, Service>);

impl Service {
    /// For how long it has been silent.
    pub fn age(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.heard_at).max(SignedDuration::ZERO)
    }

    /// Whether it is heard of.
    pub fn liveness(&self, now: Timestamp) -> Liveness {
        let age = self.age(now);
        if self.state == ServiceState::Stopped {
            Liveness::Stopped
        } else if age >= LOST_AFTER {
            Liveness::Lost
        } else if age >= LATE_AFTER {
            Liveness::Late
        } else {
            Liveness::Alive
        }
    }
}

impl Services {
    /// One of them.
    pub fn get(&self, service: &ServiceName) -> Option<&Service> {
        self.0.get(service)
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Service> {
        self.0.values()
    }

    /// How many were ever heard of.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none was ever heard of.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many are heard of.
    pub fn alive(&self, now: Timestamp) -> usize {
        self.iter()
            .filter(|service| service.liveness(now) == Liveness::Alive)
            .count()
    }

    /// Takes a status in, and says what is new in it.
    pub(super) fn heard(&mut self, now: Timestamp, status: &StatusActivity) -> News {
        let before = self.0.get(&status.service);
        let is_same = |before: &Service| {
            (&before.instance, before.state, &before.detail)
                == (&status.instance, status.state, &status.detail)
        };
        let does_the_same = |before: &Service| {
            (before.in_flight, before.queued) == (status.in_flight, status.queued)
                && matches!(before.liveness(now), Liveness::Alive | Liveness::Stopped)
        };
        let news = match before {
            Some(before) if is_same(before) && does_the_same(before) => News::None,
            Some(before) if is_same(before) => News::Work,
            Some(_) | None => News::State,
        };
        if before.is_some() || self.0.len() < MAX_SERVICES {
            let service = Service {
                service: status.service.clone(),
                instance: status.instance.clone(),
                state: status.state,
                version: status.version.clone(),
                started_at: status.started_at,
                in_flight: status.in_flight,
                queued: status.queued,
                detail: status.detail.clone(),
                heard_at: now,
            };
            self.0.insert(status.service.clone(), service);
        }
        news
    }
}
