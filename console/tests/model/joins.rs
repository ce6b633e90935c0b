//! Snapshot and live words of one cell.

use crate::scene::{Ledger, at, fold_all, graph, id, known, model, obs, product};
use console::model::{Cause, LinkState, Part, Peer, Snapshot, Update};
use domain::{Activity, CellState};
use serde_json::json;

#[test]
fn what_the_snapshot_lacks_is_gone_unless_it_was_heard_of_since() {
    let mut ledger = Ledger::default();
    let mut model = model();
    let old = ledger.change(1, "1", "Alert", CellState::Received, "");
    fold_all(&mut model, 1, [old]);
    let mut other = Ledger::default();
    let _ = other.change(2, "2", "Alert", CellState::Received, "");
    let mut parts = other.resync().into_iter();
    fold_all(&mut model, 2, parts.next());
    let new = ledger.change(3, "3", "Alert", CellState::Received, "");
    fold_all(&mut model, 3, [new]);
    fold_all(&mut model, 4, parts);
    let there = [obs("1"), obs("2"), obs("3")].map(|obs_id| model.observation(&obs_id).is_some());
    assert_eq!(there, [false, true, true]);
    assert_eq!(model.links().sync().at, Some(at(4)));
}

#[test]
fn a_snapshot_that_breaks_off_takes_nothing_away() {
    let mut ledger = Ledger::default();
    let mut model = model();
    let word = ledger.change(1, "1", "Alert", CellState::Received, "");
    fold_all(&mut model, 1, [word]);
    let broken = [
        Snapshot::Begin(Cause::Asked),
        Snapshot::Failed("no answer".to_owned()),
    ];
    fold_all(&mut model, 2, broken.map(Update::Snapshot));
    assert_eq!(known(&model), ledger.0);
    let sync = model.links().sync();
    assert_eq!(
        (sync.running, sync.error.as_deref(), sync.count),
        (None, Some("no answer"), 0)
    );
}

#[test]
fn an_observation_by_itself_brings_only_what_is_newer() {
    let mut ledger = Ledger::default();
    let mut model = model();
    let _ = ledger.change(1, "1", "Alert", CellState::Received, "");
    let _ = ledger.change(1, "1", "Qpo", CellState::Queued, "waits");
    let stale = ledger.view(&ledger.items()[0]);
    let word = ledger.change(2, "1", "Qpo", CellState::Running, "at work");
    fold_all(
        &mut model,
        2,
        [word, Update::Snapshot(Snapshot::Single(Box::new(stale)))],
    );
    assert_eq!(known(&model), ledger.0);
    assert!(model.observation(&obs("1")).unwrap().is_known());
}

#[test]
fn what_is_known_in_part_is_asked_for_once_in_a_while() {
    let mut ledger = Ledger::default();
    let mut model = model();
    let words: Vec<Update> = (0..3)
        .map(|second| ledger.change(second, "1", "Qpo", CellState::Running, ""))
        .collect();
    let mut wants = |second: i64, word: &Update| model.fold(at(second), word.clone()).wants;
    assert_eq!(wants(0, &words[0]), [obs("1")]);
    assert_eq!(wants(1, &words[1]), []);
    assert_eq!(wants(7, &words[2]), [obs("1")]);
    fold_all(&mut model, 8, ledger.resync());
    let next = ledger.change(9, "1", "Qpo", CellState::Done, "");
    assert_eq!(model.fold(at(20), next).wants, []);
    let _lost = ledger.change(21, "1", "Qpo", CellState::Stale, "");
    let after = ledger.change(22, "1", "Qpo", CellState::Running, "");
    assert_eq!(
        model.fold(at(22), after).wants,
        [obs("1")],
        "a revision is missing"
    );
}

#[test]
fn the_list_counts_until_the_cells_are_known() {
    let mut ledger = Ledger::default();
    let mut model = model();
    let _ = ledger.change(1, "1", "Alert", CellState::Received, "");
    let _ = ledger.change(1, "1", "Qpo", CellState::Failed, "x: y");
    let items = ledger.items();
    let listed = [Snapshot::Begin(Cause::Start), Snapshot::Listed(items.clone())];
    fold_all(&mut model, 2, listed.map(Update::Snapshot));
    let observation = model.observation(&obs("1")).unwrap();
    assert_eq!(
        (observation.counts().expected(), observation.worst()),
        (2, Some(CellState::Failed))
    );
    assert!(!observation.is_known() && model.problems().next().is_none());
    let word = ledger.change(3, "1", "Qpo", CellState::Running, "");
    fold_all(&mut model, 3, [word]);
    assert_eq!(model.totals().expected(), 2);
    let view = Snapshot::Observation(Box::new(ledger.view(&items[0])));
    fold_all(&mut model, 4, [Update::Snapshot(view)]);
    assert_eq!(known(&model), ledger.0);
    assert_eq!((model.totals().running(), model.totals().problems()), (1, 0));
}

#[test]
fn progress_is_of_the_attempt_that_runs_and_never_goes_back() {
    let mut model = model();
    let cell = |rev: u64, attempt: u32, state: &str| {
        json!({"kind": "cell", "service": "conductor", "rev": rev, "obs_id": 1, "product": "Qpo", "state": state,
            "since": at(1), "run_id": "run_1", "attempt": attempt, "attempts": 3})
    };
    let run = |attempt: u32, progress: f64| {
        json!({"kind": "processing", "service": "maker", "run_id": "run_1", "product": "Qpo", "obs_id": 1,
            "attempt": attempt, "state": "running", "progress": progress})
    };
    let mut after = |said: serde_json::Value| {
        let said: Activity = serde_json::from_value(said).unwrap();
        let _ = model.fold(at(1), Update::Activity(Box::new(said)));
        model
            .cell(&id("1", "Qpo"))
            .and_then(console::model::CellRef::progress)
    };
    assert_eq!(after(cell(1, 1, "running")), None);
    assert_eq!(after(run(1, 0.5)), Some(0.5));
    assert_eq!(after(run(1, 0.25)), Some(0.5));
    assert_eq!(
        after(run(2, 0.9)),
        Some(0.5),
        "an attempt that the cell does not have yet"
    );
    assert_eq!(after(cell(2, 2, "running")), None);
    assert_eq!(after(run(2, 7.0)), Some(1.0));
    assert_eq!(after(cell(3, 2, "done")), None);
    assert_eq!(after(run(2, 1.0)), None);
}

#[test]
fn links_are_told_apart_and_since_when() {
    let mut model = model();
    let state = |is_up, error: Option<&str>| LinkState {
        is_up,
        round_trip_us: None,
        error: error.map(ToOwned::to_owned),
    };
    let news = [
        (1, Peer::Nats, state(true, None), true),
        (2, Peer::Nats, state(true, None), false),
        (3, Peer::Conductor, state(false, Some("refused")), true),
        (4, Peer::Conductor, state(false, Some("no answer")), true),
    ];
    for (second, peer, state, is_news) in news {
        let dirty = model.fold(at(second), Update::Link(peer, state));
        assert_eq!(dirty.touches(Part::Links), is_news, "{second}");
    }
    let links = model.links();
    assert_eq!(
        (links.to(Peer::Nats).since, links.to(Peer::Conductor).since),
        (Some(at(1)), Some(at(3)))
    );
    assert!(links.to(Peer::Conductor).is_down() && !links.to(Peer::Sdb).is_down() && !links.are_up());
}

#[test]
fn another_graph_keeps_the_cells_and_their_names() {
    let mut ledger = Ledger::default();
    let mut model = model();
    let word = ledger.change(1, "1", "Fit", CellState::Done, "");
    fold_all(&mut model, 1, [word]);
    let mut smaller = graph();
    smaller.products.retain(|made| made.product != product("Fit"));
    fold_all(
        &mut model,
        2,
        [Update::Snapshot(Snapshot::Graph(Box::new(smaller)))],
    );
    let observation = model.observation(&obs("1")).unwrap();
    let foreign: Vec<String> = observation
        .foreign()
        .map(|cell| cell.product().to_string())
        .collect();
    assert_eq!(foreign, ["Fit"]);
    assert_eq!(known(&model), ledger.0);
}
