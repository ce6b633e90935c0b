//! The product graph as its document alone tells it, independent of the crate that the programs read it with.

use crate::bin::repository_root;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::path::Path;

/// The repository's own `graph.json`.
pub fn graph() -> Value {
    let path = repository_root().join("graph.json");
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Writes the repository's graph with each product edited: more attempts, shorter waits.
pub fn write_graph(path: &Path, edit: impl Fn(&str, &mut Map<String, Value>)) {
    let mut graph = graph();
    let products = graph["products"]
        .as_object_mut()
        .expect("`products` is an object");
    for (name, product) in products {
        edit(name, product.as_object_mut().expect("a product is an object"));
    }
    std::fs::write(path, graph.to_string()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// The products that can be made once this much is available: all whose mandatory inputs are there or can be
/// made.
pub fn closure(graph: &Value, available: &BTreeSet<String>) -> BTreeSet<String> {
    let products = graph["products"].as_object().expect("`products` is an object");
    let mut there = available.clone();
    loop {
        let makeable: Vec<_> = products
            .keys()
            .filter(|name| !there.contains(*name))
            .filter(|name| inputs(graph, name, "m_input").all(|input| there.contains(input)))
            .collect();
        if makeable.is_empty() {
            return there.difference(available).cloned().collect();
        }
        there.extend(makeable.into_iter().cloned());
    }
}

/// The inputs of one kind, `m_input` or `o_input`, of a product.
pub fn inputs<'a>(graph: &'a Value, product: &str, kind: &str) -> impl Iterator<Item = &'a str> {
    let list = graph["products"][product][kind].as_array();
    list.into_iter()
        .flatten()
        .map(|input| input.as_str().expect("an input is a name"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closure_holds_what_can_be_made_and_nothing_else() {
        let graph = serde_json::json!({"inputs": ["a", "b"], "products": {
            "z": {"m_input": ["y", "a"]},
            "y": {"m_input": ["a"], "o_input": ["b"]},
            "x": {"m_input": ["b", "y"]},
            "w": {"m_input": ["x"]}}});
        let closure = |inputs: &[&str]| {
            let found = closure(&graph, &inputs.iter().map(|&input| input.to_owned()).collect());
            found.into_iter().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(closure(&["a"]), "y z");
        assert_eq!(closure(&["b"]), "");
        assert_eq!(closure(&["a", "b"]), "w x y z");
        assert_eq!(closure(&["y"]), "");
    }
}
