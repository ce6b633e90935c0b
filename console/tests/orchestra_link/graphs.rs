//! Somebody puts another graph in force while the screen is open.

use crate::screen::{Screen, orchestra, settings};
use api::conductor::GraphQuery;
use console::model::{EventKind, Model, Node};
use domain::{CellState, ProductName};
use serde_json::json;

/// The columns of products, left to right.
fn columns(model: &Model) -> Vec<String> {
    let graph = model.graph().unwrap();
    graph.product_groups().map(|group| group.name.clone()).collect()
}

/// A product that nothing is made from: another graph can do without it.
fn last(model: &Model) -> ProductName {
    let is_last = |node: &&Node| !node.is_input() && node.m_output.is_empty() && node.o_output.is_empty();
    let mut nodes = model.graph().unwrap().nodes().iter();
    nodes.find(is_last).unwrap().product.clone()
}

/// What operators did, as it is told.
fn acts(model: &Model) -> Vec<String> {
    let events = model.events().iter().map(|(_, event)| event);
    let acts = events.filter(|event| event.kind == EventKind::Operator);
    acts.map(|event| event.text.to_string()).collect()
}

#[tokio::test]
async fn the_columns_follow_another_graph_and_who_put_it_is_told() {
    let orchestra = orchestra(&[]).await;
    orchestra
        .publish("data.vhf", br#"{"product":"EclTmVhfAlert","obs_id":42}"#)
        .await;
    let screen = Screen::open(settings(&orchestra)).await;
    screen.until_cell("42", "CIRC_DRAFT", CellState::Done).await;
    let before = screen.see(columns);
    assert!(!before.contains(&"new_pipeline".to_owned()), "{before:?}");
    let gone = screen.see(last);

    let conductor = orchestra.conductor();
    let mut document = conductor.graph().await.unwrap().document;
    let products = document["products"].as_object_mut().unwrap();
    products.remove(gone.as_str()).unwrap();
    let new =
        json!({"m_input": ["EclTmVhfAlert"], "provider": "new_pipeline", "url": "http://127.0.0.1:1/x"});
    products.insert("NEW".to_owned(), new);
    let query = GraphQuery {
        dry_run: false,
        note: Some("shift 2".to_owned()),
    };
    let change = conductor.put_graph(document.to_string(), &query).await.unwrap();
    assert_eq!(change.products.removed, [gone.to_string()]);

    screen
        .until(|model| model.graph().is_some_and(|graph| graph.sha256() == change.sha256))
        .await;
    let after = screen.see(columns);
    assert!(after.contains(&"new_pipeline".to_owned()), "{after:?}");
    assert!(screen.see(|model| model.graph().unwrap().node(&gone).is_none()));
    screen.until_agreed(&orchestra).await;

    // Who, and why, before what does not fit into a row.
    let short = &change.sha256.to_string()[..12];
    screen.until(|model| !acts(model).is_empty()).await;
    let told = screen.see(acts);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with(&format!(
            "graph {short}: in force: 1 product added, 1 product removed"
        )) && told[0].contains("shift 2"),
        "{told:?}"
    );
}
