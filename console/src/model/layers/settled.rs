//! Rows: as near to those of the neighbours as the order in the column and the height allow.

use super::draft::{Draft, mean};

/// More passes than this move little.
const PASSES: usize = 8;

/// The row of each node and dummy.
pub(super) fn rows(draft: &Draft) -> Vec<usize> {
    let columns = draft.columns();
    let height = columns.iter().map(Vec::len).max().unwrap_or(0);
    let vertices = columns.iter().map(Vec::len).sum();
    let mut rows = vec![0; vertices];
    for column in columns {
        // From the middle, so that short columns need not come from far.
        let above = (height - column.len()) / 2;
        for (place, vertex) in column.iter().enumerate() {
            rows[*vertex] = above + place;
        }
    }
    for pass in 0..PASSES {
        let place = |index: usize| {
            if pass % 2 == 0 {
                index
            } else {
                columns.len() - 1 - index
            }
        };
        for index in 0..columns.len() {
            pull(draft, &columns[place(index)], height, &mut rows);
        }
    }
    rows
}

/// Moves each of a column to the mean row of its neighbours, as far as the others leave room.
fn pull(draft: &Draft, column: &[usize], height: usize, rows: &mut [usize]) {
    let wanted = |vertex: usize| {
        let mean = mean(draft.neighbours(vertex).map(|other| rows[other]));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the mean of rows is a row"
        )]
        mean.map_or(rows[vertex], |mean| mean.round() as usize)
    };
    let wanted: Vec<usize> = column.iter().map(|vertex| wanted(*vertex)).collect();
    let mut least = 0;
    for ((place, vertex), wanted) in column.iter().enumerate().zip(wanted) {
        let below = column.len() - 1 - place;
        rows[*vertex] = wanted.max(least).min(height - 1 - below);
        least = rows[*vertex] + 1;
    }
}
