//! Statements over many rows, in few and fixed texts.

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};
use std::sync::Arc;

/// The most rows of one statement: with 16 columns 1024 parameters, far below the 32 766 of SQLite and the
/// 65 535 of PostgreSQL.
const MAX_ROWS: usize = 64;

/// The sizes in which a statement exists, largest first: any number of rows is a few of them.
const SIZES: [usize; 7] = [MAX_ROWS, 32, 16, 8, 4, 2, 1];

/// A statement with a list of rows in it, `($1, $2), ($3, $4)`, once for each size of [`SIZES`].
///
/// A batch of any length is then written by at most one statement per 64 rows and six more, each of which
/// the connection has prepared already. One text per length would be prepared again and again; one
/// statement per row costs ten times the CPU.
#[derive(Debug)]
pub(super) struct Rows {
    texts: [Arc<str>; SIZES.len()],
}

impl Rows {
    /// The statement `head (..), (..) tail` with rows of `columns` parameters.
    pub(super) fn new(head: &str, columns: usize, tail: &str) -> Self {
        let texts = SIZES.map(|rows| {
            let row = |row: usize| {
                let parameters: Vec<String> = (1..=columns)
                    .map(|column| format!("${}", row * columns + column))
                    .collect();
                format!("({})", parameters.join(", "))
            };
            let list: Vec<String> = (0..rows).map(row).collect();
            format!("{head} {} {tail}", list.join(", ")).into()
        });
        Self { texts }
    }

    /// Cuts `count` rows into statements: each text with how many of the rows it takes, in order.
    pub(super) fn statements(&self, mut count: usize) -> impl Iterator<Item = (SqlStr, usize)> {
        std::iter::from_fn(move || {
            let place = SIZES.iter().position(|size| *size <= count)?;
            count -= SIZES[place];
            Some((
                AssertSqlSafe(Arc::clone(&self.texts[place])).into_sql_str(),
                SIZES[place],
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_rows_is_cut_into_known_statements() {
        let rows = Rows::new("insert into t values", 2, "on conflict do nothing");
        for count in 0..300 {
            let sizes: Vec<usize> = rows.statements(count).map(|(_, size)| size).collect();
            assert_eq!(sizes.iter().sum::<usize>(), count);
            assert!(sizes.len() <= count / MAX_ROWS + 6, "{count} rows take {sizes:?}");
        }
    }

    #[test]
    fn parameters_are_numbered_through_the_rows() {
        let rows = Rows::new("insert into t values", 2, "returning x");
        let (text, _) = rows.statements(2).next().unwrap();
        assert_eq!(
            text.as_str(),
            "insert into t values ($1, $2), ($3, $4) returning x"
        );
    }
}
