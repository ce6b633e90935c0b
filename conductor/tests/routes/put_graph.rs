//! `PUT /graph`.

use crate::scene::{GRAPH, Scene, each, text};
use serde_json::{Value, json};

/// The graph of the scene with an edit.
fn edited(edit: impl FnOnce(&mut Value)) -> String {
    let mut document: Value = serde_json::from_str(GRAPH).unwrap();
    edit(&mut document);
    document.to_string()
}

/// QPO is gone with its provider, LC may fail more often, NEW is made from an alert, and FSC from what is left.
fn other() -> String {
    edited(|document| {
        let products = document["products"].as_object_mut().unwrap();
        products.remove("QPO");
        products["LC"]["attempts"] = 5.into();
        products["FSC"]["m_input"] = json!(["LC"]);
        let new = json!({"m_input": ["Alert"], "provider": "new", "url": "http://new:5000/x"});
        products.insert("NEW".to_owned(), new);
        document["providers"]["lc"]["max_in_flight"] = 3.into();
    })
}

#[tokio::test]
async fn a_dry_run_tells_what_would_change_and_changes_nothing() {
    let scene = Scene::begin().await;
    let before = scene.get("/graph").await.ok();
    scene.arrive("42", "vhf", "Alert", 1).await;
    let answer = scene.put("/graph?dry_run=true", &[], other()).await;
    let answer = answer.ok();
    assert_eq!(answer["replaces"], before["sha256"]);
    assert_eq!(
        answer["products"],
        json!({"added": ["NEW"], "removed": ["QPO"], "changed": [
            {"name": "FSC", "fields": [{"field": "m_input", "was": ["LC", "QPO"], "is": ["LC"]}]},
            {"name": "LC", "fields": [{"field": "attempts", "was": 3, "is": 5}]},
        ]})
    );
    assert_eq!(
        answer["providers"],
        json!({"added": ["new"], "removed": ["qpo"], "changed": [
            {"name": "lc", "fields": [{"field": "max_in_flight", "was": 2, "is": 3}]},
        ]})
    );
    assert_eq!(
        answer["inputs"],
        json!({"added": [], "removed": [], "changed": []})
    );
    // QPO is with its pipeline, and goes on there.
    assert_eq!(
        answer["unfinished"],
        json!({"observations": 1, "looked_at": 1, "requests": 1, "cells": [
            {"product": "NEW", "was": "not_expected", "state": "queued", "count": 1},
        ]})
    );
    assert_eq!(scene.get("/graph").await.ok(), before);
    assert_eq!(each(&scene.get("/events").await.ok(), "verb").len(), 0);
}

#[tokio::test]
async fn a_graph_that_is_put_is_in_force_with_the_answer_once_and_over_a_restart() {
    let scene = Scene::begin().await;
    let headers = [("X-Operator", "ops"), ("Idempotency-Key", "g1")];
    let path = "/graph?note=shift%202";
    let first = scene.put(path, &headers, other()).await.ok();
    assert_eq!(
        (&first["dry_run"], &first["unfinished"]["observations"]),
        (&json!(false), &json!(0))
    );
    assert_eq!(scene.put(path, &headers, other()).await.ok(), first, "a repeat");
    let reused = scene.put(path, &headers, GRAPH).await;
    assert_eq!(text(&reused.json()["code"]), "idempotency-key-reused");

    let graph = scene.get("/graph").await.ok();
    assert_eq!(
        graph["document"],
        serde_json::from_str::<Value>(&other()).unwrap()
    );
    assert_eq!(
        (&graph["sha256"], &graph["by"], &graph["note"]),
        (&first["sha256"], &json!("ops"), &json!("shift 2"))
    );
    let events = scene.get("/events").await.ok();
    assert_eq!(each(&events, "verb"), ["graph"]);
    let act = &events["items"][0];
    assert_eq!(
        (&act["by"], &act["note"], &act["target"], &act["outcome"]),
        (
            &json!("ops"),
            &json!("shift 2"),
            &first["sha256"],
            &json!(
                "in force: 1 product added, 1 product removed, 2 products changed, \
                1 provider added, 1 provider removed, 1 provider changed"
            )
        )
    );
    // What the routes tell of products follows it.
    assert_eq!(scene.ask("NEW", 42).await.status, 409);
    assert_eq!(scene.ask("QPO", 42).await.status, 404);

    let kept = scene.ledger.graphs().await.unwrap();
    assert_eq!((kept.len(), kept[0].text.as_str()), (1, other().as_str()));
    assert_eq!(
        kept[0].signature.as_ref().map(|signature| signature.by.as_str()),
        Some("ops")
    );
}

#[tokio::test]
async fn a_graph_takes_the_place_of_the_one_that_it_was_written_for() {
    let scene = Scene::begin().await;
    let read = scene.get("/graph").await;
    let tag = read.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(tag, format!("\"{}\"", text(&read.ok()["sha256"])));
    let mine = [
        ("X-Operator", "ada"),
        ("If-Match", &*tag),
        ("Idempotency-Key", "g1"),
    ];
    let path = "/graph?note=shift%202";
    let first = scene.put(path, &mine, other()).await.ok();

    // Ben read the same graph, and would undo what Ada did.
    let late = [("X-Operator", "ben"), ("If-Match", &*tag)];
    let bens = edited(|document| document["products"]["LC"]["attempts"] = 4.into());
    for path in ["/graph", "/graph?dry_run=true"] {
        let refused = scene.put(path, &late, bens.clone()).await;
        let problem = refused.problem(412, "graph-changed");
        assert_eq!(
            (&problem["sha256"], &problem["by"], &problem["note"]),
            (&first["sha256"], &json!("ada"), &json!("shift 2"))
        );
        let told = text(&problem["detail"]);
        assert!(
            told.contains(&text(&first["sha256"]))
                && told.ends_with("put by ada: shift 2; nothing was changed"),
            "{told}"
        );
    }
    let events = scene.get("/events").await.ok();
    assert_eq!(each(&events, "verb"), ["graph"]);
    // A repeat is no second act, whatever is in force meanwhile.
    assert_eq!(scene.put(path, &mine, other()).await.ok(), first);

    let now = scene.get("/graph").await.headers["etag"]
        .to_str()
        .unwrap()
        .to_owned();
    for (tags, graph) in [(now.as_str(), bens.as_str()), ("*", GRAPH)] {
        let put = scene.put("/graph", &[("If-Match", tags)], graph.to_owned()).await;
        assert_eq!(put.ok()["dry_run"], json!(false), "{tags}");
    }
}

#[tokio::test]
async fn of_two_at_once_one_takes_the_place() {
    let scene = Scene::begin().await;
    let read = scene.get("/graph").await;
    let tag = read.headers["etag"].to_str().unwrap().to_owned();
    let headers = [("If-Match", &*tag)];
    let bens = edited(|document| document["products"]["LC"]["attempts"] = 4.into());
    let (one, two) = tokio::join!(
        scene.put("/graph", &headers, other()),
        scene.put("/graph", &headers, bens)
    );
    let (first, late) = if one.status.is_success() {
        (one, two)
    } else {
        (two, one)
    };
    let problem = late.problem(412, "graph-changed");
    assert_eq!(problem["sha256"], first.ok()["sha256"]);
    assert_eq!(each(&scene.get("/events").await.ok(), "verb"), ["graph"]);
}

#[tokio::test]
async fn every_mistake_is_told_with_its_path_and_the_graph_in_force_stays() {
    let scene = Scene::begin().await;
    let before = scene.get("/graph").await.ok();
    let wrong = edited(|document| {
        document["products"]["LC"]["attempts"] = "many".into();
        document["products"]["FSC"]["m_input"] = json!(["LC", "QPX"]);
    });
    for path in ["/graph", "/graph?dry_run=true"] {
        let answer = scene.put(path, &[], wrong.clone()).await;
        let problem = answer.json();
        assert_eq!(
            (answer.status.as_u16(), text(&problem["code"])),
            (422, "invalid-graph".to_owned())
        );
        let paths: Vec<String> = problem["mistakes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|mistake| text(&mistake["path"]))
            .collect();
        assert_eq!(paths, ["$.products.FSC.m_input[1]", "$.products.LC.attempts"]);
        assert_eq!(text(&problem["detail"]).lines().count(), 2);
    }
    let binary = scene.put("/graph", &[], b"{\xff".to_vec()).await;
    assert_eq!(text(&binary.json()["detail"]), "$: not UTF-8 from byte 1 on");
    let large = scene
        .put("/graph", &[], " ".repeat(product_graph::MAX_GRAPH_BYTES + 1))
        .await;
    assert_eq!(text(&large.json()["code"]), "too-large");
    let typo = scene
        .put("/graph?dryrun=true&dry_run=perhaps", &[], other())
        .await;
    assert_eq!(text(&typo.json()["code"]), "invalid-request");
    assert_eq!(scene.get("/graph").await.ok(), before);
    assert!(scene.ledger.graphs().await.unwrap().is_empty());
}
