//! Whether anything may be sent: only after everything was read that was there before.
//!
//! After a restart, runs may have ended whose words are still in the stream or in a feed. So the backlog is
//! folded first; then what is left is sent again, once.

use crate::inbox::Origin;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::time::Duration;

/// How long a source may bring nothing before its backlog is no longer waited for: one that is away would
/// hold up all the others.
const PATIENCE: Duration = Duration::from_secs(30);

/// The gate between deciding and sending.
#[derive(Debug)]
pub(super) struct Gate {
    behind: BTreeSet<Origin>,
    open: bool,
    /// When something was read last.
    moved_at: Timestamp,
}

impl Gate {
    /// Closed until these are caught up with.
    pub(super) fn closed(behind: BTreeSet<Origin>, now: Timestamp) -> Self {
        Self {
            behind,
            open: false,
            moved_at: now,
        }
    }

    /// Closed again: something was missed, and is to be had from these.
    pub(super) fn close(&mut self, behind: impl IntoIterator<Item = Origin>, now: Timestamp) {
        self.behind.extend(behind);
        self.open = self.behind.is_empty();
        self.moved_at = now;
    }

    /// Something was read.
    pub(super) fn moved(&mut self, now: Timestamp) {
        self.moved_at = now;
    }

    /// This is caught up with.
    pub(super) fn caught_up(&mut self, origin: &Origin) {
        self.behind.remove(origin);
    }

    /// Opens if nothing is behind, or patience is over. Says whether it opened just now.
    pub(super) fn try_open(&mut self, now: Timestamp) -> bool {
        if self.open {
            return false;
        }
        if !self.behind.is_empty() && now >= self.patience_ends() {
            tracing::warn!(
                behind = self.reason(),
                "work goes on without what could not be read for {PATIENCE:?}"
            );
            self.behind.clear();
        }
        self.open = self.behind.is_empty();
        self.open
    }

    /// Whether anything may be sent.
    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    /// When what is still behind is no longer waited for.
    pub(super) fn patience_ends(&self) -> Timestamp {
        self.moved_at.checked_add(PATIENCE).unwrap_or(Timestamp::MAX)
    }

    /// What is waited for, in words.
    pub(super) fn reason(&self) -> String {
        let behind: Vec<String> = self.behind.iter().map(ToString::to_string).collect();
        format!("reads first what it missed: {}", behind.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate() -> (Gate, Timestamp) {
        let now: Timestamp = "2026-11-24T08:00:00Z".parse().unwrap();
        let sdb = Origin::Feed("sdb".parse().unwrap());
        (Gate::closed(BTreeSet::from([sdb, Origin::Stream]), now), now)
    }

    #[test]
    fn it_opens_once_all_is_read() {
        let (mut gate, now) = gate();
        gate.caught_up(&Origin::Stream);
        assert!(!gate.try_open(now));
        assert_eq!(gate.reason(), "reads first what it missed: the feed of sdb");
        gate.caught_up(&Origin::Feed("sdb".parse().unwrap()));
        assert!(gate.try_open(now) && gate.is_open());
        assert!(!gate.try_open(now), "only once");
    }

    #[test]
    fn who_is_away_is_waited_for_as_long_as_others_move() {
        let (mut gate, now) = gate();
        let later = now + PATIENCE;
        gate.moved(now + PATIENCE / 2);
        assert!(!gate.try_open(later));
        assert!(gate.try_open(later + PATIENCE));
    }
}
