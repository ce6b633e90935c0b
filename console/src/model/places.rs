//! Where the graph has the products that the rows know by number.

use super::Graph;
use super::names::Names;
use domain::ProductName;

/// From places in the graph to numbers of products, and back.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    numbers: Vec<Option<u32>>,
    places: Vec<Option<usize>>,
}

impl Places {
    /// Those of a graph. A product that has no number, since there are too many, has no cells either.
    pub(super) fn new(graph: &Graph, products: &mut Names<ProductName>) -> Self {
        let nodes = graph.nodes().iter();
        let numbers: Vec<Option<u32>> = nodes.map(|node| products.intern(&node.product)).collect();
        let mut places = vec![None; products.len()];
        for (place, number) in numbers.iter().enumerate() {
            if let Some(number) = number {
                places[*number as usize] = Some(place);
            }
        }
        Self { numbers, places }
    }

    /// The place of a product in the graph, if it has one.
    pub(super) fn place(&self, number: u32) -> Option<usize> {
        *self.places.get(number as usize)?
    }

    /// The product at a place of the graph.
    pub(super) fn number(&self, place: usize) -> Option<u32> {
        *self.numbers.get(place)?
    }

    /// The products of the graph, in its order.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.numbers.iter().flatten().copied()
    }
}
