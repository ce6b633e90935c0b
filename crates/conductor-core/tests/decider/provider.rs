//! How much a provider is given, and in what order.

use conductor_core::{Provider, Want};
use jiff::Timestamp;

const T0: Timestamp = Timestamp::UNIX_EPOCH;

fn want(run: &str, priority: i32) -> Want {
    Want {
        obs_id: "42".parse().unwrap(),
        product: run.parse().unwrap(),
        run_id: run.parse().unwrap(),
        provider: "p".parse().unwrap(),
        priority,
        since: T0,
    }
}

fn provider(limit: Option<u32>, wants: &[(&str, i32)]) -> Provider {
    let mut provider = Provider::new("p".parse().unwrap(), limit);
    for (run, priority) in wants {
        provider.enqueue(want(run, *priority));
    }
    provider
}

fn admit(provider: &mut Provider, room: usize) -> Vec<String> {
    let admitted = provider.admit(T0, room);
    admitted.into_iter().map(|want| want.run_id.to_string()).collect()
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
