use super::*;
use crate::app::fixture::graph;
use serde_json::json;
use std::collections::HashSet;
use std::time::{Duration, Instant};

fn made(products: usize, inputs_of: impl Fn(usize) -> Vec<usize>) -> Graph {
    let name = |node: usize| format!("P{node}");
    let told: Vec<_> = (1..products)
        .map(|node| {
            let inputs: Vec<String> = inputs_of(node).into_iter().map(name).collect();
            json!({"product": name(node), "m_input": inputs, "o_input": [], "url": "http://h/", "provider": "p",
                "group": "p", "level": 1})
        })
        .collect();
    let view = json!({"sha256": "ab".repeat(32), "loaded_at": "2026-11-23T18:00:00Z", "inputs": ["P0"],
        "products": told, "document": {}});
    Graph::new(&serde_json::from_value(view).unwrap())
}

#[test]
fn every_line_goes_to_the_right_and_no_two_nodes_share_a_spot() {
    let graph = graph();
    let layers = Layers::new(&graph);
    let nodes = graph.nodes();
    let spots: HashSet<Spot> = (0..nodes.len()).map(|node| layers.spot(node)).collect();
    assert_eq!(spots.len(), nodes.len());
    assert_eq!((layers.columns(), layers.rows()), (8, 21));
    for (to, node) in nodes.iter().enumerate() {
        for from in node.m_input.iter().chain(&node.o_input) {
            let way = layers.way(*from, to);
            assert_eq!(
                (way[0], way[way.len() - 1]),
                (layers.spot(*from), layers.spot(to))
            );
            assert!(way.windows(2).all(|pair| pair[1].column == pair[0].column + 1));
            assert!(way[1..way.len() - 1].iter().all(|spot| !spots.contains(spot)));
        }
    }
}

#[test]
fn the_order_has_far_fewer_crossings_than_that_of_the_graph() {
    let draft = Draft::of(&graph());
    let before = draft.crossings();
    let after = draft.with_few_crossings().crossings();
    assert!(after * 2 < before, "{before} crossings became {after}");
}

#[test]
fn the_cursor_reaches_every_node_and_stays_inside() {
    let graph = graph();
    let layers = Layers::new(&graph);
    let mut reached = HashSet::from([0]);
    let mut open = vec![0];
    while let Some(node) = open.pop() {
        for step in [(0, 1), (0, -1), (1, 0), (-1, 0)] {
            let other = layers.beside(node, step);
            if reached.insert(other) {
                open.push(other);
            }
        }
    }
    assert_eq!(reached.len(), graph.nodes().len());
}

#[test]
fn a_hundred_products_are_placed_before_anybody_notices() {
    let graph = made(100, |node| vec![node / 2, node * 7 / 10]);
    let start = Instant::now();
    let layers = Layers::new(&graph);
    assert!(
        start.elapsed() < Duration::from_millis(500),
        "{:?}",
        start.elapsed()
    );
    assert!(layers.columns() > 9);
}
