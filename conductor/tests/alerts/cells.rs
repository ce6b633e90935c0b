//! Which conditions the cells make stand.

use conductor::alerts::cells::APPROVAL_PATIENCE;
use conductor::alerts::{Cells, Failure, FailureChange, Fingerprint, Sight, Standing, Target};
use domain::{CellState, ErrorClass, ProcessingError};
use jiff::Timestamp;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn target(product: &str, obs_id: u64) -> Target {
    Target {
        obs_id: obs_id.try_into().unwrap(),
        product: product.parse().unwrap(),
    }
}

fn sight(obs_id: u64, state: CellState) -> Sight {
    Sight {
        target: target("QPO", obs_id),
        state,
        since: at(0),
        failure: None,
        approval: false,
        due_at: None,
    }
}

fn failed(obs_id: u64, message: &str) -> Sight {
    let error = ProcessingError {
        class: ErrorClass::Permanent,
        code: "no-dark".into(),
        message: message.into(),
    };
    Sight {
        failure: Some(Failure {
            provider: "qpo".parse().unwrap(),
            error,
        }),
        ..sight(obs_id, CellState::Failed)
    }
}

fn awaiting(obs_id: u64, since: i64) -> Sight {
    Sight {
        approval: true,
        since: at(since),
        ..sight(obs_id, CellState::Held)
    }
}

fn due(obs_id: u64, state: CellState, due_at: i64) -> Sight {
    Sight {
        due_at: Some(at(due_at)),
        ..sight(obs_id, state)
    }
}

/// What has changed, a line each.
fn told(cells: &mut Cells, now: i64) -> Vec<String> {
    let line = |standing: Standing| match standing {
        Standing::Over(fingerprint) if fingerprint.as_str().starts_with("failure-") => "over".to_owned(),
        Standing::Over(fingerprint) => format!("{fingerprint} over"),
        Standing::Stands(condition) => format!(
            "{} {}: {}",
            condition.severity,
            condition.title,
            condition.targets.join(", ")
        ),
    };
    cells.stirred(at(now)).into_iter().map(line).collect()
}

#[test]
fn failures_stand_by_cause() {
    let mut cells = Cells::default();
    for (obs_id, message) in [(1, "no dark for 1"), (2, "no dark for 2"), (3, "disk full")] {
        assert!(cells.see(failed(obs_id, message)).is_some());
    }
    // The same cell, told again.
    assert_eq!(cells.see(failed(2, "no dark for 2")), None);
    let mut stand = told(&mut cells, 1);
    stand.sort();
    assert_eq!(
        stand,
        [
            "warning qpo failed: no-dark: disk full: QPO of 3",
            "warning qpo failed: no-dark: no dark for 1: QPO of 1, QPO of 2",
        ]
    );
    assert!(told(&mut cells, 2).is_empty());
}

#[test]
fn what_is_tried_again_has_failed_until_it_is_made() {
    let mut cells = Cells::default();
    cells.see(failed(1, "no dark"));
    told(&mut cells, 1);
    for state in [
        CellState::Queued,
        CellState::Requested,
        CellState::Running,
        CellState::Retrying,
    ] {
        assert_eq!(cells.see(sight(1, state)), None);
    }
    assert_eq!(cells.see(failed(1, "no dark")), None);
    assert!(!cells.is_stirred());
    let mended = cells.see(sight(1, CellState::Done));
    let expected = FailureChange {
        target: target("QPO", 1),
        cause: None,
    };
    assert_eq!(mended, Some(expected));
    assert_eq!(told(&mut cells, 2), ["over"]);
}

#[test]
fn a_cell_fails_for_one_cause_at_a_time() {
    let mut cells = Cells::default();
    cells.see(failed(1, "no dark"));
    told(&mut cells, 1);
    cells.see(failed(1, "disk full"));
    let mut stand = told(&mut cells, 2);
    stand.sort();
    assert_eq!(
        stand,
        ["over", "warning qpo failed: no-dark: disk full: QPO of 1"]
    );
}

#[test]
fn what_was_tried_again_at_a_restart_is_recalled() {
    let mut cells = Cells::default();
    let cause = failed(1, "no dark").failure.unwrap().fingerprint();
    cells.recall(target("QPO", 1), cause.clone(), "qpo failed".to_owned());
    cells.stir(cause);
    assert_eq!(told(&mut cells, 1), ["warning qpo failed: QPO of 1"]);
    cells.see(sight(1, CellState::Cancelled));
    assert_eq!(told(&mut cells, 2), ["over"]);
}

#[test]
fn a_product_is_overdue_at_its_time_until_it_is_made() {
    let mut cells = Cells::default();
    cells.see(due(1, CellState::Waiting, 30));
    cells.see(due(2, CellState::Running, 40));
    cells.see(due(3, CellState::Running, 30));
    // Made in time.
    cells.see(sight(3, CellState::Done));
    assert_eq!(cells.next(), Some(at(30)));
    assert!(!cells.wake(at(29)));
    assert!(told(&mut cells, 29).is_empty());
    assert!(cells.wake(at(30)));
    assert_eq!(told(&mut cells, 30), ["critical QPO is overdue: QPO of 1"]);
    // It goes on, and is still overdue.
    cells.see(due(1, CellState::Queued, 30));
    assert!(cells.wake(at(50)));
    assert_eq!(
        told(&mut cells, 50),
        ["critical QPO is overdue: QPO of 1, QPO of 2"]
    );
    cells.see(due(1, CellState::Cancelled, 30));
    cells.see(sight(2, CellState::Done));
    assert_eq!(told(&mut cells, 51), ["overdue-QPO over"]);
    assert_eq!(cells.next(), None);
}

#[test]
fn an_approval_calls_at_once_and_louder_when_nobody_comes() {
    let mut cells = Cells::default();
    cells.see(awaiting(1, 100));
    assert_eq!(told(&mut cells, 100), ["warning QPO awaits approval: QPO of 1"]);
    let late = at(100) + APPROVAL_PATIENCE;
    assert_eq!(cells.next(), Some(late));
    assert!(cells.wake(late));
    assert_eq!(
        told(&mut cells, late.as_second()),
        ["critical QPO awaits approval for more than 15 min: QPO of 1"]
    );
    assert_eq!(cells.next(), None);
    cells.see(sight(1, CellState::Queued));
    assert_eq!(told(&mut cells, late.as_second()), ["approval-QPO over"]);
}

#[test]
fn nothing_is_kept_of_cells_that_call_for_nobody() {
    let mut cells = Cells::default();
    for obs_id in 0..1000 {
        for state in [
            CellState::Waiting,
            CellState::Queued,
            CellState::Running,
            CellState::Done,
        ] {
            assert_eq!(cells.see(sight(obs_id, state)), None);
        }
    }
    assert_eq!(format!("{cells:?}"), format!("{:?}", Cells::default()));
    assert_eq!(Fingerprint::of_canary().to_string(), "canary");
}
