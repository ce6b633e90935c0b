//! Columns and the order within them, before anything has a row.

use crate::model::Graph;

/// More sweeps than this change little.
const SWEEPS: usize = 24;

/// Nodes, and after them the dummies: where lines cross a column, one for all lines from a node.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    column: Vec<usize>,
    left: Vec<Vec<usize>>,
    right: Vec<Vec<usize>>,
    chains: Vec<Vec<usize>>,
    columns: Vec<Vec<usize>>,
}

impl Draft {
    /// All in their columns, in the order of the graph.
    pub(super) fn of(graph: &Graph) -> Self {
        let inputs: Vec<Vec<usize>> = graph
            .nodes()
            .iter()
            .map(|node| node.m_input.iter().chain(&node.o_input).copied().collect())
            .collect();
        let column = longest(&inputs);
        let nodes = column.len();
        let mut draft = Self {
            column,
            left: vec![Vec::new(); nodes],
            right: vec![Vec::new(); nodes],
            chains: vec![Vec::new(); nodes],
            columns: Vec::new(),
        };
        for (to, inputs) in inputs.iter().enumerate() {
            for from in inputs {
                draft.connect(*from, to);
            }
        }
        let columns = draft.column.iter().max().map_or(0, |last| last + 1);
        draft.columns = (0..columns)
            .map(|column| {
                (0..draft.column.len())
                    .filter(|vertex| draft.column[*vertex] == column)
                    .collect()
            })
            .collect();
        draft
    }

    /// A line, by dummies where it is longer than one column; those that the node has already are shared.
    fn connect(&mut self, from: usize, to: usize) {
        let (start, end) = (self.column[from], self.column[to]);
        let mut last = from;
        for column in start + 1..end {
            let place = column - start - 1;
            if self.chains[from].len() <= place {
                let dummy = self.column.len();
                self.column.push(column);
                self.left.push(vec![last]);
                self.right.push(Vec::new());
                self.right[last].push(dummy);
                self.chains[from].push(dummy);
            }
            last = self.chains[from][place];
        }
        self.left[to].push(last);
        self.right[last].push(to);
    }

    /// In another order: each column sorted by where its neighbours stand, again and again; the best is kept.
    pub(super) fn with_few_crossings(mut self) -> Self {
        let mut best = (self.crossings(), self.columns.clone());
        for sweep in 0..SWEEPS {
            let is_forward = sweep % 2 == 0;
            for step in 1..self.columns.len() {
                let column = if is_forward {
                    step
                } else {
                    self.columns.len() - 1 - step
                };
                self.sort(column, is_forward);
            }
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.columns.clone());
            }
        }
        self.columns = best.1;
        self
    }

    fn sort(&mut self, column: usize, by_left: bool) {
        let places = self.places();
        let center = |(at, vertex): (usize, &usize)| {
            let neighbours = if by_left {
                &self.left[*vertex]
            } else {
                &self.right[*vertex]
            };
            // Who has no neighbour there stays where it is.
            (
                mean(neighbours.iter().map(|other| places[*other])).unwrap_or(mean_of(at)),
                *vertex,
            )
        };
        let mut sorted: Vec<(f64, usize)> = self.columns[column].iter().enumerate().map(center).collect();
        sorted.sort_by(|one, other| one.0.total_cmp(&other.0));
        self.columns[column] = sorted.into_iter().map(|(_, vertex)| vertex).collect();
    }

    fn places(&self) -> Vec<usize> {
        let mut places = vec![0; self.column.len()];
        for column in &self.columns {
            for (place, vertex) in column.iter().enumerate() {
                places[*vertex] = place;
            }
        }
        places
    }

    /// How many pairs of lines cross.
    pub(super) fn crossings(&self) -> usize {
        let places = self.places();
        let of_column = |column: &Vec<usize>| {
            let lines: Vec<(usize, usize)> = column
                .iter()
                .flat_map(|from| self.right[*from].iter().map(|to| (places[*from], places[*to])))
                .collect();
            let crosses = |(index, one): (usize, &(usize, usize))| {
                let others = lines[index + 1..].iter();
                others
                    .filter(|other| {
                        (one.0 < other.0 && one.1 > other.1) || (one.0 > other.0 && one.1 < other.1)
                    })
                    .count()
            };
            lines.iter().enumerate().map(crosses).sum::<usize>()
        };
        self.columns.iter().map(of_column).sum()
    }

    pub(super) fn column(&self, vertex: usize) -> usize {
        self.column[vertex]
    }

    pub(super) fn columns(&self) -> &[Vec<usize>] {
        &self.columns
    }

    pub(super) fn chain(&self, node: usize) -> &[usize] {
        &self.chains[node]
    }

    pub(super) fn neighbours(&self, vertex: usize) -> impl Iterator<Item = usize> {
        self.left[vertex].iter().chain(&self.right[vertex]).copied()
    }
}

/// The longest way from a node without inputs. A circle, which no graph has, ends after as many steps as it has nodes.
fn longest(inputs: &[Vec<usize>]) -> Vec<usize> {
    let mut column = vec![0; inputs.len()];
    for _ in 0..inputs.len() {
        let mut is_settled = true;
        for (node, inputs) in inputs.iter().enumerate() {
            let least = inputs.iter().map(|input| column[*input] + 1).max().unwrap_or(0);
            is_settled &= least <= column[node];
            column[node] = column[node].max(least);
        }
        if is_settled {
            break;
        }
    }
    column
}

/// The mean of some places.
pub(super) fn mean(places: impl Iterator<Item = usize>) -> Option<f64> {
    let (count, sum) = places.fold((0.0, 0.0), |(count, sum), place| {
        (count + 1.0, sum + mean_of(place))
    });
    (count > 0.0).then(|| sum / count)
}

#[expect(clippy::cast_precision_loss, reason = "a screen has no 2^52 rows")]
fn mean_of(place: usize) -> f64 {
    place as f64
}
