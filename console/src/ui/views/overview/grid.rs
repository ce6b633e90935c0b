//! How the width of the matrix is shared: every product has its column first, what is left goes to words, and what is
//! left then to the names of the groups. It depends on the graph and the size, so that nothing moves.

use crate::app::{App, Column};
use unicode_width::UnicodeWidthStr as _;

/// Ids shorter than this leave room for longer ones to come.
const USUAL_ID: usize = 10;
/// Of longer ids the end is shown.
const LONGEST_ID: usize = 20;
/// The cursor, the sign of a change and a blank.
const SIGNS: usize = 3;

/// The columns of words, in the order of the screen, and those of the products.
#[derive(Debug)]
pub(super) struct Grid<'a> {
    pub(super) id: usize,
    pub(super) done: usize,
    pub(super) age: usize,
    pub(super) worst: usize,
    pub(super) burst: usize,
    pub(super) groups: Vec<Shown<'a>>,
    /// Whether there are columns to the left and to the right that are not seen.
    pub(super) more: (bool, bool),
}

/// A group of columns, as far as it is seen.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    pub(super) name: &'a str,
    pub(super) columns: Vec<Column<'a>>,
    pub(super) width: usize,
}

impl<'a> Grid<'a> {
    pub(super) fn new(width: usize, app: &'a App) -> Self {
        let columns = app.columns();
        let room = width.saturating_sub(SIGNS);
        let mut left = room.saturating_sub(needed(&columns));
        let longest = app.overview.matrix.longest_id.clamp(USUAL_ID, LONGEST_ID);
        // Each with a blank after it; a word that would be cut to nothing is left out.
        let mut take = |wanted: usize, least: usize| {
            let taken = if left > least { wanted.min(left - 1) } else { 0 };
            left -= if taken > 0 { taken + 1 } else { 0 };
            taken
        };
        let id = take(longest, 4).max(4);
        let [done, age, worst, burst] =
            [(5, 5), (5, 5), (16, 12), (14, 12)].map(|(wanted, least)| take(wanted, least));
        let used: usize = [id, done, age, worst, burst]
            .iter()
            .filter(|word| **word > 0)
            .map(|word| word + 1)
            .sum();
        let (first, seen) = seen(room.saturating_sub(used), &columns, app.column());
        let mut groups = shown(&columns[first..first + seen]);
        for group in &mut groups {
            let more = group.name.width().saturating_sub(group.width).min(left);
            group.width += more;
            left -= more;
        }
        Self {
            id,
            done,
            age,
            worst,
            burst,
            groups,
            more: (first > 0, first + seen < columns.len()),
        }
    }
}

/// Columns with a blank before each group.
fn needed(columns: &[Column<'_>]) -> usize {
    let groups = columns.chunk_by(|one, other| one.group == other.group).count();
    columns.len() + groups
}

/// The first and the number of the columns that fit; if not all do, the one under the cursor is among them.
fn seen(room: usize, columns: &[Column<'_>], cursor: Option<usize>) -> (usize, usize) {
    let fits = |first: usize| {
        let fits = (0..=columns.len() - first)
            .rev()
            .find(|count| needed(&columns[first..first + count]) <= room);
        fits.unwrap_or(0)
    };
    let seen = fits(0);
    if seen == columns.len() {
        return (0, seen);
    }
    let first = cursor
        .unwrap_or(0)
        .saturating_sub(seen / 2)
        .min(columns.len() - seen);
    (first, fits(first))
}

fn shown<'a>(columns: &[Column<'a>]) -> Vec<Shown<'a>> {
    let suffix = common_suffix(columns);
    let groups = columns.chunk_by(|one, other| one.group == other.group);
    groups
        .map(|columns| {
            let name = columns[0].node.group.as_str();
            Shown {
                name: name.strip_suffix(suffix).unwrap_or(name),
                columns: columns.to_vec(),
                width: columns.len(),
            }
        })
        .collect()
}

/// What the names of all groups of products end with says nothing: `_pipeline`.
fn common_suffix<'a>(columns: &[Column<'a>]) -> &'a str {
    let mut names: Vec<&'a str> = columns
        .iter()
        .filter(|column| !column.node.is_input())
        .map(|column| column.node.group.as_str())
        .collect();
    names.dedup();
    let Some((first, others)) = names.split_first().filter(|(_, others)| !others.is_empty()) else {
        return "";
    };
    let ends = first
        .char_indices()
        .filter(|(_, letter)| matches!(letter, '_' | '-'));
    ends.map(|(at, _)| &first[at..])
        .find(|suffix| others.iter().all(|name| name.ends_with(suffix)))
        .unwrap_or_default()
}
