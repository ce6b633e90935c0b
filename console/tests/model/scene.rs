//! A small graph, a conductor's memory of three observations, and words about them.

use api::conductor::{Cell, GraphView, ObservationItem, ObservationView};
use console::model::{Cause, CellId, Model, Snapshot, Update};
use domain::{Activity, CellState, ObsId, ProductName};
use jiff::Timestamp;
use serde_json::json;
use std::collections::BTreeMap;

/// `Alert` and `Curve` come; `Qpo` is made of `Alert`, `Fit` of `Qpo`, `Sky` of `Alert` and, if it is there, `Qpo`.
pub(crate) const NODES: [&str; 5] = ["Alert", "Curve", "Qpo", "Fit", "Sky"];

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

pub(crate) fn product(name: &str) -> ProductName {
    name.parse().unwrap()
}

pub(crate) fn obs(name: &str) -> ObsId {
    name.parse().unwrap()
}

pub(crate) fn id(obs_id: &str, name: &str) -> CellId {
    CellId {
        obs_id: obs(obs_id),
        product: product(name),
    }
}

pub(crate) fn graph() -> GraphView {
    let made = |name: &str, m_input: &[&str], o_input: &[&str], group: &str, level: u32| {
        json!({"product": name, "m_input": m_input, "o_input": o_input, "provider": "maker", "url": "http://maker",
            "group": group, "level": level, "expected": {"p50_ms": 10_000, "p95_ms": 20_000}})
    };
    serde_json::from_value(json!({
        "sha256": "00".repeat(32), "loaded_at": at(0), "document": {},
        "inputs": ["Alert", "Curve"],
        "products": [
            made("Qpo", &["Alert"], &[], "timing", 1),
            made("Fit", &["Qpo"], &[], "timing", 2),
            made("Sky", &["Alert"], &["Qpo"], "", 1),
        ],
    }))
    .unwrap()
}

/// A model that has the graph.
pub(crate) fn model() -> Model {
    let mut model = Model::new();
    let _ = model.fold(at(0), Update::Snapshot(Snapshot::Graph(Box::new(graph()))));
    model
}

/// What is true of a cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Truth {
    pub(crate) rev: u64,
    pub(crate) state: CellState,
    pub(crate) reason: Option<String>,
    pub(crate) since: Timestamp,
    /// Of a failed cell.
    pub(crate) fingerprint: Option<String>,
}

/// The word of a change.
pub(crate) fn word(obs_id: &ObsId, product: &ProductName, truth: &Truth) -> Update {
    let cell = json!({"kind": "cell", "service": "conductor", "rev": truth.rev, "obs_id": obs_id, "product": product,
        "state": truth.state, "since": truth.since, "reason": truth.reason, "fingerprint": truth.fingerprint});
    Update::Activity(Box::new(serde_json::from_value::<Activity>(cell).unwrap()))
}

/// What the conductor knows, and how it tells it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger(pub(crate) BTreeMap<(ObsId, ProductName), Truth>);

impl Ledger {
    /// A change, and the word of it.
    pub(crate) fn change(
        &mut self,
        now: i64,
        obs_id: &str,
        name: &str,
        state: CellState,
        reason: &str,
    ) -> Update {
        let key = (obs(obs_id), product(name));
        let rev = self.0.get(&key).map_or(0, |known| known.rev) + 1;
        let reason = (!reason.is_empty()).then(|| reason.to_owned());
        let truth = Truth {
            rev,
            state,
            reason,
            since: at(now),
            fingerprint: (state == CellState::Failed).then(|| format!("failure-{name}")),
        };
        let word = word(&key.0, &key.1, &truth);
        self.0.insert(key, truth);
        word
    }

    pub(crate) fn items(&self) -> Vec<ObservationItem> {
        let mut items: BTreeMap<&ObsId, ObservationItem> = BTreeMap::new();
        for ((obs_id, _), truth) in &self.0 {
            let item = items.entry(obs_id).or_insert_with(|| {
                serde_json::from_value(json!({"obs_id": obs_id, "rev": 0, "counts": {}, "burst_id": null}))
                    .unwrap()
            });
            item.rev += truth.rev;
            *item.counts.entry(truth.state).or_default() += 1;
            item.updated_at = item.updated_at.max(Some(truth.since));
            item.first_at = Some(item.first_at.unwrap_or(truth.since).min(truth.since));
        }
        items.into_values().collect()
    }

    pub(crate) fn view(&self, item: &ObservationItem) -> ObservationView {
        let of_graph = NODES
            .iter()
            .map(|name| (product(name), self.0.get(&(item.obs_id.clone(), product(name)))));
        let cells = of_graph.map(|(product, truth)| {
            let cell = match truth {
                Some(truth) => json!({"product": product, "rev": truth.rev, "state": truth.state,
                    "reason": truth.reason, "since": truth.since, "fingerprint": truth.fingerprint}),
                None => json!({"product": product, "rev": 0, "state": "not_expected", "since": at(0)}),
            };
            serde_json::from_value::<Cell>(cell).unwrap()
        });
        ObservationView {
            obs_id: item.obs_id.clone(),
            rev: item.rev,
            counts: item.counts.clone(),
            worst: None,
            burst_id: item.burst_id.clone(),
            cells: cells.collect(),
        }
    }

    /// A whole resync.
    pub(crate) fn resync(&self) -> Vec<Update> {
        let items = self.items();
        let views = items
            .iter()
            .map(|item| Snapshot::Observation(Box::new(self.view(item))));
        let parts = [Snapshot::Begin(Cause::Asked), Snapshot::Listed(items.clone())];
        let all = parts.into_iter().chain(views).chain([Snapshot::End]);
        all.map(Update::Snapshot).collect()
    }
}

pub(crate) fn fold_all(model: &mut Model, now: i64, updates: impl IntoIterator<Item = Update>) {
    for update in updates {
        let _ = model.fold(at(now), update);
    }
    let _ = model.settle(at(now));
}

/// What of a model is compared with the ledger.
pub(crate) fn known(model: &Model) -> BTreeMap<(ObsId, ProductName), Truth> {
    let cells = model.observations().flat_map(console::model::Observation::cells);
    let there = cells.filter(|cell| cell.state() != CellState::NotExpected);
    there
        .map(|cell| {
            let id = cell.id();
            let truth = Truth {
                rev: cell.rev(),
                state: cell.state(),
                reason: cell.reason().map(ToOwned::to_owned),
                since: cell.since(),
                fingerprint: cell.fingerprint().map(ToOwned::to_owned),
            };
            ((id.obs_id, id.product), truth)
        })
        .collect()
}
