//! Many rows in few statements.
//!
//! A statement per row costs ten times as much as the row, most of it on the way to SQLite's thread. So rows
//! travel up to [`MAX_ROWS`] to a statement, and the statement of each length is prepared once. Measured against
//! rows as one JSON text and `json_each`: a fifth of the time.

use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, Sqlite, SqliteConnection};
use std::sync::{Arc, OnceLock};

/// Rows of one statement: more would make a statement no cheaper per row, and there is one of each length.
pub(super) const MAX_ROWS: usize = 64;

/// A statement under way to being bound.
pub(super) type Bound<'q> = Query<'q, Sqlite, SqliteArguments>;

/// `INSERT .. VALUES (..), (..) ON CONFLICT ..` of any length.
pub(super) struct Upsert {
    /// `INSERT INTO cell (obs_id, ..)`
    head: &'static str,
    /// How many columns.
    columns: usize,
    /// `ON CONFLICT ..`
    tail: &'static str,
    texts: [OnceLock<Arc<str>>; MAX_ROWS],
}

impl Upsert {
    pub(super) const fn new(head: &'static str, columns: usize, tail: &'static str) -> Self {
        Self {
            head,
            columns,
            tail,
            texts: [const { OnceLock::new() }; MAX_ROWS],
        }
    }

    /// Stores rows; `bind` binds the columns of one.
    pub(super) async fn store<R>(
        &self,
        connection: &mut SqliteConnection,
        rows: &[R],
        bind: impl for<'q> Fn(Bound<'q>, &'q R) -> Bound<'q>,
    ) -> Result<(), sqlx::Error> {
        for part in rows.chunks(MAX_ROWS) {
            let mut query = sqlx::query(AssertSqlSafe(self.text(part.len())));
            for row in part {
                query = bind(query, row);
            }
            query.execute(&mut *connection).await?;
        }
        Ok(())
    }

    fn text(&self, rows: usize) -> Arc<str> {
        let text = || {
            let row = format!("({})", vec!["?"; self.columns].join(", "));
            let rows = vec![row; rows].join(", ");
            format!("{} VALUES {rows} {}", self.head, self.tail).into()
        };
        Arc::clone(self.texts[rows - 1].get_or_init(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_has_a_place_for_each_column_of_each_row() {
        let upsert = Upsert::new("INSERT INTO t (a, b)", 2, "ON CONFLICT (a) DO NOTHING");
        assert_eq!(
            &*upsert.text(2),
            "INSERT INTO t (a, b) VALUES (?, ?), (?, ?) ON CONFLICT (a) DO NOTHING"
        );
    }
}
