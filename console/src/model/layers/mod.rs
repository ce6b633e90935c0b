//! Where each node of the graph stands when it is drawn: in columns from the inputs to the right, one row per node.
//!
//! It depends on the graph alone, so a product stands at the same place in every observation. A column is the longest
//! way from an input; a line that crosses a column has a row of its own there, one for all lines from the same node;
//! the order within the columns has few crossings, and rows are near to those of their neighbours.

mod draft;
mod settled;

use super::Graph;
use domain::Sha256;
use draft::Draft;

/// A place of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Spot {
    /// From the inputs to the right.
    pub column: usize,
    /// From the top.
    pub row: usize,
}

/// The places of all nodes of one graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layers {
    sha256: Sha256,
    spots: Vec<Spot>,
    /// Of each node the rows in which its lines cross the columns right of it.
    crossed: Vec<Vec<usize>>,
    columns: usize,
    rows: usize,
}

impl Layers {
    /// Places the nodes of a graph.
    pub fn new(graph: &Graph) -> Self {
        let draft = Draft::of(graph).with_few_crossings();
        let rows = settled::rows(&draft);
        let nodes = graph.nodes().len();
        let spots = (0..nodes).map(|node| Spot {
            column: draft.column(node),
            row: rows[node],
        });
        let crossed = (0..nodes).map(|node| draft.chain(node).iter().map(|dummy| rows[*dummy]).collect());
        Self {
            sha256: graph.sha256(),
            spots: spots.collect(),
            crossed: crossed.collect(),
            columns: draft.columns().len(),
            rows: rows.iter().max().map_or(0, |row| row + 1),
        }
    }

    /// Whether these are of that graph.
    pub fn are_of(&self, graph: &Graph) -> bool {
        self.sha256 == graph.sha256()
    }

    /// How many columns there are.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Where a node stands; nodes are known by their place in [`Graph::nodes`].
    pub fn spot(&self, node: usize) -> Spot {
        self.spots[node]
    }

    /// The nodes of a column, from the top.
    pub fn column(&self, column: usize) -> Vec<usize> {
        let mut nodes: Vec<usize> = (0..self.spots.len())
            .filter(|node| self.spots[*node].column == column)
            .collect();
        nodes.sort_by_key(|node| self.spots[*node].row);
        nodes
    }

    /// The way of a line from one node to another: a spot in each column.
    pub fn way(&self, from: usize, to: usize) -> Vec<Spot> {
        let (start, end) = (self.spots[from], self.spots[to]);
        let between = (start.column + 1..end.column).zip(&self.crossed[from]);
        let between = between.map(|(column, row)| Spot { column, row: *row });
        [start].into_iter().chain(between).chain([end]).collect()
    }

    /// The node that is nearest to another one, so many rows down or columns to the right; itself at the edge.
    pub fn beside(&self, node: usize, (right, down): (isize, isize)) -> usize {
        let Spot { column, row } = self.spots[node];
        if right != 0 {
            let column = column
                .saturating_add_signed(right)
                .min(self.columns.saturating_sub(1));
            let nodes = self.column(column);
            let nearest = nodes
                .into_iter()
                .min_by_key(|other| self.spots[*other].row.abs_diff(row));
            return nearest.unwrap_or(node);
        }
        let nodes = self.column(column);
        let at = nodes.iter().position(|other| *other == node).unwrap_or(0);
        let to = at.saturating_add_signed(down).min(nodes.len().saturating_sub(1));
        nodes.get(to).copied().unwrap_or(node)
    }
}

#[cfg(test)]
mod tests;
