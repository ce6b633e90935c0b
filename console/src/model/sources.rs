//! Where data come from, and when something came last.

use super::{Services, services::Liveness};
use domain::{Announcement, ObsId, ProductName, ServiceName};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// More sources than any orchestra has.
const MAX_SOURCES: usize = 1000;

/// One source: what it announced last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name, the second token of `data.<source>`.
    pub source: ServiceName,
    /// How many announcements were heard.
    pub count: u64,
    /// When the last one was.
    pub heard_at: Timestamp,
    /// What it was of.
    pub product: Option<ProductName>,
    /// Of which observation.
    pub obs_id: ObsId,
}

/// All sources that were heard of, by name.
#[derive(Debug, Clone, Default)]
pub struct Sources(BTreeMap<ServiceName, Source>);

impl Source {
    /// How long ago it announced something.
    pub fn age(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.heard_at).max(SignedDuration::ZERO)
    }

    /// Whether its silence is one to look at. No data may be no news; only if its own status is missing too,
    /// nobody knows.
    pub fn is_alarming(&self, now: Timestamp, services: &Services) -> bool {
        let service = services.get(&self.source);
        service.is_some_and(|service| service.liveness(now) == Liveness::Lost)
    }
}

impl Sources {
    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.0.values()
    }

    /// One of them.
    pub fn get(&self, source: &ServiceName) -> Option<&Source> {
        self.0.get(source)
    }

    pub(super) fn heard(&mut self, now: Timestamp, source: &ServiceName, announcement: &Announcement) {
        if let Some(known) = self.0.get_mut(source) {
            known.count += 1;
            known.heard_at = now;
            known.product.clone_from(&announcement.product);
            known.obs_id = announcement.obs_id.clone();
        } else if self.0.len() < MAX_SOURCES {
            let new = Source {
                source: source.clone(),
                count: 1,
                heard_at: now,
                product: announcement.product.clone(),
                obs_id: announcement.obs_id.clone(),
            };
            self.0.insert(source.clone(), new);
        }
    }
}
