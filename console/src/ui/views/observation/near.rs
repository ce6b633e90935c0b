//! What has to do with the product under the cursor: what it is made from, and what is made from it.

use crate::model::Graph;

/// The neighbourhood of a node.
#[derive(Debug)]
pub(super) struct Near {
    node: usize,
    is_above: Vec<bool>,
    is_below: Vec<bool>,
}

impl Near {
    pub(super) fn new(graph: &Graph, node: usize) -> Self {
        let mut near = Self {
            node,
            is_above: vec![false; graph.nodes().len()],
            is_below: vec![false; graph.nodes().len()],
        };
        for above in graph.ancestors(node) {
            near.is_above[above] = true;
        }
        for below in graph.descendants(node) {
            near.is_below[*below] = true;
        }
        near
    }

    /// Whether a node is needed for the one under the cursor.
    pub(super) fn is_above(&self, node: usize) -> bool {
        self.is_above[node]
    }

    /// Whether a node cannot be made without the one under the cursor.
    pub(super) fn is_below(&self, node: usize) -> bool {
        self.is_below[node]
    }

    /// Whether a line belongs to it: between two that are needed, between two that need it, or at it.
    pub(super) fn has_line(&self, from: usize, to: usize) -> bool {
        let is_at = from == self.node || to == self.node;
        is_at || (self.is_above[from] && self.is_above[to]) || (self.is_below[from] && self.is_below[to])
    }

    /// Whether a node is at an end of one of its lines.
    pub(super) fn has(&self, graph: &Graph, node: usize) -> bool {
        let here = &graph.nodes()[self.node];
        node == self.node
            || self.is_above[node]
            || self.is_below[node]
            || here.o_input.contains(&node)
            || here.o_output.contains(&node)
    }
}
