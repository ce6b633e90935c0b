//! Idempotency, limits and memory, request by request.

use super::*;
use domain::ErrorClass;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn request(run_id: &str, attempt: u32) -> ProcessingRequest {
    let mut request = ProcessingRequest::of("QPO_ECL".parse().unwrap(), 42.try_into().unwrap());
    request.run_id = Some(run_id.parse().unwrap());
    request.attempt = Some(Attempt(attempt));
    request
}

fn runs(workers: usize, queue: usize) -> Runs {
    Runs::new(Limits { workers, queue })
}

fn admit(runs: &mut Runs, request: ProcessingRequest) -> Result<Admission, Refusal> {
    runs.admit(at(0), request, || "minted".parse().unwrap(), |_| {})
}

fn fail(runs: &mut Runs, run_id: &str) {
    let error = ProcessingError {
        class: ErrorClass::Retriable,
        code: "x".into(),
        message: String::new(),
    };
    runs.end(at(1), &run_id.parse().unwrap(), Ending::Failed(error))
        .unwrap();
}

fn known(admission: Result<Admission, Refusal>) -> (ProcessingState, Attempt) {
    match admission {
        Ok(Admission::Known(reply)) => (reply.state, reply.attempt),
        other => panic!("not known: {other:?}"),
    }
}

#[test]
fn a_repeat_starts_nothing_while_the_run_is_active_and_after_it_ended() {
    let mut runs = runs(1, 1);
    assert!(matches!(
        admit(&mut runs, request("r", 1)),
        Ok(Admission::Starts(_))
    ));
    assert_eq!(
        known(admit(&mut runs, request("r", 1))),
        (ProcessingState::Running, Attempt(1))
    );
    fail(&mut runs, "r");
    assert_eq!(
        known(admit(&mut runs, request("r", 1))),
        (ProcessingState::Failed, Attempt(1))
    );
    assert_eq!(runs.load(), (0, 0));
}

#[test]
fn a_higher_attempt_waits_for_the_end_of_the_one_before() {
    let mut runs = runs(2, 1);
    admit(&mut runs, request("r", 1)).unwrap();
    assert_eq!(
        known(admit(&mut runs, request("r", 2))),
        (ProcessingState::Running, Attempt(1))
    );
    fail(&mut runs, "r");
    let Ok(Admission::Starts(job)) = admit(&mut runs, request("r", 2)) else {
        panic!("does not start")
    };
    assert!(job.may_be_stored, "the first attempt may have imported it");
    assert_eq!(job.order.attempt, Attempt(2));
    let told = runs.get(&"r".parse().unwrap()).unwrap();
    assert_eq!(
        (told.error, told.ended_at),
        (None, None),
        "the new attempt tells nothing of the old one"
    );
}

#[test]
fn a_lower_attempt_is_stale_and_another_cell_is_a_mistake() {
    let mut runs = runs(1, 1);
    admit(&mut runs, request("r", 3)).unwrap();
    assert_eq!(
        admit(&mut runs, request("r", 2)).unwrap_err(),
        Refusal::Stale { known: Attempt(3) }
    );
    let mut other = request("r", 3);
    other.obs_id = 43.try_into().unwrap();
    assert_eq!(admit(&mut runs, other).unwrap_err(), Refusal::OtherCell);
}

#[test]
fn a_first_attempt_of_an_unknown_run_asks_nobody_and_a_second_does() {
    let mut runs = runs(2, 0);
    assert!(matches!(admit(&mut runs, request("a", 1)), Ok(Admission::Starts(job)) if !job.may_be_stored));
    assert!(matches!(admit(&mut runs, request("b", 2)), Ok(Admission::Starts(job)) if job.may_be_stored));
}

#[test]
fn a_full_queue_is_busy_and_remembers_nothing() {
    let mut runs = runs(1, 1);
    assert!(matches!(
        admit(&mut runs, request("a", 1)),
        Ok(Admission::Starts(_))
    ));
    assert!(matches!(
        admit(&mut runs, request("b", 1)),
        Ok(Admission::Waits(_))
    ));
    assert_eq!(
        admit(&mut runs, request("c", 1)).unwrap_err(),
        Refusal::Busy { queued: 1 }
    );
    assert_eq!(runs.get(&"c".parse().unwrap()), None);
    assert!(runs.next(at(1)).is_none(), "the worker is taken");
    fail(&mut runs, "a");
    let next = runs.next(at(2)).unwrap();
    assert_eq!(next.order.run_id.as_str(), "b");
    assert_eq!(runs.get(&next.order.run_id).unwrap().started_at, Some(at(2)));
    assert!(
        matches!(admit(&mut runs, request("c", 1)), Ok(Admission::Waits(_))),
        "and now c may wait"
    );
}

#[test]
fn a_draining_provider_takes_nothing_new_but_knows_what_it_knew() {
    let mut runs = runs(2, 2);
    admit(&mut runs, request("a", 1)).unwrap();
    runs.draining = true;
    assert_eq!(admit(&mut runs, request("b", 1)).unwrap_err(), Refusal::Draining);
    assert_eq!(
        known(admit(&mut runs, request("a", 1))).0,
        ProcessingState::Running
    );
}

#[test]
fn what_was_cancelled_in_the_queue_never_starts() {
    let mut runs = runs(1, 2);
    for run_id in ["a", "b", "c"] {
        admit(&mut runs, request(run_id, 1)).unwrap();
    }
    runs.end(at(1), &"b".parse().unwrap(), Ending::Cancelled).unwrap();
    assert_eq!(runs.load(), (1, 1));
    fail(&mut runs, "a");
    assert_eq!(runs.next(at(2)).unwrap().order.run_id.as_str(), "c");
}

#[test]
fn a_request_without_a_run_gets_one() {
    let mut runs = runs(1, 1);
    let request = ProcessingRequest::of("QPO_ECL".parse().unwrap(), 42.try_into().unwrap());
    assert!(
        matches!(admit(&mut runs, request), Ok(Admission::Starts(job)) if job.order.run_id.as_str() == "minted")
    );
}

#[test]
fn a_repeat_without_an_attempt_means_the_one_that_is_known() {
    let mut runs = runs(1, 1);
    admit(&mut runs, request("r", 4)).unwrap();
    let mut again = request("r", 1);
    again.attempt = None;
    assert_eq!(known(admit(&mut runs, again)).1, Attempt(4));
}

#[test]
fn the_oldest_ended_are_forgotten_first_and_active_ones_never() {
    let mut runs = runs(1, 1);
    admit(&mut runs, request("active", 1)).unwrap();
    for number in 0..MAX_REMEMBERED + 10 {
        let run_id = format!("r{number}");
        let mut told = runs.get(&"active".parse().unwrap()).unwrap();
        told.run_id = run_id.parse().unwrap();
        told.ended_at = Some(at(0));
        runs.remember(told);
    }
    runs.forget(at(1));
    assert_eq!(runs.len(), MAX_REMEMBERED + 1, "and the active one");
    assert!(runs.get(&"active".parse().unwrap()).is_some());
    assert!(runs.get(&"r0".parse().unwrap()).is_none());
    runs.forget(at(24 * 3600 + 1));
    assert_eq!(runs.len(), 1, "a day later only the active one is left");
}

#[test]
fn an_attempt_that_starts_again_is_not_forgotten_by_the_end_of_the_one_before() {
    let mut runs = runs(1, 1);
    admit(&mut runs, request("r", 1)).unwrap();
    fail(&mut runs, "r");
    admit(&mut runs, request("r", 2)).unwrap();
    runs.forget(at(48 * 3600));
    assert_eq!(runs.get(&"r".parse().unwrap()).unwrap().attempt, Attempt(2));
    fail(&mut runs, "r");
    runs.forget(at(48 * 3600));
    assert_eq!(runs.len(), 0);
}

#[test]
fn what_waits_long_is_told_once_and_what_starts_soon_never() {
    let mut runs = runs(1, 10);
    for run_id in ["works", "waits", "starts"] {
        admit(&mut runs, request(run_id, 1)).unwrap();
    }
    let ids = |jobs: Vec<Job>| {
        jobs.iter()
            .map(|job| job.order.run_id.to_string())
            .collect::<Vec<_>>()
    };
    assert!(runs.long_waiting(at(-1)).is_empty(), "they came at 0");
    fail(&mut runs, "works");
    assert_eq!(runs.next(at(1)).unwrap().order.run_id.as_str(), "waits");
    assert_eq!(ids(runs.long_waiting(at(0))), ["starts"]);
    assert!(runs.long_waiting(at(5)).is_empty());
}

#[test]
fn pages_go_back_in_time_and_end() {
    let mut runs = runs(1, 10);
    for run_id in ["a", "b", "c"] {
        admit(&mut runs, request(run_id, 1)).unwrap();
    }
    let ids = |runs: Vec<ProcessingRun>| runs.iter().map(|run| run.run_id.to_string()).collect::<Vec<_>>();
    let (first, next) = runs.page(false, None, 2);
    assert_eq!(ids(first), ["c", "b"]);
    let (second, end) = runs.page(false, next, 2);
    assert_eq!((ids(second), end), (vec!["a".to_owned()], None));
    fail(&mut runs, "b");
    let (open, next) = runs.page(true, None, 1);
    assert_eq!(ids(open), ["c"]);
    let (open, end) = runs.page(true, next, 1);
    assert_eq!((ids(open), end), (vec!["a".to_owned()], None));
}
