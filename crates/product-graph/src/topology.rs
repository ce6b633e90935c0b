//! What goes round, and what comes after what. The only place that knows petgraph.

use crate::mistake::Mistakes;
use crate::read::{DraftProduct, Edge};
use domain::ProductName;
use petgraph::algo::{kosaraju_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Reports every knot of products that are made from each other, each with its shortest cycle.
pub(crate) fn report_cycles(products: &[DraftProduct], mistakes: &mut Mistakes) {
    let graph = graph_of(products);
    // Not Tarjan's: petgraph's is recursive, and a long chain would exhaust the stack.
    let mut knots: Vec<BTreeSet<usize>> = kosaraju_scc(&graph)
        .into_iter()
        .map(|knot| knot.into_iter().map(NodeIndex::index).collect())
        .collect();
    knots.sort();
    for knot in knots {
        if let Some(cycle) = shortest_cycle(products, &knot) {
            report_cycle(&cycle, knot.len(), mistakes);
        }
    }
}

/// The longest way from an input to each product.
///
/// # Panics
/// If there is a cycle.
pub(crate) fn levels(products: &[DraftProduct]) -> Vec<u32> {
    let graph = graph_of(products);
    let order = toposort(&graph, None).expect("cycles were reported");
    let mut levels = vec![1; products.len()];
    for product in order {
        for dependant in graph.neighbors(product) {
            let level = levels[product.index()] + 1;
            let known: &mut u32 = &mut levels[dependant.index()];
            *known = level.max(*known);
        }
    }
    levels
}

/// An edge from each product to what is made from it; a name that is declared twice is its first.
fn graph_of(products: &[DraftProduct]) -> DiGraph<(), ()> {
    let positions = positions(products);
    let mut graph = DiGraph::with_capacity(products.len(), 0);
    let nodes: Vec<NodeIndex> = products.iter().map(|_| graph.add_node(())).collect();
    for (at, product) in products.iter().enumerate() {
        for input in product.edges.iter().filter_map(|edge| positions.get(&edge.input)) {
            graph.add_edge(nodes[*input], nodes[at], ());
        }
    }
    graph
}

fn positions(products: &[DraftProduct]) -> BTreeMap<&ProductName, usize> {
    let backwards = products.iter().enumerate().rev();
    backwards.map(|(at, product)| (&product.name, at)).collect()
}

/// A step of a cycle: this product is made from the edge's input.
type Step<'a> = (&'a ProductName, &'a Edge);

/// The shortest way from the first product of a knot through its inputs back to itself.
fn shortest_cycle<'a>(products: &'a [DraftProduct], knot: &BTreeSet<usize>) -> Option<Vec<Step<'a>>> {
    let positions: BTreeMap<&ProductName, usize> =
        knot.iter().rev().map(|at| (&products[*at].name, *at)).collect();
    let start = *knot.first()?;
    let mut came_by: BTreeMap<usize, (usize, &Edge)> = BTreeMap::new();
    let mut ahead = VecDeque::from([start]);
    while let Some(at) = ahead.pop_front() {
        for edge in &products[at].edges {
            let Some(input) = positions.get(&edge.input).copied() else {
                continue;
            };
            if input == start {
                return Some(walk_back(products, &came_by, at, edge));
            }
            came_by.entry(input).or_insert_with(|| {
                ahead.push_back(input);
                (at, edge)
            });
        }
    }
    None
}

fn walk_back<'a>(
    products: &'a [DraftProduct],
    came_by: &BTreeMap<usize, (usize, &'a Edge)>,
    last: usize,
    closing: &'a Edge,
) -> Vec<Step<'a>> {
    let mut steps = vec![(&products[last].name, closing)];
    let mut at = last;
    while let Some((before, edge)) = came_by.get(&at).copied() {
        steps.push((&products[before].name, edge));
        at = before;
    }
    steps.reverse();
    steps
}

fn report_cycle(cycle: &[Step<'_>], knot: usize, mistakes: &mut Mistakes) {
    let step = |at: usize, (product, edge): &Step<'_>| {
        let verb = if at == 0 { "is made from" } else { "from" };
        let kind = if edge.mandatory { "" } else { " (optional)" };
        format!("{product} {verb} {}{kind}", edge.input)
    };
    let steps: Vec<String> = cycle.iter().enumerate().map(|(at, it)| step(at, it)).collect();
    let wider = if knot > cycle.len() {
        format!("; {knot} products are made from each other in all")
    } else {
        String::new()
    };
    mistakes.report(
        &cycle[0].1.path,
        format!("a cycle: {}; leave one of these out{wider}", steps.join(", ")),
    );
}
