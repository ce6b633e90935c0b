//! Lists that follow each change are the same as those that are made anew of what is known then.

use crate::scene::{Truth, at, obs, product, word};
use api::conductor::{GraphView, ObservationItem, ObservationView};
use console::model::{Cause, CellId, CellRef, Failure, Model, Observation, Snapshot, Update};
use domain::CellState;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// `X` is a product that no graph knows.
const PRODUCTS: [&str; 6] = ["Alert", "Curve", "Qpo", "Fit", "Sky", "X"];
const OBSERVATIONS: [&str; 5] = ["1", "2", "10", "sb26022501", "a"];
const CAUSES: [&str; 3] = ["f", "g", "h"];

/// Something that happens.
#[derive(Debug, Clone)]
enum Step {
    /// The word of a change.
    Word(Box<Told>),
    /// One observation as the conductor tells it, and until when its causes have been seen.
    Single(usize, Vec<Told>, Option<i64>),
    /// A resync that brings only some of the observations, in part by their numbers only.
    Resync(BTreeSet<usize>),
    /// The other of two graphs.
    Graph,
    /// Time, before the lists are looked at.
    Passes(i64),
}

#[derive(Debug, Clone)]
struct Told {
    obs_id: usize,
    product: usize,
    state: CellState,
    since: i64,
    reason: u8,
    cause: Option<usize>,
}

impl Told {
    fn truth(&self, rev: u64) -> Truth {
        let failed = self.state == CellState::Failed;
        Truth {
            rev,
            state: self.state,
            reason: (self.reason > 0).then(|| format!("because of {}", self.reason)),
            since: at(self.since),
            fingerprint: self
                .cause
                .filter(|_| failed)
                .map(|cause| CAUSES[cause].to_owned()),
        }
    }
}

prop_compose! {
    fn told()(
        obs_id in 0..OBSERVATIONS.len(),
        product in 0..PRODUCTS.len(),
        state in prop_oneof![
            3 => Just(CellState::Failed),
            3 => Just(CellState::Running),
            1 => Just(CellState::Requested),
            1 => Just(CellState::Quarantined),
            2 => Just(CellState::Done),
            2 => prop::sample::select(&CellState::ALL[..]),
        ],
        since in 0..60i64,
        reason in 0..3u8,
        cause in prop::option::of(0..CAUSES.len()),
    ) -> Told {
        Told { obs_id, product, state, since, reason, cause }
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => told().prop_map(|told| Step::Word(Box::new(told))),
        3 => (0..OBSERVATIONS.len(), prop::collection::vec(told(), 0..6), prop::option::of(0..90i64))
            .prop_map(|(obs_id, cells, until)| Step::Single(obs_id, cells, until)),
        1 => prop::collection::btree_set(0..OBSERVATIONS.len(), 0..5).prop_map(Step::Resync),
        1 => Just(Step::Graph),
        8 => (0..9i64).prop_map(Step::Passes),
    ]
}

/// Two graphs that differ in what `Qpo` blocks, and in who makes `Fit`.
fn graph(is_other: bool) -> GraphView {
    let (of_fit, maker) = if is_other {
        ("Curve", "other")
    } else {
        ("Qpo", "maker")
    };
    let made = |name: &str, input: &str, provider: &str| {
        json!({"product": name, "m_input": [input], "o_input": [], "provider": provider, "url": "http://maker",
            "group": "", "level": 1, "expected": {"p50_ms": 10_000, "p95_ms": 20_000}})
    };
    let hash = if is_other { "11" } else { "00" }.repeat(32);
    serde_json::from_value(json!({"sha256": hash, "loaded_at": at(0), "document": {}, "inputs": ["Alert", "Curve"],
        "products": [made("Qpo", "Alert", "maker"), made("Fit", of_fit, maker), made("Sky", "Qpo", "maker")]}))
    .unwrap()
}

fn view(obs_id: usize, cells: &[Told], rev: u64, until: Option<i64>) -> ObservationView {
    let cells = cells.iter().map(|told| {
        let truth = told.truth(rev);
        let seen = until.zip(truth.fingerprint.as_ref()).map(
            |(until, f)| json!({"fingerprint": f, "by": "ada", "at": at(0), "until": at(until), "note": null}),
        );
        json!({"product": PRODUCTS[told.product], "rev": rev, "state": truth.state, "since": truth.since,
            "reason": truth.reason, "fingerprint": truth.fingerprint, "acknowledged": seen})
    });
    let cells: Vec<_> = cells.collect();
    serde_json::from_value(
        json!({"obs_id": OBSERVATIONS[obs_id], "rev": rev, "counts": {}, "worst": null,
        "cells": cells}),
    )
    .unwrap()
}

/// What the conductor sends of a step.
fn updates(model: &Model, step: &Step, rev: u64, is_other: &mut bool) -> Vec<Update> {
    let parts = match step {
        Step::Word(told) => {
            let (obs_id, product) = (obs(OBSERVATIONS[told.obs_id]), product(PRODUCTS[told.product]));
            return vec![word(&obs_id, &product, &told.truth(rev))];
        }
        Step::Single(obs_id, cells, until) => {
            vec![Snapshot::Single(Box::new(view(*obs_id, cells, rev, *until)))]
        }
        Step::Resync(brought) => {
            let known = model
                .observations()
                .map(|observation| observation.obs_id().clone());
            let known: BTreeSet<_> = known.collect();
            let brought = brought.iter().map(|at| obs(OBSERVATIONS[*at]));
            let items = brought.map(|obs_id| {
                let item = json!({"obs_id": obs_id, "rev": rev, "counts": {"failed": 1, "running": 2}, "burst_id": null,
                    "first_at": known.contains(&obs_id).then(|| at(3)), "updated_at": at(5)});
                serde_json::from_value::<ObservationItem>(item).unwrap()
            });
            let begin = Snapshot::Begin(Cause::Asked);
            vec![begin, Snapshot::Listed(items.collect()), Snapshot::End]
        }
        Step::Graph => {
            *is_other = !*is_other;
            vec![Snapshot::Graph(Box::new(graph(*is_other)))]
        }
        Step::Passes(_) => vec![],
    };
    parts.into_iter().map(Update::Snapshot).collect()
}

/// The observations in their order, by what is known of each.
fn attention(model: &Model) -> Vec<Observation<'_>> {
    let mut all: Vec<Observation<'_>> = model.observations().collect();
    all.sort_by_key(|observation| {
        (
            Reverse(observation.wants_attention()),
            Reverse(observation.is_late()),
            Reverse(observation.worst()),
            Reverse(observation.first_at().unwrap_or(observation.updated_at())),
            observation.obs_id().clone(),
        )
    });
    all
}

fn running(model: &Model) -> Vec<CellId> {
    let cells = model.observations().flat_map(Observation::cells);
    let with_provider =
        |cell: &CellRef<'_>| matches!(cell.state(), CellState::Requested | CellState::Running);
    let mut cells: Vec<CellRef<'_>> = cells.filter(with_provider).collect();
    cells.sort_by_key(|cell| {
        let is_sent = cell.state() != CellState::Running;
        (is_sent, !cell.is_late(), cell.since(), cell.id())
    });
    cells.into_iter().map(CellRef::id).collect()
}

/// What is compared of a failure.
type Seen = (
    bool,
    Reverse<Timestamp>,
    String,
    Vec<CellId>,
    BTreeSet<CellId>,
    String,
    Timestamp,
    bool,
);

fn failures(model: &Model) -> Vec<Seen> {
    let problems: Vec<CellRef<'_>> = model
        .observations()
        .flat_map(Observation::cells)
        .filter(|cell| cell.is_problem())
        .collect();
    let told = |cell: CellRef<'_>| {
        (
            cell.provider().cloned(),
            cell.reason().unwrap_or_default().to_owned(),
        )
    };
    let mut known: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    for cell in &problems {
        if let Some(fingerprint) = cell.fingerprint() {
            known.entry(told(*cell)).or_default().insert(fingerprint);
        }
    }
    let mut groups: BTreeMap<String, Vec<CellRef<'_>>> = BTreeMap::new();
    for cell in problems {
        let of_others = || known.get(&told(cell)).and_then(BTreeSet::first).copied();
        let id = match cell.fingerprint().or_else(of_others) {
            Some(fingerprint) => format!("0 {fingerprint}"),
            None => format!("1 {:?}", told(cell)),
        };
        groups.entry(id).or_default().push(cell);
    }
    let seen = |(id, mut cells): (String, Vec<CellRef<'_>>)| {
        cells.sort_by_key(|cell| (Reverse(cell.since()), cell.id()));
        let blocks = cells.iter().flat_map(|cell| {
            let obs_id = cell.id().obs_id;
            let products = cell.blocks().into_iter().cloned();
            products.map(move |product| CellId {
                obs_id: obs_id.clone(),
                product,
            })
        });
        let by = id
            .strip_prefix("0 ")
            .and_then(|fingerprint| model.seen_by(fingerprint));
        let (newest, oldest) = (cells[0], cells[cells.len() - 1]);
        let blocks = blocks.collect();
        let reason = newest.reason().unwrap_or_default().to_owned();
        let ids = cells.iter().map(|cell| cell.id()).collect();
        let is_seen = by.is_some();
        (
            is_seen,
            Reverse(newest.since()),
            id,
            ids,
            blocks,
            reason,
            oldest.since(),
            is_seen,
        )
    };
    let mut failures: Vec<Seen> = groups.into_iter().map(seen).collect();
    failures.sort();
    failures
}

/// Compares the lists with those that are made anew.
fn assert_followed(model: &Model) {
    let anew = attention(model);
    let followed: Vec<_> = model.by_attention().collect();
    assert_eq!(followed, anew.iter().map(|one| one.obs_id()).collect::<Vec<_>>());
    let problems: Vec<CellId> = model.problems().collect();
    let of_anew = anew.iter().flat_map(|one| one.cells());
    let of_anew: Vec<CellId> = of_anew
        .filter(|cell| cell.is_problem())
        .map(CellRef::id)
        .collect();
    assert_eq!(problems, of_anew);
    let anew = running(model);
    assert_eq!(model.running(0).collect::<Vec<_>>(), anew);
    assert_eq!(model.running_len(), anew.len());
    for (place, cell) in anew.iter().enumerate() {
        assert_eq!(model.running_place(cell), Some(place));
        assert_eq!(model.running(place).next().as_ref(), Some(cell));
    }
    let anew = failures(model);
    assert_eq!(
        (model.failures().count(), model.failures_len()),
        (anew.len(), anew.len())
    );
    for (followed, anew) in model.failures().zip(&anew) {
        assert_failure(model, followed, anew);
    }
    for cell in &problems {
        let failure = model.failure_of(cell).unwrap();
        assert!(failure.cells().any(|other| other == *cell));
    }
}

fn assert_failure(model: &Model, followed: &Failure, anew: &Seen) {
    let (is_seen, newest, _, cells, blocks, reason, oldest, _) = anew;
    assert_eq!(&followed.cells().collect::<Vec<_>>(), cells);
    assert_eq!(
        (followed.count(), followed.newest_cell()),
        (cells.len(), cells.first().cloned())
    );
    assert_eq!((followed.newest, followed.oldest), (newest.0, *oldest));
    assert_eq!(
        (&*followed.reason, followed.is_acknowledged()),
        (reason.as_str(), *is_seen)
    );
    assert_eq!(followed.blocked(), blocks.len());
    let products: BTreeSet<_> = blocks.iter().map(|cell| &cell.product).collect();
    assert_eq!(
        followed.blocked_products(model),
        products.into_iter().collect::<Vec<_>>()
    );
}

proptest! {
    #[test]
    fn a_list_that_followed_is_the_one_made_anew(steps in prop::collection::vec(step(), 1..60)) {
        let mut model = Model::new();
        let (mut now, mut is_other) = (30, false);
        let _ = model.fold(at(now), Update::Snapshot(Snapshot::Graph(Box::new(graph(is_other)))));
        for (rev, step) in (1..).zip(&steps) {
            for update in updates(&model, step, rev, &mut is_other) {
                let _ = model.fold(at(now), update);
            }
            if let Step::Passes(seconds) = step {
                now += seconds;
                let before = model.editions();
                let dirty = model.settle(at(now));
                prop_assert_eq!(dirty.is_clean(), model.editions() == before);
                assert_followed(&model);
            }
        }
        let _ = model.settle(at(now));
        assert_followed(&model);
        prop_assert!(model.settle(at(now)).is_clean(), "nothing has changed since");
    }
}
