//! How much a provider is given, and in what order.

use conductor_core::{Provider, Restraint, RestraintKind, Signature, Want};
use jiff::{Timestamp, ToSpan as _};
use std::collections::BTreeSet;
use std::time::Duration;

pub(crate) const T0: Timestamp = Timestamp::UNIX_EPOCH;

/// Longer than any pause of the breaker.
pub(crate) const LONG: i64 = 60;

fn want(run: &str, priority: i32) -> Want {
    want_of("42", run, priority, 0)
}

pub(crate) fn want_of(obs_id: &str, run: &str, priority: i32, since: i64) -> Want {
    Want {
        obs_id: obs_id.parse().unwrap(),
        product: run.parse().unwrap(),
        run_id: run.parse().unwrap(),
        provider: "p".parse().unwrap(),
        priority,
        since: after(since),
    }
}

pub(crate) fn after(seconds: i64) -> Timestamp {
    T0 + seconds.seconds()
}

pub(crate) fn provider(limit: Option<u32>, wants: &[(&str, i32)]) -> Provider {
    let mut provider = Provider::new("p".parse().unwrap(), limit);
    for (run, priority) in wants {
        provider.enqueue(want(run, *priority));
    }
    provider
}

fn names(admitted: Vec<Want>) -> Vec<String> {
    admitted.into_iter().map(|want| want.run_id.to_string()).collect()
}

fn admit(provider: &mut Provider, room: usize) -> Vec<String> {
    names(provider.admit(T0, room))
}

pub(crate) fn paused() -> Restraint {
    Restraint {
        kind: RestraintKind::Paused,
        signature: Signature {
            by: "ops".into(),
            note: Some("disk".into()),
            at: T0,
        },
    }
}

#[test]
fn no_more_is_admitted_than_there_is_room_for() {
    let mut provider = provider(None, &[("a", 0), ("b", 0), ("c", 0)]);
    assert_eq!(admit(&mut provider, 2), ["a", "b"]);
    assert_eq!((provider.in_flight(), provider.queued()), (2, 1));
    assert!(admit(&mut provider, 0).is_empty());
    assert_eq!(admit(&mut provider, 2), ["c"]);
}

#[test]
fn no_more_is_admitted_than_the_limit_allows() {
    let mut provider = provider(Some(2), &[("a", 0), ("b", 0), ("c", 0)]);
    assert_eq!(admit(&mut provider, 10), ["a", "b"]);
    provider.set_limit(Some(1));
    assert!(admit(&mut provider, 10).is_empty());
    provider.release(&"a".parse().unwrap());
    provider.release(&"b".parse().unwrap());
    assert_eq!(admit(&mut provider, 10), ["c"]);
}

#[test]
fn an_urgent_run_passes_what_the_shell_had_no_room_for() {
    let mut provider = provider(None, &[("a", 0), ("b", 0)]);
    assert_eq!(admit(&mut provider, 1), ["a"]);
    provider.enqueue(want("urgent", 9));
    assert_eq!(admit(&mut provider, 1), ["urgent"]);
}

#[test]
fn a_run_that_is_raised_moves_and_one_that_is_not_stays() {
    let mut provider = provider(None, &[("a", 0), ("b", 0), ("c", 0)]);
    provider.enqueue(want("a", 0));
    provider.enqueue(want("c", 5));
    assert_eq!(provider.queued(), 3);
    assert_eq!(admit(&mut provider, 10), ["c", "a", "b"]);
}

#[test]
fn nothing_is_admitted_before_a_busy_provider_has_time_again() {
    let mut provider = provider(None, &[("a", 0), ("b", 0)]);
    assert_eq!(admit(&mut provider, 1), ["a"]);
    let until = "1970-01-01T00:00:07Z".parse().unwrap();
    provider.busy(&"a".parse().unwrap(), until);
    provider.enqueue(want("a", 0));
    assert!(admit(&mut provider, 10).is_empty());
    assert_eq!(provider.next_deadline(), Some(until));
    let again = provider.admit(until, 10);
    assert_eq!(again, [want("a", 0), want("b", 0)]);
}

#[test]
fn forty_cells_of_one_burst_do_not_stand_before_the_one_of_another() {
    let mut provider = provider(Some(15), &[]);
    for cell in 0..40 {
        provider.enqueue(want_of("burst", &format!("cell-{cell:02}"), 0, cell));
    }
    assert_eq!(admit(&mut provider, 2), ["cell-00", "cell-01"]);
    provider.enqueue(want_of("other", "other", 0, 60));
    assert_eq!(admit(&mut provider, 3), ["cell-02", "other", "cell-03"]);
}

#[test]
fn a_turn_is_an_eighth_of_the_slots_one_at_least_and_eight_at_most() {
    for (limit, share) in [
        (Some(1), 1),
        (Some(16), 2),
        (Some(64), 8),
        (Some(1_000), 8),
        (None, 8),
    ] {
        let mut provider = provider(limit, &[]);
        for cell in 0..20 {
            provider.enqueue(want_of("burst", &format!("cell-{cell:02}"), 0, cell));
        }
        provider.enqueue(want_of("other", "other", 0, 60));
        let served = std::iter::from_fn(|| {
            let run = admit(&mut provider, 1).pop()?;
            provider.release(&run.parse().unwrap());
            Some(run)
        });
        let before = served.take_while(|run| run != "other").count();
        assert_eq!(before, share, "{limit:?}");
    }
}

#[test]
fn what_waits_while_it_is_paused_keeps_its_order_and_is_given_back_to_be_told() {
    let mut provider = provider(None, &[("a", 0), ("b", 0), ("urgent", 1)]);
    let told = names(provider.restrain(paused()));
    assert_eq!(told.into_iter().collect::<BTreeSet<_>>().len(), 3);
    provider.enqueue(want("c", 0));
    assert!(admit(&mut provider, 10).is_empty());
    assert_eq!(provider.view(T0).restraint, Some(paused()));
    assert_eq!(provider.next_deadline(), None);
    assert_eq!(provider.resume().len(), 4);
    assert!(provider.resume().is_empty(), "it was not restrained any more");
    assert_eq!(admit(&mut provider, 10), ["urgent", "a", "b", "c"]);
}

#[test]
fn who_is_not_reached_three_times_is_left_alone_and_then_tried_with_one_run() {
    let mut provider = provider(None, &[("a", 0), ("b", 0), ("c", 0), ("d", 0)]);
    for run in admit(&mut provider, 2) {
        provider.unreached(T0);
        provider.release(&run.parse().unwrap());
        provider.enqueue(want(&run, 0));
    }
    assert_eq!(provider.view(T0).open, None, "twice may be an accident");
    provider.unreached(T0);
    assert!(provider.view(T0).open.is_some());
    assert!(admit(&mut provider, 10).is_empty());
    let probe_at = provider.next_deadline().unwrap();
    assert_eq!(names(provider.admit(probe_at, 10)), ["a"]);
    assert!(
        provider.admit(after(LONG), 10).is_empty(),
        "one run was sent to see"
    );
    provider.answered();
    assert_eq!(provider.view(probe_at).open, None);
    assert_eq!(names(provider.admit(probe_at, 10)), ["b", "c", "d"]);
}

#[test]
fn an_outage_costs_no_attempt_once_it_is_known_and_is_no_wait_that_was_asked_for() {
    let mut provider = provider(None, &[("a", 0)]);
    assert_eq!(admit(&mut provider, 1), ["a"]);
    let told: Vec<_> = (0..4).map(|_| provider.unreached(T0)).collect();
    let pause = Some(Duration::from_secs(5));
    assert_eq!(told, [None, None, pause, pause]);
    provider.busy(&"a".parse().unwrap(), after(5));
    provider.enqueue(want("a", 0));
    assert_eq!(provider.view(T0).busy_until, None);
    assert_eq!(names(provider.admit(after(5), 1)), ["a"]);
}

#[test]
fn the_pauses_between_probes_grow_to_a_limit() {
    let mut provider = provider(None, &[("a", 0)]);
    let mut now = T0;
    for _ in 0..3 {
        provider.unreached(now);
    }
    let mut pauses = Vec::new();
    for _ in 0..5 {
        let probe_at = provider.next_deadline().unwrap();
        pauses.push(probe_at.duration_since(now).as_secs());
        now = probe_at;
        assert_eq!(names(provider.admit(now, 10)), ["a"]);
        provider.unreached(now);
        provider.release(&"a".parse().unwrap());
        provider.enqueue(want("a", 0));
    }
    assert_eq!(pauses, [5, 10, 20, 30, 30]);
}

#[test]
fn a_probe_that_is_taken_back_is_followed_by_another() {
    let mut provider = provider(None, &[("a", 0), ("b", 0)]);
    for _ in 0..3 {
        provider.unreached(T0);
    }
    let probe_at = provider.next_deadline().unwrap();
    assert_eq!(names(provider.admit(probe_at, 10)), ["a"]);
    provider.release(&"a".parse().unwrap());
    assert_eq!(names(provider.admit(probe_at, 10)), ["b"]);
}

#[test]
fn who_speaks_is_tried_at_once() {
    let mut provider = provider(None, &[("a", 0)]);
    for _ in 0..3 {
        provider.unreached(T0);
    }
    assert!(admit(&mut provider, 10).is_empty());
    provider.spoke(T0);
    assert_eq!(admit(&mut provider, 10), ["a"]);
}

#[test]
fn one_that_waits_already_passes_others_once_it_is_raised() {
    let mut provider = provider(Some(1), &[("a", 0), ("b", 0), ("c", 0)]);
    provider.enqueue(want("c", 2));
    provider.enqueue(want("b", 0));
    assert_eq!(provider.queued(), 3);
    assert_eq!(admit(&mut provider, 1), ["c"]);
    provider.release(&"c".parse().unwrap());
    assert_eq!(admit(&mut provider, 1), ["a"]);
}
