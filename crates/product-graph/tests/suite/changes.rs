//! What another graph says otherwise.

use crate::{SMALL, graph};
use product_graph::{Changes, Named};
use serde_json::Value;

/// The small graph with an edit.
fn edited(edit: impl FnOnce(&mut Value)) -> Changes {
    let mut document: Value = serde_json::from_str(SMALL).expect("it is JSON");
    edit(&mut document);
    Changes::between(&graph(SMALL), &graph(&document.to_string()))
}

fn told<N: ToString>(named: &Named<N>) -> Vec<String> {
    let added = named.added.iter().map(|name| format!("+ {}", name.to_string()));
    let removed = named.removed.iter().map(|name| format!("- {}", name.to_string()));
    let changed = named.changed.iter().flat_map(|(name, fields)| {
        let told = |field: &product_graph::FieldChange| {
            format!(
                "{}.{}: {} -> {}",
                name.to_string(),
                field.field,
                field.was,
                field.is
            )
        };
        fields.iter().map(told).collect::<Vec<_>>()
    });
    added.chain(removed).chain(changed).collect()
}

#[test]
fn the_same_graph_says_nothing_otherwise_whatever_its_layout() {
    let written = serde_json::to_string(&graph(SMALL)).unwrap();
    let changes = Changes::between(&graph(SMALL), &graph(&written));
    assert!(changes.is_empty(), "{changes:?}");
    let spelt_out = edited(|document| {
        document["products"]["SUMMARY"]["timeout"] = "600s".into();
        document["_about"] = "something else".into();
    });
    assert_eq!(spelt_out, Changes::default());
}

#[test]
fn every_key_that_is_otherwise_is_told_with_what_it_was() {
    let changes = edited(|document| {
        let location = &mut document["products"]["LOCATION"];
        location["m_input"] = serde_json::json!(["Position", "Alert"]);
        location["provider"] = "positions".into();
        location["approve"] = false.into();
        location["due"]["within"] = "1m".into();
        location["on_new_input"] = "rerun".into();
        location.as_object_mut().unwrap().remove("timeout");
        location.as_object_mut().unwrap().remove("expected");
        document["providers"]["quick_look"]["max_in_flight"] = 8.into();
    });
    assert_eq!(
        told(&changes.products),
        [
            "LOCATION.approve: true -> false",
            r#"LOCATION.due: {"from":"first_input","within":"30s"} -> {"from":"first_input","within":"1m"}"#,
            r#"LOCATION.expected: "20s" -> null"#,
            r#"LOCATION.m_input: ["Alert"] -> ["Alert","Position"]"#,
            r#"LOCATION.on_new_input: {"mandatory":"rerun","optional":"ignore"} -> {"mandatory":"rerun","optional":"rerun"}"#,
            r#"LOCATION.provider: "quick_look" -> "positions""#,
            r#"LOCATION.timeout: "1m 30s" -> "10m""#,
        ]
    );
    assert_eq!(
        told(&changes.providers),
        ["+ positions", "quick_look.max_in_flight: 4 -> 8"]
    );
    assert!(changes.inputs.is_empty());
}

#[test]
fn what_came_and_went_is_told_by_kind() {
    let changes = edited(|document| {
        let products = document["products"].as_object_mut().unwrap();
        // It comes from outside now.
        products.remove("SPECTRUM");
        products.remove("SUMMARY");
        let mut extra = products["LOCATION"].clone();
        extra["provider"] = "quick_look".into();
        products.insert("EXTRA".to_owned(), extra);
        document["inputs"] = serde_json::json!(["Alert", "Position", "SPECTRUM"]);
    });
    assert_eq!(told(&changes.inputs), ["+ SPECTRUM", "- Curve"]);
    assert_eq!(told(&changes.products), ["+ EXTRA", "- SPECTRUM", "- SUMMARY"]);
    assert_eq!(told(&changes.providers), ["- notices"]);
    let empty = Changes::between(&graph(r#"{"inputs": [], "products": {}}"#), &graph(SMALL));
    assert_eq!(
        (
            empty.inputs.added.len(),
            empty.products.added.len(),
            empty.providers.added.len()
        ),
        (3, 3, 2)
    );
}
