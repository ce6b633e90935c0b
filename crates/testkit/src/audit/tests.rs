//! The audit is shown books in which something is wrong, and must say what.

use super::{Audit, Deed, put_aside, worked};
use crate::outcome::Outcome;
use crate::promise::{Arrivals, Promise};
use serde_json::{Value, json};

/// A burst of which A was imported, B made of it, and then withdrawn in a second burst.
fn books() -> Value {
    let at = "2026-11-24T00:00:00Z";
    let sha = "0".repeat(64);
    let cell = |product: &str, state: &str, more: Value| {
        let mut cell = json!({"product": product, "rev": 1, "state": state, "since": at, "reason": null,
            "revision": 1, "version": 1, "blocked_by": []});
        merge(&mut cell, more);
        cell
    };
    let run = |obs: &str, id: &str, state: &str| {
        json!({"run_id": id, "obs_id": obs, "product": "B", "provider": "p", "state": state, "generation": 0,
            "inputs": [{"product": "A", "revision": 1}], "missing": [], "created_at": at, "max_attempts": 3,
            "attempts": []})
    };
    let record = |obs: &str, product: &str, more: Value| {
        let mut record = json!({"obs_id": obs, "product": product, "version": 1, "size": 1, "sha256": sha,
            "content_type": "text/plain", "created_at": at, "href": "http://sdb/x"});
        merge(&mut record, more);
        record
    };
    let by = |id: &str| json!({"provenance": {"run_id": id, "attempt": 1, "provider": "p"}});
    let withdrawn = json!({"retracted": {"at": at, "reason": "no burst"}});
    let mut withdrawn_b = by("r2");
    merge(&mut withdrawn_b, withdrawn.clone());
    let view = |obs: &str, cells: Vec<Value>| json!({"obs_id": obs, "rev": 1, "counts": {}, "worst": null, "cells": cells});
    json!({
        "observations": [
            view("one", vec![cell("A", "done", json!({})), cell("B", "done", json!({"run_id": "r1"}))]),
            view("two", vec![
                cell("A", "retracted", json!({"reason": "no burst"})),
                cell("B", "retracted", json!({"reason": "A was withdrawn", "run_id": "r2"})),
            ]),
        ],
        "runs": [run("one", "r1", "succeeded"), run("two", "r2", "succeeded")],
        "records": [
            record("one", "A", json!({})), record("one", "B", by("r1")),
            record("two", "A", withdrawn), record("two", "B", withdrawn_b),
        ],
        "worked": [["r1", 1], ["r1", 2], ["r2", 1]],
        "trail": [{"n": 1, "at": at, "verb": "cancel", "target": "one", "by": "ada", "note": "no. 1",
            "outcome": "1 cell cancelled"}],
        "seen": [],
    })
}

fn merge(into: &mut Value, more: Value) {
    let (Some(into), Value::Object(more)) = (into.as_object_mut(), more) else {
        panic!("both are objects");
    };
    into.extend(more);
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value}"))
}

/// What the audit says of these books.
fn faults(books: &Value) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let graph = folder.path().join("graph.json");
    let text = r#"{"inputs": ["A"], "products": {"B": {"m_input": ["A"], "o_input": [], "provider": "p"}}}"#;
    std::fs::write(&graph, text).expect("the graph is written");
    let observations: Vec<api::conductor::ObservationView> = read(&books["observations"]);
    let mut arrivals = Arrivals::new();
    let one = |name: &str| name.parse().expect("an observation");
    let version = Some(read(&json!(1)));
    arrivals.entry(one("one")).or_default().note("A", version, false);
    let two = arrivals.entry(one("two")).or_default();
    two.note("A", version, false);
    two.note("A", version, true);
    let audit = Audit {
        outcome: Outcome {
            observations: observations
                .into_iter()
                .map(|view| (view.obs_id.clone(), view))
                .collect(),
            runs: read(&books["runs"]),
            records: read(&books["records"]),
        },
        arrivals,
        worked: read(&books["worked"]),
        trail: read(&books["trail"]),
        deeds: vec![
            Deed {
                verb: "cancel".to_owned(),
                note: "no. 1".to_owned(),
                touched: Some(1),
            },
            Deed {
                verb: "hold".to_owned(),
                note: "no. 2".to_owned(),
                touched: None,
            },
        ],
        stored_twice: books["stored_twice"].as_str().map(str::to_owned),
        seen: read(&books["seen"]),
    };
    audit.faults(&Promise::of(&graph, &[]))
}

/// The books with one thing changed must give a fault that says so.
fn found(expected: &str, change: impl FnOnce(&mut Value)) {
    let mut books = books();
    change(&mut books);
    let faults = faults(&books);
    assert!(
        faults.iter().any(|fault| fault.contains(expected)),
        "{expected:?} is not among {faults:?}"
    );
}

fn remove(list: &mut Value, place: usize) -> Value {
    list.as_array_mut().expect("a list").remove(place)
}

fn again(list: &mut Value, place: usize, more: Value) {
    let mut copy = list[place].clone();
    merge(&mut copy, more);
    list.as_array_mut().expect("a list").push(copy);
}

#[test]
fn books_that_agree_have_no_fault() {
    assert_eq!(faults(&books()), [""; 0]);
}

#[test]
fn what_is_lost_is_found() {
    found("the ledger has no row", |books| {
        remove(&mut books["observations"][0]["cells"], 0);
    });
    found("the ledger has no row", |books| {
        remove(&mut books["observations"], 1);
    });
    found("is not known", |books| {
        books["observations"][0]["cells"][0]["version"] = Value::Null;
    });
    found(r#"one: not made ["B"]"#, |books| {
        books["observations"][0]["cells"][1]["state"] = "waiting".into();
    });
    found("the SDB has nothing of it", |books| {
        remove(&mut books["records"], 1);
    });
    found("no pipeline was put to work for r2", |books| {
        remove(&mut books["worked"], 2);
    });
}

#[test]
fn what_is_doubled_is_found() {
    found("r1 and r9 are one run", |books| {
        again(&mut books["runs"], 0, json!({"run_id": "r9"}));
    });
    found("has made version 1 before", |books| {
        again(&mut books["records"], 1, json!({"version": 2}));
    });
    found("attempt 1 of r1: put to work twice", |books| {
        books["worked"][1] = json!(["r1", 1]);
    });
    found("1 versions, 2 in the ledger", |books| {
        books["observations"][0]["cells"][0]["revision"] = 2.into();
    });
    // What came from the source, and not by an import, is counted too.
    found("1 versions, 2 in the ledger", |books| {
        books["observations"][0]["cells"][0]["revision"] = 2.into();
        remove(&mut books["records"], 0);
    });
}

#[test]
fn two_versions_of_a_run_are_forgiven_where_they_were_asked_for() {
    let mut books = books();
    again(&mut books["records"], 1, json!({"version": 2}));
    books["observations"][0]["cells"][1]["version"] = 2.into();
    assert_eq!(faults(&books), ["B v2 of one: r1 has made version 1 before"]);
    books["stored_twice"] = "B".into();
    assert_eq!(faults(&books), [""; 0]);
    books["stored_twice"] = "C".into();
    assert_eq!(faults(&books).len(), 1);
}

#[test]
fn a_message_that_was_put_aside_is_found() {
    let log = "INFO listening\nERROR put aside: deciding about it panics\nWARN the conductor died 3 times while it decided about this message";
    assert_eq!(put_aside(log).count(), 2);
}

#[test]
fn what_nobody_asked_for_is_found() {
    found("nobody announced it", |books| {
        again(&mut books["observations"], 0, json!({"obs_id": "three"}));
    });
    found("which the ledger does not know", |books| {
        remove(&mut books["runs"], 0);
    });
    found("r7: at work", |books| {
        books["worked"][1] = json!(["r7", 1]);
    });
    found("names no run", |books| {
        books["records"][1]["provenance"] = Value::Null;
    });
    found("by a run of B of two", |books| {
        books["records"][1]["provenance"]["run_id"] = "r2".into();
    });
    found("the ledger does not know it", |books| {
        books["records"][1]["version"] = 2.into();
    });
    found(r#"two: made without its inputs ["B"]"#, |books| {
        books["observations"][1]["cells"][1]["state"] = "done".into();
    });
}

#[test]
fn what_is_open_or_silent_is_found() {
    found("run r1 of B of one: still running", |books| {
        books["runs"][0]["state"] = "running".into();
    });
    found("B of one: still grace", |books| {
        books["observations"][0]["cells"][1]["state"] = "grace".into();
    });
    found("does not say why", |books| {
        books["observations"][1]["cells"][1]["reason"] = Value::Null;
    });
    found("other bytes", |books| {
        books["seen"] = json!(["B v1 of one: other bytes"]);
    });
}

#[test]
fn what_was_withdrawn_on_one_side_alone_is_found() {
    found("withdrawn, and the SDB exports it", |books| {
        books["records"][3]["retracted"] = Value::Null;
    });
    found("there for the conductor, and withdrawn in the SDB", |books| {
        let retraction = books["records"][3]["retracted"].clone();
        books["records"][1]["retracted"] = retraction;
    });
}

#[test]
fn an_act_without_its_trace_is_found() {
    found(r#"cancel "no. 1": 0 times"#, |books| {
        remove(&mut books["trail"], 0);
    });
    found(r#"cancel "no. 1": 2 times"#, |books| {
        again(&mut books["trail"], 0, json!({"n": 2}));
    });
    found("does not say by whom", |books| {
        books["trail"][0]["outcome"] = "".into();
    });
}

#[test]
fn an_act_that_was_not_answered_may_be_in_the_trail() {
    let mut books = books();
    again(
        &mut books["trail"],
        0,
        json!({"n": 2, "verb": "hold", "note": "no. 2"}),
    );
    assert_eq!(faults(&books), [""; 0]);
}

#[test]
fn the_work_of_the_pipelines_is_read_from_their_log() {
    let log = concat!(
        "{\"level\":\"DEBUG\",\"fields\":{\"message\":\"the pipeline is put to work\",\"run.id\":\"r1\",\"attempt\":2}}\n",
        "{\"level\":\"INFO\",\"fields\":{\"message\":\"run failed\",\"run.id\":\"r1\",\"attempt\":2}}\n",
    );
    assert_eq!(worked(log), [("r1".to_owned(), 2)]);
}

#[test]
fn what_was_made_from_an_older_input_than_the_withdrawn_one_may_stay() {
    let mut books = books();
    let cells = &mut books["observations"][1]["cells"];
    cells[0]["revision"] = 2.into();
    cells[0]["version"] = 2.into();
    cells[1]["state"] = "done".into();
    books["records"][3]["retracted"] = Value::Null;
    again(&mut books["records"], 2, json!({"version": 2}));
    assert_eq!(faults(&books), [""; 0]);
}
