//! The book: one call when something begins to stand, again only if it worsens, then the all-clear.

use conductor::alerts::{Acknowledgement, Book, Condition, Entry, Fingerprint};
use domain::{AlertState, Severity};
use jiff::Timestamp;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;

type Said = (Option<AlertState>, Option<AlertState>);

const NEW: Said = (Some(AlertState::Raised), Some(AlertState::Raised));
const WORSE: Said = (Some(AlertState::Worse), Some(AlertState::Worse));
const OVER: Said = (Some(AlertState::Cleared), Some(AlertState::Cleared));
const SILENT: Said = (None, None);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn condition(fingerprint: &str, severity: Severity, count: u64) -> Condition {
    Condition {
        fingerprint: Fingerprint::from(fingerprint),
        severity,
        title: "it stands".to_owned(),
        count,
        targets: Vec::new(),
    }
}

fn said(entry: Option<Entry>) -> Said {
    entry.map_or(SILENT, |entry| (entry.show, entry.call))
}

fn stands(book: &mut Book, second: i64, severity: Severity, count: u64) -> Said {
    said(book.stands(at(second), condition("x", severity, count)))
}

fn over(book: &mut Book, second: i64) -> Said {
    said(book.over(at(second), &Fingerprint::from("x")))
}

fn seen(book: &mut Book, until: i64) {
    book.acknowledge(&Acknowledgement {
        fingerprint: Fingerprint::from("x"),
        by: "ada".to_owned(),
        at: at(0),
        until: at(until),
        note: None,
    });
}

#[test]
fn it_calls_once_and_again_only_if_it_worsens_and_then_that_it_is_over() {
    let mut book = Book::default();
    assert_eq!(stands(&mut book, 1, Severity::Warning, 3), NEW);
    assert_eq!(stands(&mut book, 2, Severity::Warning, 3), SILENT);
    assert_eq!(stands(&mut book, 3, Severity::Warning, 9), SILENT);
    assert_eq!(stands(&mut book, 4, Severity::Warning, 10), WORSE);
    assert_eq!(stands(&mut book, 5, Severity::Warning, 99), SILENT);
    // It was as bad before.
    assert_eq!(stands(&mut book, 6, Severity::Warning, 5), SILENT);
    assert_eq!(stands(&mut book, 7, Severity::Warning, 50), SILENT);
    assert_eq!(stands(&mut book, 8, Severity::Critical, 5), WORSE);
    assert_eq!(stands(&mut book, 9, Severity::Critical, 100), WORSE);
    assert_eq!(over(&mut book, 10), OVER);
    assert_eq!(over(&mut book, 11), SILENT);
    assert_eq!(stands(&mut book, 12, Severity::Warning, 1), NEW);
}

#[test]
fn what_changes_in_silence_is_still_an_entry() {
    let mut book = Book::default();
    book.stands(at(1), condition("x", Severity::Warning, 1));
    assert_eq!(book.stands(at(2), condition("x", Severity::Warning, 1)), None);
    let entry = book.stands(at(3), condition("x", Severity::Warning, 2)).unwrap();
    assert_eq!((entry.alert.count, entry.alert.since), (2, at(1)));
}

#[test]
fn what_somebody_has_seen_is_silent_until_it_is_worse_than_it_was_then() {
    let mut book = Book::default();
    stands(&mut book, 1, Severity::Warning, 20);
    seen(&mut book, 100);
    // It is over, and comes back: shown, but nobody is called.
    assert_eq!(over(&mut book, 2), OVER);
    let shown = |state| (Some(state), None);
    assert_eq!(
        stands(&mut book, 3, Severity::Warning, 1),
        shown(AlertState::Raised)
    );
    assert_eq!(
        stands(&mut book, 4, Severity::Warning, 99),
        shown(AlertState::Worse)
    );
    // Nobody was called, so nobody is told that it is over.
    assert_eq!(over(&mut book, 5), shown(AlertState::Cleared));
    stands(&mut book, 6, Severity::Warning, 1);
    let called = (Some(AlertState::Worse), Some(AlertState::Raised));
    assert_eq!(stands(&mut book, 7, Severity::Warning, 100), called);
    assert_eq!(over(&mut book, 8), OVER);
}

#[test]
fn an_acknowledgement_ends_by_itself() {
    let mut book = Book::default();
    seen(&mut book, 100);
    assert_eq!(
        stands(&mut book, 1, Severity::Warning, 1),
        (Some(AlertState::Raised), None)
    );
    assert_eq!(book.next(), Some(at(100)));
    assert_eq!(book.expire(at(99)), []);
    let entries = book.expire(at(100));
    assert_eq!(entries.len(), 1);
    // Nobody was ever called for it: it is shown already, and calls now.
    assert_eq!(said(entries.into_iter().next()), (None, Some(AlertState::Raised)));
    assert_eq!(book.next(), None);
    // Whoever was called needs no second call when it ends.
    seen(&mut book, 200);
    assert_eq!(book.expire(at(200)), []);
}

#[test]
fn a_restart_calls_for_nothing_again() {
    let mut book = Book::default();
    stands(&mut book, 1, Severity::Warning, 20);
    let open = book.stands(at(2), condition("x", Severity::Warning, 30)).unwrap();
    let json = serde_json::to_string(&open.alert).unwrap();
    let mut book = Book::restore(vec![serde_json::from_str(&json).unwrap()], &[]);
    assert_eq!(stands(&mut book, 3, Severity::Warning, 40), SILENT);
    assert_eq!(stands(&mut book, 4, Severity::Warning, 400), WORSE);
    assert_eq!(over(&mut book, 5), OVER);
}

#[derive(Debug, Clone)]
enum Step {
    Stands(usize, Severity, u64),
    Over(usize),
    Seen(usize, i64),
    Expire,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let severity = prop_oneof![Just(Severity::Warning), Just(Severity::Critical)];
    prop_oneof![
        4 => (0..3_usize, severity, 1..2_000_u64).prop_map(|(of, severity, count)| Step::Stands(of, severity, count)),
        2 => (0..3_usize).prop_map(Step::Over),
        1 => (0..3_usize, 1..20_i64).prop_map(|(of, lasting)| Step::Seen(of, lasting)),
        1 => Just(Step::Expire),
        1 => Just(Step::Restart),
    ]
}

/// What was said of one fingerprint.
#[derive(Debug, Default)]
struct Line {
    open: bool,
}

impl Line {
    /// Raised and cleared alternate, and what is worse is so in between.
    fn take(&mut self, state: AlertState) -> Result<(), TestCaseError> {
        match state {
            AlertState::Raised => prop_assert!(!self.open, "raised twice"),
            AlertState::Worse => prop_assert!(self.open, "worse before it was raised"),
            AlertState::Cleared => prop_assert!(self.open, "cleared twice"),
        }
        self.open = state != AlertState::Cleared;
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn per_fingerprint_raised_and_cleared_alternate(steps in proptest::collection::vec(step(), 1..60)) {
        let names = ["a", "b", "c"];
        let mut book = Book::default();
        let mut stored = BTreeMap::new();
        let mut seen: Vec<Acknowledgement> = Vec::new();
        let mut shown: BTreeMap<String, Line> = BTreeMap::new();
        let mut called: BTreeMap<String, Line> = BTreeMap::new();
        let mut standing = [false; 3];
        for (second, step) in steps.into_iter().enumerate() {
            let now = at(i64::try_from(second).unwrap());
            let entries: Vec<Entry> = match step {
                Step::Stands(of, severity, count) => {
                    standing[of] = true;
                    book.stands(now, condition(names[of], severity, count)).into_iter().collect()
                }
                Step::Over(of) => {
                    standing[of] = false;
                    book.over(now, &Fingerprint::from(names[of])).into_iter().collect()
                }
                Step::Seen(of, lasting) => {
                    let acknowledgement = Acknowledgement {
                        fingerprint: Fingerprint::from(names[of]),
                        by: "ada".to_owned(),
                        at: now,
                        until: now + Duration::from_secs(lasting.unsigned_abs()),
                        note: None,
                    };
                    book.acknowledge(&acknowledgement);
                    seen.retain(|seen| seen.fingerprint != acknowledgement.fingerprint);
                    seen.push(acknowledgement);
                    Vec::new()
                }
                Step::Expire => book.expire(now),
                Step::Restart => {
                    seen.retain(|seen| seen.until > now);
                    book = Book::restore(stored.values().cloned().collect(), &seen);
                    Vec::new()
                }
            };
            for entry in entries {
                let name = entry.alert.fingerprint.to_string();
                if let Some(state) = entry.show {
                    shown.entry(name.clone()).or_default().take(state)?;
                }
                if let Some(state) = entry.call {
                    called.entry(name.clone()).or_default().take(state)?;
                }
                if entry.alert.cleared_at.is_some() {
                    stored.remove(&name);
                } else {
                    stored.insert(name, entry.alert);
                }
            }
            // What is shown is what stands, whoever was called for it.
            for (of, name) in names.iter().enumerate() {
                let open = shown.get(*name).is_some_and(|line| line.open);
                prop_assert_eq!(open, standing[of]);
            }
        }
    }
}
