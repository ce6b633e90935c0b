//! The book of alerts: what stands, what of it was said, and who has seen it.
//!
//! Pure. A condition calls once when it begins to stand, again only if it worsens, and once when it is over.
//! An alert that somebody has acknowledged is silent until it is worse than it was then; one that nobody was
//! ever called for is over in silence, too.

use super::condition::{Condition, Level};
use super::{Acknowledgement, Fingerprint};
use api::conductor::Notice;
use domain::{AlertState, Severity};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A condition that stands, or stood, with what became of it. Stored as a row of its own.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Alert {
    /// What makes it the same as one before.
    pub fingerprint: Fingerprint,
    /// How bad it is.
    pub severity: Severity,
    /// A sentence for a person.
    pub title: String,
    /// How many targets it has.
    pub count: u64,
    /// The first of them.
    pub targets: Vec<String>,
    /// Since when it stands.
    pub since: Timestamp,
    /// When it was over.
    pub cleared_at: Option<Timestamp>,
    /// The most that was shown of it.
    pub shown: Level,
    /// The most that a human was called for.
    pub called: Option<Level>,
}

/// What is to be done about an alert that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// As it is now.
    pub alert: Alert,
    /// What is to be shown.
    pub show: Option<AlertState>,
    /// What a human is to be called for.
    pub call: Option<AlertState>,
}

/// The alerts that stand, and the acknowledgements that hold.
#[derive(Debug, Clone, Default)]
pub struct Book {
    open: BTreeMap<Fingerprint, Alert>,
    seen: BTreeMap<Fingerprint, Seen>,
}

#[derive(Debug, Clone)]
struct Seen {
    until: Timestamp,
    /// How much it was then; none if it did not stand.
    level: Option<Level>,
}

impl Book {
    /// The book as it was stored.
    pub fn restore(open: Vec<Alert>, acknowledgements: &[Acknowledgement]) -> Self {
        let of_alert = |alert: Alert| (alert.fingerprint.clone(), alert);
        let mut book = Self {
            open: open.into_iter().map(of_alert).collect(),
            seen: BTreeMap::new(),
        };
        for acknowledgement in acknowledgements {
            book.acknowledge(acknowledgement);
        }
        book
    }

    /// A condition stands; none if there is nothing new about it.
    pub fn stands(&mut self, now: Timestamp, condition: Condition) -> Option<Entry> {
        let level = condition.level();
        let is_new = !self.open.contains_key(&condition.fingerprint);
        let alert = self
            .open
            .entry(condition.fingerprint.clone())
            .or_insert_with(|| Alert {
                fingerprint: condition.fingerprint.clone(),
                severity: condition.severity,
                title: condition.title.clone(),
                count: condition.count,
                targets: condition.targets.clone(),
                since: now,
                cleared_at: None,
                shown: level,
                called: None,
            });
        let before = alert.clone();
        alert.severity = condition.severity;
        alert.title = condition.title;
        alert.count = condition.count;
        alert.targets = condition.targets;
        let show = if is_new {
            Some(AlertState::Raised)
        } else {
            level.is_worse_than(alert.shown).then_some(AlertState::Worse)
        };
        alert.shown = alert.shown.or(level);
        let call = call(alert, level, self.seen.get_mut(&condition.fingerprint), now);
        let changed = is_new || *alert != before;
        changed.then(|| Entry {
            alert: alert.clone(),
            show,
            call,
        })
    }

    /// A condition is over; none if it did not stand.
    pub fn over(&mut self, now: Timestamp, fingerprint: &Fingerprint) -> Option<Entry> {
        let mut alert = self.open.remove(fingerprint)?;
        alert.cleared_at = Some(now);
        Some(Entry {
            show: Some(AlertState::Cleared),
            call: alert.called.map(|_| AlertState::Cleared),
            alert,
        })
    }

    /// Somebody has seen it.
    pub fn acknowledge(&mut self, acknowledgement: &Acknowledgement) {
        let fingerprint = &acknowledgement.fingerprint;
        let seen = Seen {
            until: acknowledgement.until,
            level: self.open.get(fingerprint).map(|alert| alert.shown),
        };
        self.seen.insert(fingerprint.clone(), seen);
    }

    /// Acknowledgements end by themselves. What stands and nobody was ever called for calls now.
    pub fn expire(&mut self, now: Timestamp) -> Vec<Entry> {
        let ended: Vec<Fingerprint> = self
            .seen
            .iter()
            .filter(|(_, seen)| seen.until <= now)
            .map(|(fingerprint, _)| fingerprint.clone())
            .collect();
        let mut entries = Vec::new();
        for fingerprint in ended {
            self.seen.remove(&fingerprint);
            let Some(alert) = self.open.get_mut(&fingerprint) else {
                continue;
            };
            if let Some(call) = call(alert, alert.shown, None, now) {
                entries.push(Entry {
                    alert: alert.clone(),
                    show: None,
                    call: Some(call),
                });
            }
        }
        entries
    }

    /// When an acknowledgement ends.
    pub fn next(&self) -> Option<Timestamp> {
        self.seen.values().map(|seen| seen.until).min()
    }

    /// Whether it stands.
    pub fn stands_now(&self, fingerprint: &Fingerprint) -> bool {
        self.open.contains_key(fingerprint)
    }

    /// How many stand.
    pub fn open(&self) -> usize {
        self.open.len()
    }
}

impl Alert {
    /// What is told of it.
    pub fn notice(&self, state: AlertState, now: Timestamp) -> Notice {
        Notice {
            id: format!("{}@{now}", self.fingerprint),
            state,
            fingerprint: self.fingerprint.to_string(),
            severity: self.severity,
            title: self.title.clone(),
            count: self.count,
            targets: self.targets.clone(),
            since: self.since,
            at: now,
        }
    }
}

/// What a human is called for, which is noted.
fn call(alert: &mut Alert, level: Level, seen: Option<&mut Seen>, now: Timestamp) -> Option<AlertState> {
    if let Some(seen) = seen.filter(|seen| seen.until > now) {
        let known = *seen.level.get_or_insert(level);
        if !level.is_worse_than(known) {
            return None;
        }
    }
    let state = match alert.called {
        None => AlertState::Raised,
        Some(called) if level.is_worse_than(called) => AlertState::Worse,
        Some(_) => return None,
    };
    alert.called = Some(alert.called.map_or(level, |called| called.or(level)));
    Some(state)
}
