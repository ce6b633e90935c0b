//! The graph as its users meet it: loading, mistakes, questions, drawings.

mod changes;
mod drawings;
mod load;
mod mistakes;
mod properties;

use product_graph::{NodeId, ProductGraph};

/// A small graph with every kind of thing in it.
const SMALL: &str = include_str!("small.json");

fn graph(text: &str) -> ProductGraph {
    ProductGraph::parse(text).unwrap_or_else(|errors| panic!("the graph does not load:\n{errors}"))
}

fn id(graph: &ProductGraph, name: &str) -> NodeId {
    let name = name.parse().expect("a name");
    graph
        .id(&name)
        .unwrap_or_else(|| panic!("no {name} in the graph"))
}

fn names(graph: &ProductGraph, ids: impl IntoIterator<Item = NodeId>) -> Vec<String> {
    ids.into_iter().map(|id| graph.name(id).to_string()).collect()
}
