//! Which conditions the cells make stand: failures by cause, overdue products, pending approvals.
//!
//! Pure. It holds what failed, awaits approval or may become overdue, and nothing of all the others: what it
//! costs grows with trouble, not with the archive.

use super::Fingerprint;
use super::condition::{Condition, MAX_TARGETS, Target};
use super::sight::{Failure, Sight};
use domain::{CellState, ProductName, Severity};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// An approval that nobody gave for so long is overdue: whoever was called has not come.
pub const APPROVAL_PATIENCE: SignedDuration = SignedDuration::from_mins(15);

/// Characters of what a pipeline said that stand in a title.
const MAX_SAID: usize = 160;

/// The cells that call for a human, or will.
#[derive(Debug, Clone, Default)]
pub struct Cells {
    /// Cells that failed, or are tried again since and not made yet, with the cause.
    failed: BTreeMap<Target, Fingerprint>,
    causes: BTreeMap<Fingerprint, Cause>,
    /// Cells that await approval, with when that is overdue.
    approvals: BTreeMap<ProductName, BTreeMap<Target, Timestamp>>,
    /// Cells whose products are to come until a time.
    due: BTreeMap<Target, Timestamp>,
    /// Those for which it has come.
    overdue: BTreeMap<ProductName, BTreeSet<Target>>,
    /// What the time will change.
    clock: BTreeSet<(Timestamp, Ring)>,
    /// What may stand otherwise than when it was asked last.
    stirred: BTreeSet<Fingerprint>,
}

/// Cells that failed for the same cause.
#[derive(Debug, Clone)]
struct Cause {
    title: String,
    targets: BTreeSet<Target>,
}

/// What is to be looked at when its time has come.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Ring {
    Due(Target),
    Approval(Target),
}

/// What became of a fingerprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It stands.
    Stands(Condition),
    /// It does not.
    Over(Fingerprint),
}

/// A cell that begins, or ceases, to stand under the cause of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureChange {
    /// The cell.
    pub target: Target,
    /// Its cause; none if it failed no more.
    pub cause: Option<Fingerprint>,
}

impl Cells {
    /// Takes in how a cell is; says if it fails for another cause than before.
    pub fn see(&mut self, sight: Sight) -> Option<FailureChange> {
        self.see_approval(&sight);
        self.see_due(&sight);
        match (sight.failure, sight.state) {
            (Some(failure), CellState::Failed) => self.fail(sight.target, &failure),
            (_, state) if is_settled(state) => self.mend(&sight.target),
            // What is tried again has failed until it is made.
            (_, _) => None,
        }
    }

    /// A cell that had failed when the process ended, and was tried again.
    pub fn recall(&mut self, target: Target, cause: Fingerprint, title: String) {
        let targets = &mut self.cause(&cause, || title).targets;
        targets.insert(target.clone());
        self.failed.insert(target, cause);
    }

    /// Asks for a fingerprint the next time, whatever has become of it.
    pub fn stir(&mut self, fingerprint: Fingerprint) {
        self.stirred.insert(fingerprint);
    }

    /// When the time alone changes what stands.
    pub fn next(&self) -> Option<Timestamp> {
        self.clock.first().map(|(at, _)| *at)
    }

    /// What the time has changed; says if there was something.
    pub fn wake(&mut self, now: Timestamp) -> bool {
        let later = self.clock.iter().find(|(at, _)| *at > now).cloned();
        let later = later.map_or_else(BTreeSet::new, |first| self.clock.split_off(&first));
        let due = std::mem::replace(&mut self.clock, later);
        let changed = !due.is_empty();
        for (_, ring) in due {
            match ring {
                Ring::Approval(target) => {
                    self.stirred.insert(Fingerprint::of_approval(&target.product));
                }
                Ring::Due(target) => {
                    self.stirred.insert(Fingerprint::of_overdue(&target.product));
                    let overdue = self.overdue.entry(target.product.clone()).or_default();
                    overdue.insert(target);
                }
            }
        }
        changed
    }

    /// Whether something may stand otherwise than when it was asked last.
    pub fn is_stirred(&self) -> bool {
        !self.stirred.is_empty()
    }

    /// What may stand otherwise than when this was asked last, as it is now.
    pub fn stirred(&mut self, now: Timestamp) -> Vec<Standing> {
        let stirred = std::mem::take(&mut self.stirred);
        let standing = self.standing(now);
        let is_stirred = |standing: &Standing| stirred.contains(standing.fingerprint());
        let mut found: Vec<Standing> = standing.into_iter().filter(is_stirred).collect();
        let over: Vec<Fingerprint> = stirred
            .into_iter()
            .filter(|fingerprint| !found.iter().any(|found| found.fingerprint() == fingerprint))
            .collect();
        found.extend(over.into_iter().map(Standing::Over));
        found
    }

    /// All that stands.
    fn standing(&self, now: Timestamp) -> Vec<Standing> {
        let failures = self.causes.iter().map(|(fingerprint, cause)| Condition {
            fingerprint: fingerprint.clone(),
            severity: Severity::Warning,
            title: cause.title.clone(),
            count: cause.targets.len() as u64,
            targets: first(cause.targets.iter()),
        });
        let overdue = self.overdue.iter().map(|(product, targets)| Condition {
            fingerprint: Fingerprint::of_overdue(product),
            severity: Severity::Critical,
            title: format!("{product} is overdue"),
            count: targets.len() as u64,
            targets: first(targets.iter()),
        });
        let approvals = self.approvals.iter().map(|(product, targets)| {
            let (severity, title) = if targets.values().any(|until| *until <= now) {
                let minutes = APPROVAL_PATIENCE.as_mins();
                let title = format!("{product} awaits approval for more than {minutes} min");
                (Severity::Critical, title)
            } else {
                (Severity::Warning, format!("{product} awaits approval"))
            };
            Condition {
                fingerprint: Fingerprint::of_approval(product),
                severity,
                title,
                count: targets.len() as u64,
                targets: first(targets.keys()),
            }
        });
        failures
            .chain(overdue)
            .chain(approvals)
            .map(Standing::Stands)
            .collect()
    }

    fn fail(&mut self, target: Target, failure: &Failure) -> Option<FailureChange> {
        let fingerprint = failure.fingerprint();
        if self.failed.get(&target) == Some(&fingerprint) {
            return None;
        }
        self.mend(&target);
        let targets = &mut self.cause(&fingerprint, || title(failure)).targets;
        targets.insert(target.clone());
        self.stirred.insert(fingerprint.clone());
        self.failed.insert(target.clone(), fingerprint.clone());
        Some(FailureChange {
            target,
            cause: Some(fingerprint),
        })
    }

    fn mend(&mut self, target: &Target) -> Option<FailureChange> {
        let fingerprint = self.failed.remove(target)?;
        if let Some(cause) = self.causes.get_mut(&fingerprint) {
            cause.targets.remove(target);
            if cause.targets.is_empty() {
                self.causes.remove(&fingerprint);
            }
        }
        self.stirred.insert(fingerprint);
        Some(FailureChange {
            target: target.clone(),
            cause: None,
        })
    }

    fn cause(&mut self, fingerprint: &Fingerprint, title: impl FnOnce() -> String) -> &mut Cause {
        self.causes.entry(fingerprint.clone()).or_insert_with(|| Cause {
            title: title(),
            targets: BTreeSet::new(),
        })
    }

    fn see_approval(&mut self, sight: &Sight) {
        let target = &sight.target;
        let until = sight.since.checked_add(APPROVAL_PATIENCE).ok();
        let until = until.filter(|_| sight.approval);
        let known = self.approvals.get(&target.product);
        if known.and_then(|known| known.get(target)).copied() == until {
            return;
        }
        let targets = self.approvals.entry(target.product.clone()).or_default();
        if let Some(before) = targets.remove(target) {
            self.clock.remove(&(before, Ring::Approval(target.clone())));
        }
        if let Some(until) = until {
            targets.insert(target.clone(), until);
            self.clock.insert((until, Ring::Approval(target.clone())));
        } else if targets.is_empty() {
            self.approvals.remove(&target.product);
        }
        self.stirred.insert(Fingerprint::of_approval(&target.product));
    }

    fn see_due(&mut self, sight: &Sight) {
        let target = &sight.target;
        let due_at = sight.due_at.filter(|_| !is_settled(sight.state));
        if self.due.get(target).copied() == due_at {
            return;
        }
        if let Some(before) = self.due.remove(target) {
            self.clock.remove(&(before, Ring::Due(target.clone())));
            if let Some(overdue) = self.overdue.get_mut(&target.product) {
                overdue.remove(target);
                if overdue.is_empty() {
                    self.overdue.remove(&target.product);
                }
                self.stirred.insert(Fingerprint::of_overdue(&target.product));
            }
        }
        if let Some(due_at) = due_at {
            self.due.insert(target.clone(), due_at);
            self.clock.insert((due_at, Ring::Due(target.clone())));
        }
    }
}

impl Standing {
    /// Of what.
    pub fn fingerprint(&self) -> &Fingerprint {
        match self {
            Self::Stands(condition) => &condition.fingerprint,
            Self::Over(fingerprint) => fingerprint,
        }
    }
}

/// Whether nobody waits for the product: it is made, or nobody wants it.
pub(super) fn is_settled(state: CellState) -> bool {
    match state {
        CellState::Done
        | CellState::Received
        | CellState::Stale
        | CellState::NotExpected
        | CellState::Cancelled
        | CellState::Retracted => true,
        CellState::Waiting
        | CellState::Grace
        | CellState::Held
        | CellState::Queued
        | CellState::Requested
        | CellState::Running
        | CellState::Retrying
        | CellState::Failed
        | CellState::Quarantined => false,
    }
}

fn title(Failure { provider, error }: &Failure) -> String {
    let said: String = error.message.chars().take(MAX_SAID).collect();
    format!("{provider} failed: {}: {said}", error.code)
}

fn first<'a>(targets: impl Iterator<Item = &'a Target>) -> Vec<String> {
    targets.take(MAX_TARGETS).map(ToString::to_string).collect()
}
