//! The hand-over of a shift, from rows.

use conductor::alerts::{Acknowledgement, Book, Condition, Failure, Fingerprint};
use conductor::durations::{Durations, Took};
use conductor::ledger::{FailedCell, HeldRecord, OpenRun};
use conductor::report::{Rows, markdown, report};
use conductor::view::Timing;
use conductor_core::{Cell, Failures, Reason, Run, Trigger};
use domain::{Attempt, CellState, ErrorClass, ProcessingError, ProviderState, RunState, Severity};
use jiff::Timestamp;
use product_graph::ProductGraph;
use serde_json::json;

const NOW: &str = "2026-11-24T06:00:00Z";
const SINCE: &str = "2026-11-23T22:00:00Z";

fn at(time: &str) -> Timestamp {
    format!("2026-11-24T{time}Z").parse().unwrap()
}

fn cell(product: &str, state: CellState, since: &str, reason: Reason) -> Cell {
    Cell {
        state,
        reason: Some(reason),
        ..Cell::new(product.parse().unwrap(), at(since))
    }
}

fn error(message: &str) -> ProcessingError {
    ProcessingError {
        class: ErrorClass::Permanent,
        code: "no-dark".into(),
        message: message.into(),
    }
}

fn failed(obs_id: u64, since: &str, message: &str) -> FailedCell {
    let error = error(message);
    let reason = Reason::Failed {
        error: error.clone(),
        attempts: 1,
        spent: None,
    };
    FailedCell {
        obs_id: obs_id.try_into().unwrap(),
        cell: cell("QPO", CellState::Failed, since, reason),
        failure: Failure {
            provider: "qpo".parse().unwrap(),
            error,
        },
    }
}

fn run(product: &str, requested_at: &str) -> OpenRun {
    OpenRun {
        obs_id: 44.try_into().unwrap(),
        run: Run {
            run_id: "run_1".parse().unwrap(),
            alias: None,
            product: product.parse().unwrap(),
            provider: "lc".parse().unwrap(),
            inputs: Vec::new(),
            missing: Vec::new(),
            params: None,
            generation: 0,
            trigger: Trigger::GraphChanged,
            state: RunState::Running,
            attempt: Attempt(1),
            attempts: 3,
            failures: Failures::default(),
            held: Vec::new(),
            queued_at: at(requested_at),
            requested_at: Some(at(requested_at)),
            running_at: None,
            product_at: None,
            ended_at: None,
            given_up: None,
            deadline: None,
            retry_at: None,
            ended_attempts: Vec::new(),
        },
    }
}

/// A night in which something happened.
fn night() -> Rows {
    let mut book = Book::default();
    let dark = failed(42, "01:00:00", "no dark frame for 42")
        .failure
        .fingerprint();
    let condition = |fingerprint: &Fingerprint, severity, title: &str, targets: &[&str]| Condition {
        fingerprint: fingerprint.clone(),
        severity,
        title: title.to_owned(),
        count: targets.len() as u64,
        targets: targets.iter().map(|target| (*target).to_owned()).collect(),
    };
    let dark_alert = condition(
        &dark,
        Severity::Warning,
        "qpo failed: no-dark",
        &["QPO of 42", "QPO of 43"],
    );
    let dark_alert = book.stands(at("01:00:02"), dark_alert).unwrap().alert;
    let disk = Fingerprint::of_disk();
    book.stands(
        at("02:00:00"),
        condition(
            &disk,
            Severity::Critical,
            "the disk is full",
            &["the ledger's disk"],
        ),
    );
    let disk_alert = book.over(at("02:30:00"), &disk).unwrap().alert;
    let held = Reason::Held {
        by: "ada".to_owned(),
        note: Some("wait for *calibration*".to_owned()),
    };
    let act = |n: u64, verb: &str, target: &str, by: &str, note: Option<&str>| {
        serde_json::from_value(json!({
            "n": n, "at": at("03:00:00"), "verb": verb, "target": target, "by": by, "note": note,
            "outcome": "failed -> queued"
        }))
        .unwrap()
    };
    Rows {
        runs: [(RunState::Succeeded, 120), (RunState::Failed, 3)].into(),
        alerts: vec![dark_alert, disk_alert],
        acknowledgements: vec![Acknowledgement {
            fingerprint: dark,
            by: "ada".to_owned(),
            at: at("01:10:00"),
            until: at("09:00:00"),
            note: Some("calibration is on its way".to_owned()),
        }],
        failed: vec![
            failed(41, "00:10:00", "disk\nfull"),
            failed(42, "01:00:00", "no dark frame for 42"),
            failed(43, "01:00:01", "no dark frame for 43"),
        ],
        open: [(CellState::Running, 2), (CellState::Waiting, 7)].into(),
        held: vec![HeldRecord {
            obs_id: "sb26022501".parse().unwrap(),
            cell: cell("LC", CellState::Held, "04:00:00", held),
        }],
        open_runs: vec![run("LC", "05:00:00"), run("LC", "05:59:59")],
        providers: vec![
            serde_json::from_value(json!({
                "provider": "spec", "state": ProviderState::Paused, "url": "http://h", "products": [], "in_flight": 1,
                "queued": 12, "by": "bob", "note": "new release"
            }))
            .unwrap(),
        ],
        acts: vec![
            act(3, "hold", "LC of sb26022501", "ada", Some("wait for *calibration*")),
            act(2, "retry", "QPO of 43", "bob", Some("once more")),
            act(1, "retry", "QPO of 42", "bob", Some("once more")),
        ],
        notes: vec![
            serde_json::from_value(
                json!({"at": at("05:00:00"), "by": "ada", "obs_id": 44, "note": "follow closely"}),
            )
            .unwrap(),
        ],
    }
}

fn told(rows: Rows) -> api::conductor::ReportView {
    let graph = ProductGraph::parse(r#"{"inputs": [], "products": {}}"#).unwrap();
    let durations = Durations::default();
    durations.take_up([Took {
        product: "LC".parse().unwrap(),
        provider: "lc".parse().unwrap(),
        last_ms: [2_000; 50].into(),
    }]);
    let timing = Timing {
        graph: &graph,
        durations: &durations,
        now: NOW.parse().unwrap(),
    };
    report(timing, rows, SINCE.parse().unwrap())
}

#[test]
fn a_night_in_which_something_happened() {
    let report = told(night());
    insta::assert_json_snapshot!(report);
    insta::assert_snapshot!(markdown(&report));
}

#[test]
fn a_night_in_which_nothing_happened() {
    insta::assert_snapshot!(markdown(&told(Rows::default())));
}
