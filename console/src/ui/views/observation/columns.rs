//! Where the columns of the graph are on the screen, and which of them are seen.

use crate::model::{Graph, Layers};

/// The lines between two columns: from the name, down or up by one of two ways, to the next name.
pub(super) const GAP: usize = 4;
/// Longer names are cut: a column that they made wide would cost others theirs.
const LONGEST: usize = 13;
/// The sign of the state and a blank.
pub(super) const SIGN: usize = 2;

/// The columns, wherever they are seen from.
#[derive(Debug)]
pub(super) struct Columns {
    widths: Vec<usize>,
}

impl Columns {
    /// The columns for so much room: names are cut only where not all columns are seen with whole ones.
    pub(super) fn new(graph: &Graph, layers: &Layers, room: usize) -> Self {
        let longest = |column: usize| {
            let names = layers.column(column).into_iter();
            let lengths = names.map(|node| graph.nodes()[node].product.as_str().len());
            lengths.max().unwrap_or(0) + SIGN
        };
        let mut columns = Self {
            widths: (0..layers.columns()).map(longest).collect(),
        };
        if columns.end() > room {
            for width in &mut columns.widths {
                *width = (*width).min(LONGEST + SIGN);
            }
        }
        columns
    }

    /// How wide a column is.
    pub(super) fn width(&self, column: usize) -> usize {
        self.widths[column]
    }

    /// Where a column begins.
    pub(super) fn start(&self, column: usize) -> usize {
        self.widths[..column].iter().map(|width| width + GAP).sum()
    }

    /// Where the last one ends.
    pub(super) fn end(&self) -> usize {
        self.start(self.widths.len()).saturating_sub(GAP)
    }

    /// The columns that are seen whole in so much room: the first ones, unless the one under the cursor or the next
    /// one is not among them.
    pub(super) fn seen(&self, room: usize, cursor: usize) -> std::ops::Range<usize> {
        let last = self.widths.len().saturating_sub(1);
        let fits =
            |first: usize, last: usize| self.start(last) + self.widths[last] - self.start(first) <= room;
        let wanted = (cursor + 1).min(last);
        let first = (0..=cursor)
            .find(|first| fits(*first, wanted))
            .or_else(|| (0..=cursor).find(|first| fits(*first, cursor)))
            .unwrap_or(cursor);
        let end = (first..=last).take_while(|column| fits(first, *column)).last();
        first..end.map_or(cursor, |last| last) + 1
    }
}
