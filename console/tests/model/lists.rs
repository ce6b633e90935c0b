//! The questions of the screen.

use crate::scene::{Ledger, Truth, at, fold_all, id, model, obs, product, word};
use api::conductor::ObservationView;
use console::model::{Failure, Liveness, Model, Part, Snapshot, Update};
use domain::{Activity, Announcement, CellState};
use serde_json::json;

fn of<'m>(ids: impl IntoIterator<Item = &'m domain::ObsId>) -> Vec<String> {
    ids.into_iter().map(ToString::to_string).collect()
}

fn said(model: &mut Model, second: i64, said: serde_json::Value) -> console::model::Dirty {
    let said: Activity = serde_json::from_value(said).unwrap();
    model.fold(at(second), Update::Activity(Box::new(said)))
}

#[test]
fn what_wants_attention_stands_first_and_then_the_newest() {
    let mut ledger = Ledger::default();
    let mut model = model();
    let words = [
        ledger.change(1, "done", "Qpo", CellState::Done, ""),
        ledger.change(2, "failed", "Qpo", CellState::Failed, "timeout: 3 s"),
        ledger.change(3, "late", "Qpo", CellState::Running, ""),
        ledger.change(40, "new", "Qpo", CellState::Running, ""),
        ledger.change(41, "held", "Qpo", CellState::Held, "held by ada"),
        ledger.change(42, "newer", "Qpo", CellState::Running, ""),
    ];
    fold_all(&mut model, 43, words);
    fold_all(&mut model, 43, ledger.resync());
    let _ = model.settle(at(45));
    assert_eq!(
        of(model.by_attention()),
        ["failed", "late", "held", "newer", "new", "done"]
    );
    let running: Vec<String> = model.running(0).map(|cell| cell.obs_id.to_string()).collect();
    assert_eq!(running, ["late", "new", "newer"]);
    let late = model.cell(&id("late", "Qpo")).unwrap();
    assert!(late.is_late() && late.observation().is_late());
    assert_eq!(late.elapsed(at(45)).map(|elapsed| elapsed.as_secs()), Some(42));
    assert_eq!(late.expected().map(|expected| expected.p95_ms), Some(20_000));
    fold_all(
        &mut model,
        46,
        [ledger.change(46, "late", "Qpo", CellState::Done, "")],
    );
    assert!(!model.cell(&id("late", "Qpo")).unwrap().is_late());
    let _ = model.settle(at(48));
    assert!(!model.observation(&obs("late")).unwrap().is_late());
}

#[test]
fn what_becomes_late_together_is_taken_in_over_several_frames() {
    let mut ledger = Ledger::default();
    let mut model = model();
    let words: Vec<_> = (0..300)
        .map(|n| ledger.change(1, &format!("o{n}"), "Qpo", CellState::Running, ""))
        .collect();
    fold_all(&mut model, 2, words);
    fold_all(&mut model, 2, ledger.resync());
    let _ = model.settle(at(3));
    let late = |model: &Model| model.observations().filter(|row| row.is_late()).count();
    assert_eq!((late(&model), model.is_behind()), (0, false));
    let mut frames = Vec::new();
    for _ in 0..4 {
        let dirty = model.settle(at(40));
        frames.push((late(&model), model.is_behind(), dirty.is_clean()));
    }
    assert_eq!(
        frames,
        [
            (128, true, false),
            (256, true, false),
            (300, false, false),
            (300, false, true)
        ]
    );
}

#[test]
fn time_alone_makes_a_cell_late() {
    let mut ledger = Ledger::default();
    let mut model = model();
    fold_all(
        &mut model,
        1,
        [ledger.change(1, "1", "Qpo", CellState::Running, "")],
    );
    assert!(model.settle(at(19)).is_clean());
    assert!(model.settle(at(22)).touches(Part::Observations));
    assert!(model.cell(&id("1", "Qpo")).unwrap().is_late());
}

#[test]
fn failures_of_one_cause_are_one_row_with_what_they_block() {
    let mut ledger = Ledger::default();
    let mut model = model();
    let mut words = Vec::new();
    for (second, obs_id) in [(1, "1"), (2, "2")] {
        let reason = format!("{second} of 3 attempts failed, the last with timeout");
        words.push(ledger.change(second, obs_id, "Alert", CellState::Received, ""));
        words.push(ledger.change(second, obs_id, "Qpo", CellState::Failed, &reason));
        words.push(ledger.change(
            second,
            obs_id,
            "Fit",
            CellState::Waiting,
            "awaits Qpo, blocked by Qpo",
        ));
        words.push(ledger.change(second, obs_id, "Sky", CellState::Grace, ""));
    }
    words.push(ledger.change(3, "3", "Qpo", CellState::Failed, "mock-failure: no luck"));
    ledger.0.get_mut(&(obs("3"), product("Qpo"))).unwrap().fingerprint = Some("failure-other".to_owned());
    *words.last_mut().unwrap() = word(&obs("3"), &product("Qpo"), &ledger.0[&(obs("3"), product("Qpo"))]);
    fold_all(&mut model, 4, words);
    let failures: Vec<&Failure> = model.failures().collect();
    let of_failure = |place: usize| {
        let failure = failures[place];
        let cells: Vec<String> = failure.cells().map(|cell| cell.to_string()).collect();
        let products: Vec<String> = failure
            .blocked_products(&model)
            .into_iter()
            .map(ToString::to_string)
            .collect();
        (cells, failure.blocked(), products)
    };
    assert_eq!(failures.len(), 2);
    assert_eq!(of_failure(0), (vec!["Qpo of 3".to_owned()], 0, vec![]));
    let (cells, blocked, products) = of_failure(1);
    assert_eq!(cells, ["Qpo of 2", "Qpo of 1"]);
    assert_eq!((blocked, products), (2, vec!["Fit".to_owned()]));
    assert_eq!(
        failures[1].provider.as_ref().map(ToString::to_string),
        Some("maker".to_owned())
    );
    assert_eq!((failures[1].newest, failures[1].oldest), (at(2), at(1)));
    assert_eq!(failures[1].fingerprint(), Some("failure-Qpo"));
    let cell = model.cell(&id("1", "Qpo")).unwrap();
    assert_eq!(cell.blocks(), [&product("Fit")]);
    assert_eq!(cell.blocks_optionally(), [&product("Sky")]);
    assert!(
        model.cell(&id("1", "Alert")).unwrap().blocks().is_empty(),
        "it is there"
    );
}

#[test]
fn what_was_made_without_an_optional_input_is_counted_as_long_as_it_is_so() {
    let mut model = model();
    let mut rev = 0;
    let mut hears = |model: &mut Model, state: &str, missing: &[&str]| {
        rev += 1;
        let cell = json!({"kind": "cell", "service": "conductor", "rev": rev, "obs_id": 42, "product": "Sky",
            "state": state, "since": at(rev), "missing": missing});
        let _ = said(model, rev, cell);
        (
            model.degraded(),
            model.cell(&id("42", "Sky")).unwrap().is_degraded(),
        )
    };
    assert_eq!(hears(&mut model, "done", &["Qpo"]), (1, true));
    assert_eq!(hears(&mut model, "done", &["Qpo"]), (1, true));
    assert_eq!(hears(&mut model, "stale", &["Qpo"]), (0, false), "that says more");
    assert_eq!(hears(&mut model, "done", &[]), (0, false));
    assert_eq!(hears(&mut model, "done", &["Qpo"]), (1, true));
    fold_all(&mut model, 9, Ledger::default().resync());
    assert_eq!(model.degraded(), 0, "an observation that is gone has none");
}

/// The word of a failure, with its fingerprint or without.
fn failed(obs_id: &str, rev: u64, reason: &str, fingerprint: Option<&str>) -> Update {
    let truth = Truth {
        rev,
        state: CellState::Failed,
        reason: Some(reason.to_owned()),
        since: at(1),
        fingerprint: fingerprint.map(ToOwned::to_owned),
    };
    word(&obs(obs_id), &product("Qpo"), &truth)
}

#[test]
fn a_failure_told_without_its_fingerprint_is_never_a_second_group_of_a_known_cause() {
    let mut model = model();
    let groups = |model: &Model| -> Vec<(Option<String>, usize)> {
        let failures = model.failures();
        failures
            .map(|failure| (failure.fingerprint().map(ToOwned::to_owned), failure.count()))
            .collect()
    };
    fold_all(
        &mut model,
        1,
        [
            failed("1", 1, "timeout: 3 s", None),
            failed("2", 1, "timeout: 3 s", None),
        ],
    );
    assert_eq!(groups(&model), [(None, 2)], "what was told is the same");
    fold_all(&mut model, 2, [failed("3", 1, "timeout: 3 s", Some("f"))]);
    assert_eq!(groups(&model), [(Some("f".to_owned()), 3)]);
    fold_all(&mut model, 3, [failed("1", 2, "another", Some("f"))]);
    assert_eq!(groups(&model), [(Some("f".to_owned()), 3)], "whatever the words");
    fold_all(&mut model, 4, [failed("2", 2, "another", Some("g"))]);
    assert_eq!(groups(&model).len(), 2);
}

#[test]
fn the_conductor_is_asked_once_about_a_cause_of_which_it_told_nothing() {
    let mut model = model();
    let first = model.fold(at(1), failed("1", 1, "timeout", Some("f")));
    assert_eq!(first.wants, [obs("1")]);
    let _ = model.fold(
        at(1),
        Update::Snapshot(Snapshot::Single(Box::new(view("2", None)))),
    );
    let _ = model.settle(at(1));
    let again = model.fold(at(2), failed("2", 4, "timeout", Some("f")));
    assert_eq!(again.wants, [], "the cause is known");
    let act = json!({"kind": "operator", "service": "conductor", "verb": "acknowledge", "target": "f", "by": "ada",
        "outcome": "until 12:00"});
    assert_eq!(said(&mut model, 3, act).wants.len(), 1, "somebody has seen it");
}

/// `Qpo` of an observation failed for `f`, and who has seen it.
fn view(obs_id: &str, until: Option<i64>) -> ObservationView {
    let seen = until.map(
        |until| json!({"fingerprint": "f", "by": "ada", "at": at(1), "until": at(until), "note": "known"}),
    );
    let cell = json!({"product": "Qpo", "rev": 3, "state": "failed", "since": at(1), "reason": "timeout", "fingerprint": "f",
        "acknowledged": seen});
    serde_json::from_value(json!({"obs_id": obs_id, "rev": 3, "counts": {}, "worst": null, "cells": [cell]}))
        .unwrap()
}

#[test]
fn who_has_seen_a_cause_is_known_of_all_its_cells_until_it_is_over() {
    let mut model = model();
    fold_all(
        &mut model,
        1,
        [
            failed("2", 1, "timeout", Some("f")),
            failed("3", 1, "else", Some("g")),
        ],
    );
    let single = |view| Update::Snapshot(Snapshot::Single(Box::new(view)));
    fold_all(&mut model, 2, [single(view("1", Some(60)))]);
    let failures: Vec<&Failure> = model.failures().collect();
    assert_eq!(failures.len(), 2);
    assert_eq!(
        failures[0].fingerprint(),
        Some("g"),
        "what nobody has seen stands first"
    );
    let seen = failures[1].acknowledged.as_ref().unwrap();
    assert_eq!((seen.by.as_str(), seen.note.as_deref()), ("ada", Some("known")));
    let wanting = |model: &Model| {
        ["1", "2", "3"].map(|obs_id| model.observation(&obs(obs_id)).unwrap().wants_attention())
    };
    assert_eq!(wanting(&model), [false, false, true]);
    let _ = model.settle(at(61));
    assert_eq!(wanting(&model), [true, true, true], "it ends by itself");
    assert!(model.failures().all(|failure| !failure.is_acknowledged()));
    fold_all(&mut model, 62, [single(view("1", Some(90)))]);
    assert_eq!(wanting(&model), [false, false, true]);
    fold_all(&mut model, 63, [single(view("1", None))]);
    assert_eq!(
        wanting(&model),
        [true, true, true],
        "nobody has, says the conductor"
    );
}

#[test]
fn what_is_with_its_provider_and_runs_stands_before_what_only_waits_there() {
    let mut ledger = Ledger::default();
    let mut model = model();
    let words = [
        ledger.change(1, "sent", "Qpo", CellState::Requested, ""),
        ledger.change(9, "runs", "Qpo", CellState::Running, ""),
        ledger.change(2, "late", "Qpo", CellState::Running, ""),
    ];
    fold_all(&mut model, 23, words);
    let running: Vec<String> = model.running(0).map(|cell| cell.to_string()).collect();
    assert_eq!(running, ["Qpo of late", "Qpo of runs", "Qpo of sent"]);
}

#[test]
fn problems_are_gone_through_around_the_end() {
    let mut ledger = Ledger::default();
    let mut model = model();
    assert_eq!(model.next_problem(None, true), None);
    assert_eq!(model.next_problem(Some(&id("1", "Qpo")), false), None);
    let words = [
        ledger.change(1, "1", "Sky", CellState::Failed, "x: y"),
        ledger.change(2, "2", "Fit", CellState::Failed, "x: y"),
        ledger.change(2, "2", "Qpo", CellState::Failed, "x: y"),
        ledger.change(3, "3", "Qpo", CellState::Done, ""),
    ];
    fold_all(&mut model, 3, words);
    let problems: Vec<String> = model.problems().map(|cell| cell.to_string()).collect();
    assert_eq!(problems, ["Qpo of 2", "Fit of 2", "Sky of 1"]);
    for (from, is_forward, next) in [
        (None, true, ("2", "Qpo")),
        (Some(("2", "Qpo")), true, ("2", "Fit")),
        (Some(("1", "Sky")), true, ("2", "Qpo")),
        (Some(("2", "Qpo")), false, ("1", "Sky")),
        (Some(("1", "Alert")), true, ("1", "Sky")),
        (Some(("3", "Qpo")), true, ("2", "Qpo")),
    ] {
        let from = from.map(|(obs_id, name)| id(obs_id, name));
        assert_eq!(
            model.next_problem(from.as_ref(), is_forward),
            Some(id(next.0, next.1)),
            "{from:?}"
        );
    }
}

#[test]
fn an_observation_is_found_by_any_part_of_its_ids() {
    let mut ledger = Ledger::default();
    let mut model = model();
    let words = ["sb26022501", "sb26022502", "12501", "42"]
        .map(|obs_id| ledger.change(1, obs_id, "Qpo", CellState::Done, ""));
    fold_all(&mut model, 1, words);
    let announced: Announcement =
        serde_json::from_value(json!({"product": "Alert", "obs_id": 42, "burst_id": "sb26022599"})).unwrap();
    fold_all(
        &mut model,
        1,
        [Update::Data("vhf".parse().unwrap(), Box::new(announced))],
    );
    assert_eq!(
        of(&model.find("2501")),
        ["12501", "sb26022501"],
        "the end fits best"
    );
    assert_eq!(of(&model.find("SB260225")), ["42", "sb26022501", "sb26022502"]);
    assert_eq!(of(&model.find("99")), ["42"]);
    assert_eq!(of(&model.find("42")), ["42"]);
    assert_eq!(model.find("nothing"), []);
    assert_eq!(model.find("").len(), 4);
}

#[test]
fn nothing_is_shown_of_the_canary() {
    let mut model = model();
    let announced = json!({"product": "_CANARY", "obs_id": "_canary", "version": 7});
    let announced: Announcement = serde_json::from_value(announced).unwrap();
    let heard = Update::Data("sdb".parse().unwrap(), Box::new(announced));
    assert!(model.fold(at(1), heard).is_clean());
    let run = json!({"kind": "processing", "service": "_canary", "run_id": "r", "product": "_CANARY",
        "obs_id": "_canary", "attempt": 1, "state": "failed"});
    assert!(said(&mut model, 2, run).is_clean());
    assert_eq!((model.observations().count(), model.events().len()), (0, 0));
    assert_eq!(model.sources().get(&"sdb".parse().unwrap()), None);
}

#[test]
fn what_changed_since_the_last_look_is_known() {
    let mut ledger = Ledger::default();
    let mut model = model();
    let words = ["1", "2"].map(|obs_id| ledger.change(1, obs_id, "Qpo", CellState::Running, ""));
    fold_all(&mut model, 1, words);
    let mark = model.mark();
    fold_all(&mut model, 2, [ledger.change(2, "2", "Qpo", CellState::Done, "")]);
    fold_all(&mut model, 3, ledger.resync());
    let changed: Vec<String> = model
        .observations()
        .filter(|observation| observation.changed_since(mark))
        .map(|observation| observation.obs_id().to_string())
        .collect();
    assert_eq!(changed, ["2"], "a resync without news is none");
    assert!(model.cell(&id("2", "Qpo")).unwrap().changed_since(mark));
    assert!(!model.cell(&id("2", "Fit")).unwrap().changed_since(mark));
}

#[test]
fn a_silent_service_is_late_and_then_lost_and_a_stopped_one_is_neither() {
    let mut model = model();
    let status = |state: &str| json!({"kind": "status", "service": "sdb", "state": state, "queued": 3});
    let announced: Announcement = serde_json::from_value(json!({"product": "Alert", "obs_id": 42})).unwrap();
    fold_all(
        &mut model,
        1,
        [Update::Data("sdb".parse().unwrap(), Box::new(announced))],
    );
    assert!(said(&mut model, 10, status("ready")).touches(Part::Services));
    let events = model.events().len();
    assert!(
        said(&mut model, 15, status("ready")).is_clean(),
        "the same again waits for the next second"
    );
    assert_eq!(model.events().len(), events, "and is no event");
    let service = model.services().get(&"sdb".parse().unwrap()).unwrap();
    let liveness = [20, 30, 45].map(|second| service.liveness(at(second)));
    assert_eq!(liveness, [Liveness::Alive, Liveness::Late, Liveness::Lost]);
    let source = model.sources().get(&"sdb".parse().unwrap()).unwrap();
    let alarming = [30, 45].map(|second| source.is_alarming(at(second), model.services()));
    assert_eq!(alarming, [false, true]);
    assert!(
        said(&mut model, 45, status("ready")).touches(Part::Services),
        "who was late is seen again"
    );
    let _ = said(&mut model, 50, status("stopped"));
    let service = model.services().get(&"sdb".parse().unwrap()).unwrap();
    assert_eq!(service.liveness(at(99)), Liveness::Stopped);
}

#[test]
fn a_provider_that_is_said_to_be_as_it_was_is_no_news() {
    let mut model = model();
    let board = serde_json::from_value(
        json!([{"provider": "maker", "state": "up", "url": "http://maker/", "in_flight": 0, "queued": 0}]),
    );
    let board = Update::Snapshot(Snapshot::Providers(board.unwrap()));
    fold_all(&mut model, 1, [board]);
    let events = model.events().len();
    let provider = |state: &str, in_flight: u32| {
        json!({"kind": "provider", "service": "conductor", "provider": "maker", "state": state,
            "in_flight": in_flight, "queued": 0})
    };
    assert!(said(&mut model, 2, provider("up", 0)).is_clean());
    assert!(said(&mut model, 3, provider("up", 1)).touches(Part::Providers));
    assert_eq!(model.events().len(), events);
    assert!(said(&mut model, 4, provider("lost", 1)).touches(Part::Events));
    assert_eq!(model.events().len(), events + 1);
}

#[test]
fn an_alert_rings_once_and_goes_when_it_is_cleared() {
    let mut model = model();
    let alert = |state: &str| {
        json!({"kind": "alert", "service": "conductor", "fingerprint": "f", "severity": "critical", "title": "t",
            "state": state})
    };
    assert!(said(&mut model, 1, alert("raised")).touches(Part::Bell));
    assert!(!said(&mut model, 2, alert("raised")).touches(Part::Bell));
    assert!(said(&mut model, 3, alert("worse")).touches(Part::Bell));
    assert_eq!(model.alerts().newest_first().len(), 1);
    assert!(!said(&mut model, 4, alert("cleared")).touches(Part::Bell));
    assert!(model.alerts().is_empty());
}

#[test]
fn the_columns_are_the_groups_and_the_graph_knows_neighbours() {
    let model = model();
    let graph = model.graph().unwrap();
    let groups: Vec<&str> = graph.groups().iter().map(|group| group.name.as_str()).collect();
    assert_eq!(groups, ["inputs", "timing", "maker"]);
    assert_eq!(graph.product_groups().count(), 2);
    let names = |places: Vec<usize>| {
        places
            .iter()
            .map(|place| graph.nodes()[*place].product.to_string())
            .collect::<Vec<_>>()
    };
    let place = |name: &str| graph.place(&product(name)).unwrap();
    assert_eq!(
        names(graph.descendants(place("Alert")).to_vec()),
        ["Qpo", "Fit", "Sky"]
    );
    assert_eq!(names(graph.ancestors(place("Fit"))), ["Alert", "Qpo"]);
    assert_eq!(names(graph.nodes()[place("Qpo")].o_output.clone()), ["Sky"]);
}
