//! A night for the tests: the graph of group 1, some bursts, failures, what runs, and who is alive.

mod answers;

use super::{App, Settings};
use crate::keys::Keymap;
use crate::model::{Answer, Cause, CellId, Graph, LinkState, Peer, Snapshot, Update, WantedRuns};
use crate::ui::Look;
use crate::ui::glyphs::Charset;
use crate::ui::theme::{Background, Depth};
use crossterm::event::{KeyCode, KeyEvent};
use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Size;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The graph that the project comes with.
const GRAPH: &str = include_str!("../../../graph.json");

/// When the night is looked at.
pub(crate) fn now() -> Timestamp {
    "2026-11-24T04:12:30Z".parse().unwrap()
}

/// An 80x24 screen in colours over a night.
pub(crate) fn night() -> App {
    let mut app = empty();
    for update in updates() {
        let _ = app.hear(now(), update);
    }
    app.settle(now());
    app
}

/// The same screen before anything is known.
pub(crate) fn empty() -> App {
    let settings = Settings {
        look: Look::new(Depth::True, Background::Dark, Charset::Utf8),
        keymap: Keymap::default(),
        readonly: false,
        mouse: false,
        operator: "ada".to_owned(),
    };
    App::new(settings, now(), Size::new(80, 24))
}

/// The pipeline of `QPO_VT` says which parameters it takes.
pub(crate) fn offers(app: &mut App) {
    let node = app
        .live()
        .graph()
        .unwrap()
        .node(&"QPO_VT".parse().unwrap())
        .unwrap();
    let url = node.url.clone().unwrap();
    let offers = json!([{"product": "QPO_VT", "params_schema": {"type": "object", "required": ["radius"], "properties": {
        "radius": {"type": "number", "minimum": 0.1, "maximum": 30, "description": "of the search, in arcmin"},
        "catalogue": {"enum": ["gaia", "ps1"], "default": "gaia"}}}}]);
    let _ = app.hear(now(), Update::Answer(Box::new(Answer::Offers(url, of(offers)))));
}

/// What the conductor says of alerts, runs and the shift, as far as it was asked.
pub(crate) fn pages(app: &mut App) {
    let runs = WantedRuns {
        state: None,
        provider: None,
        since: None,
        limit: app.wanted_runs().limit,
    };
    let shift = now() - jiff::SignedDuration::from_hours(8);
    for answer in [
        Answer::Alerts(of(answers::alerts())),
        Answer::Runs(runs, of(answers::cell()["runs"].clone()), false),
        Answer::Report(shift, answers::REPORT.to_owned()),
    ] {
        let _ = app.hear(now(), Update::Answer(Box::new(answer)));
    }
}

/// What the SDB has of `QPO_VT of sb26112401`, and what its pipeline says of the run that failed.
pub(crate) fn stored(app: &mut App) {
    let cell: CellId = of(json!({"obs_id": "sb26112401", "product": "QPO_VT"}));
    let graph = app.live().graph().unwrap();
    let url = graph.node(&cell.product).unwrap().url.clone().unwrap();
    let job = of(answers::job());
    for answer in [
        Answer::Versions(cell.clone(), of(answers::versions())),
        Answer::Job(cell, url, "run_4f0c3a6e".parse().unwrap(), Some(Box::new(job))),
    ] {
        let _ = app.hear(now(), Update::Answer(Box::new(answer)));
    }
}

/// Types: `o2501`, and keys by name in `<>`, such as `<Enter>`.
pub(crate) fn typed(app: &mut App, keys: &str) -> Vec<super::Effect> {
    let mut effects = Vec::new();
    let mut rest = keys;
    while let Some(letter) = rest.chars().next() {
        let named = rest.strip_prefix('<').and_then(|rest| rest.split_once('>'));
        let key = if let Some((name, after)) = named {
            rest = after;
            name.parse::<crate::keys::Chord>().unwrap().event()
        } else {
            rest = &rest[letter.len_utf8()..];
            KeyEvent::from(KeyCode::Char(letter))
        };
        effects.extend(app.press(key));
    }
    effects
}

fn updates() -> Vec<Update> {
    let up = LinkState {
        is_up: true,
        round_trip_us: Some(12_000),
        error: None,
    };
    let mut updates = vec![
        Update::Link(Peer::Nats, up.clone()),
        Update::Link(Peer::Conductor, up),
        Update::Snapshot(Snapshot::Begin(Cause::Start)),
        Update::Snapshot(Snapshot::Graph(Box::new(of(graph_view())))),
    ];
    updates.extend(
        observations()
            .into_iter()
            .map(|view| Update::Snapshot(Snapshot::Observation(Box::new(of(view))))),
    );
    updates.push(Update::Snapshot(Snapshot::Listed(listed())));
    updates.push(Update::Snapshot(Snapshot::Providers(of(providers()))));
    updates.push(Update::Snapshot(Snapshot::End));
    updates.extend(
        said()
            .into_iter()
            .map(|activity| Update::Activity(Box::new(of(activity)))),
    );
    updates.push(Update::Answer(Box::new(Answer::Cell(of(answers::cell())))));
    updates.push(Update::Answer(Box::new(Answer::Timeline(
        of(answers::timeline()),
    ))));
    updates
}

fn of<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn document() -> Value {
    serde_json::from_str(GRAPH).unwrap()
}

fn names(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// The graph, as the model has it.
pub(crate) fn graph() -> Graph {
    Graph::new(&of(graph_view()))
}

/// Somebody puts another graph in force, without this product.
pub(crate) fn graph_without(app: &mut App, gone: &str) {
    let mut view = graph_view();
    view["sha256"] = "cd".repeat(32).into();
    let products = view["products"].as_array_mut().unwrap();
    products.retain(|product| product["product"] != gone);
    for product in products {
        for inputs in ["m_input", "o_input"] {
            if let Some(inputs) = product[inputs].as_array_mut() {
                inputs.retain(|input| input != gone);
            }
        }
    }
    let _ = app.hear(now(), Update::Snapshot(Snapshot::Graph(Box::new(of(view)))));
}

/// As the conductor tells it: with levels, groups and expected times.
fn graph_view() -> Value {
    let document = document();
    let products = document["products"].as_object().unwrap();
    let mut levels: BTreeMap<&str, u64> = names(&document["inputs"])
        .into_iter()
        .map(|name| (name, 0))
        .collect();
    let mut told = Vec::new();
    while told.len() < products.len() {
        for (name, product) in products
            .iter()
            .filter(|(name, _)| !levels.contains_key(name.as_str()))
            .collect::<Vec<_>>()
        {
            let inputs = names(&product["m_input"])
                .into_iter()
                .chain(names(&product["o_input"]));
            let Some(below) = inputs
                .map(|input| levels.get(input).copied())
                .collect::<Option<Vec<_>>>()
            else {
                continue;
            };
            let level = below.into_iter().max().unwrap_or(0) + 1;
            levels.insert(name, level);
            told.push(json!({
                "product": name, "m_input": product["m_input"], "o_input": product["o_input"], "url": product["url"],
                "provider": product["provider"], "group": product["provider"], "level": level,
                "expected": {"p50_ms": 30_000, "p95_ms": 70_000},
            }));
        }
    }
    json!({
        "sha256": "ab".repeat(32), "loaded_at": "2026-11-23T18:00:00Z",
        "inputs": document["inputs"], "products": told, "document": {},
    })
}

/// An id, minutes ago, and products with their states and reasons.
type Night = (Value, i64, &'static [(&'static str, &'static str, &'static str)]);

/// The ids, minutes ago that they began, and the cells that are not simply done.
fn observations() -> Vec<Value> {
    let night: [Night; 9] = [
        (
            json!("sb26112401"),
            5,
            &[
                (
                    "QPO_VT",
                    "failed",
                    "no calibration: OBATT_VT v1 is of another day",
                ),
                ("QCANDI_VT", "waiting", "blocked by QPO_VT, which failed"),
                ("NOTICE_N2V", "not_expected", "QCANDI_VT is missing"),
                ("QZPH_VT", "not_expected", "QCANDI_VT is missing"),
                ("QXM_MXT", "running", "attempt 1 of 3"),
                ("QLC_MXT", "running", "attempt 1 of 3"),
                ("QSP_MXT", "queued", "mxt_vhf_pipeline is busy"),
                ("NOTICE_N2M", "grace", "awaits QXM_MXT until 04:13:00"),
                ("BURST_SUM", "grace", "awaits QCANDI_VT until 04:13:30"),
                ("CIRC_DRAFT", "waiting", "BURST_SUM is missing"),
            ],
        ),
        (
            json!("sb26112322"),
            49,
            &[
                ("QCAT_ECL", "failed", "timeout: no word for 10m"),
                ("QHR_GRM", "retrying", "attempt 1 of 3 failed: mock-failure"),
                ("CRCLASS", "waiting", "QHR_GRM is missing"),
            ],
        ),
        (
            json!("sb26112319"),
            130,
            &[("QCAT_ECL", "failed", "timeout: no word for 10m")],
        ),
        (
            json!(42),
            12,
            &[
                ("QFLU_ECLGRM", "running", "attempt 2 of 3"),
                ("BURST_SUM", "held", "held by ada"),
            ],
        ),
        (
            json!("sb26112311"),
            400,
            &[("QPO_GRM", "stale", "GrmTmVhfLoc is newer")],
        ),
        (json!("sb26112309"), 460, &[]),
        (
            json!("sb26112304"),
            520,
            &[
                ("QIM1B_VT", "cancelled", "cancelled by ada"),
                ("TT_GRM", "retracted", "wrong trigger"),
            ],
        ),
        (json!("sb26112302"), 610, &[]),
        (
            json!("sb26112301"),
            700,
            &[("QVIS_ECL", "quarantined", "its event could not be decided")],
        ),
    ];
    night
        .into_iter()
        .map(|(obs_id, minutes, special)| observation(&obs_id, minutes, special))
        .collect()
}

fn observation(obs_id: &Value, minutes: i64, special: &[(&str, &str, &str)]) -> Value {
    let document = document();
    let began = now() - SignedDuration::from_mins(minutes);
    let cell = |product: &str, is_input: bool| {
        let found = special.iter().find(|(name, _, _)| *name == product);
        let (state, reason) = match found {
            Some((_, state, reason)) => (*state, Some(*reason)),
            None if is_input => ("received", None),
            None => ("done", None),
        };
        let is_tried = matches!(state, "running" | "failed" | "retrying");
        let attempt = if state == "failed" { 3 } else { 1 };
        let lacks = state == "done" && product == "BURST_SUM" && minutes > 600;
        let since = if state == "running" {
            now() - SignedDuration::from_secs(if product == "QFLU_ECLGRM" { 112 } else { 21 })
        } else {
            began + SignedDuration::from_secs(90)
        };
        json!({
            "product": product, "rev": 3, "state": state, "reason": reason, "since": since, "version": 1,
            "attempt": is_tried.then_some(attempt), "attempts": is_tried.then_some(3),
            "missing": if lacks { vec!["QCANDI_VT"] } else { vec![] },
            "fingerprint": (state == "failed").then(|| format!("failure-{product}")),
            "acknowledged": (product == "QCAT_ECL" && state == "failed").then(|| json!({
                "fingerprint": "failure-QCAT_ECL", "by": "ada", "at": "2026-11-24T03:40:00Z",
                "until": "2026-11-24T11:40:00Z", "note": "catalogue is moved"})),
        })
    };
    let inputs = names(&document["inputs"])
        .into_iter()
        .map(|name| cell(name, true));
    let products = document["products"]
        .as_object()
        .unwrap()
        .keys()
        .map(|name| cell(name, false));
    json!({
        "obs_id": obs_id, "rev": 9, "counts": {}, "worst": null, "cells": inputs.chain(products).collect::<Vec<_>>(),
        "burst_id": obs_id.as_str().map(|id| id.replace("sb", "GRB ")),
    })
}

/// When each observation began is told by the list only.
fn listed() -> Vec<api::conductor::ObservationItem> {
    let minutes = [5, 49, 130, 12, 400, 460, 520, 610, 700];
    observations()
        .into_iter()
        .zip(minutes)
        .map(|(view, minutes)| {
            let began = now() - SignedDuration::from_mins(minutes);
            of(json!({
                "obs_id": view["obs_id"], "rev": 9, "counts": {}, "worst": null, "burst_id": view["burst_id"],
                "first_at": began, "updated_at": began + SignedDuration::from_secs(90),
            }))
        })
        .collect()
}

fn providers() -> Value {
    let state = |name: &str| if name == "notice_pipeline" { "paused" } else { "up" };
    let names = [
        "mxt_vhf_pipeline",
        "notice_pipeline",
        "vvpp_pipeline",
        "qpo_ecl_pipeline",
        "ecl_vhf_pipeline",
    ];
    names
        .into_iter()
        .map(|name| json!({"provider": name, "state": state(name), "url": "http://h/", "products": [], "in_flight": 2, "queued": 1}))
        .collect()
}

/// What is said live: who is alive, an act, a run that failed.
fn said() -> Vec<Value> {
    let status = |service: &str, state: &str, in_flight: u64, queued: u64, detail: &str| json!({"kind": "status", "service": service, "state": state, "in_flight": in_flight, "queued": queued, "detail": detail});
    vec![
        status("conductor", "ready", 3, 1, ""),
        status("sdb", "degraded", 0, 0, "disk 91 % full"),
        status("mxt_vhf_pipeline", "busy", 2, 1, ""),
        status("vvpp_pipeline", "ready", 0, 0, ""),
        status("notice_pipeline", "ready", 0, 2, ""),
        json!({"kind": "processing", "service": "vvpp_pipeline", "run_id": "r1", "product": "QPO_VT", "obs_id": "sb26112401",
               "attempt": 3, "state": "failed", "error": {"class": "permanent", "code": "no-calibration", "message": "OBATT_VT v1 is of another day"}}),
        json!({"kind": "operator", "service": "conductor", "verb": "hold", "target": "BURST_SUM of 42", "by": "ada", "note": "new ancillary file", "outcome": "held"}),
        json!({"kind": "rejected", "service": "conductor", "subject": "data.vhf", "reason": "no JSON object", "excerpt": "hello"}),
    ]
}
