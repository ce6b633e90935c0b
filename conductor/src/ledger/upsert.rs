//! Many rows in few statements.
//!
//! A statement per row costs ten times as much as the row, most of it on the way to SQLite's thread. So rows
//! travel up to [`MAX_ROWS`] to a statement, and the statement of each length is prepared once. Measured against
//! rows as one JSON text and `json_each`: a fifth of the time.

use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments as _, AssertSqlSafe, Encode, Sqlite, SqliteConnection, Type};
use std::sync::{Arc, OnceLock};

/// Rows of one statement: more would make a statement no cheaper per row, and there is one of each length.
pub(super) const MAX_ROWS: usize = 64;

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

    /// Stores rows; `put` puts the columns of one, in their order.
    pub(super) async fn store<R>(
        &self,
        connection: &mut SqliteConnection,
        rows: impl IntoIterator<Item = R, IntoIter: ExactSizeIterator>,
        put: impl Fn(&mut Columns, R),
    ) -> Result<(), sqlx::Error> {
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let length = rows.len().min(MAX_ROWS);
            let mut columns = Columns::with_room_for(length * self.columns);
            for row in rows.by_ref().take(length) {
                put(&mut columns, row);
            }
            let columns = columns.filled.map_err(sqlx::Error::Encode)?;
            let query = sqlx::query_with(AssertSqlSafe(self.text(length)), columns);
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

/// What stands in the columns of the rows of one statement.
pub(super) struct Columns {
    filled: Result<SqliteArguments, BoxDynError>,
}

impl Columns {
    fn with_room_for(columns: usize) -> Self {
        let mut arguments = SqliteArguments::default();
        arguments.reserve(columns, 0);
        Self {
            filled: Ok(arguments),
        }
    }

    /// A short text: a name, a state, a time.
    pub(super) fn text(&mut self, text: impl Into<Arc<str>>) -> &mut Self {
        self.put(text.into())
    }

    /// A short text, if there is one.
    pub(super) fn maybe(&mut self, text: Option<impl Into<Arc<str>>>) -> &mut Self {
        self.put(text.map(Into::into))
    }

    /// A long text, which is not copied.
    pub(super) fn body(&mut self, body: String) -> &mut Self {
        self.put(body)
    }

    /// A number; a larger one than databases have stands as their largest.
    pub(super) fn number(&mut self, number: u64) -> &mut Self {
        self.put(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// Bytes as they came.
    pub(super) fn bytes(&mut self, bytes: Vec<u8>) -> &mut Self {
        self.put(bytes)
    }

    fn put<T: Encode<'static, Sqlite> + Type<Sqlite>>(&mut self, value: T) -> &mut Self {
        if let Ok(arguments) = &mut self.filled
            && let Err(error) = arguments.add(value)
        {
            self.filled = Err(error);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::Connection as _;

    #[test]
    fn a_statement_has_a_place_for_each_column_of_each_row() {
        let upsert = Upsert::new("INSERT INTO t (a, b)", 2, "ON CONFLICT (a) DO NOTHING");
        assert_eq!(
            &*upsert.text(2),
            "INSERT INTO t (a, b) VALUES (?, ?), (?, ?) ON CONFLICT (a) DO NOTHING"
        );
    }

    #[tokio::test]
    async fn each_number_of_rows_is_stored_whole_and_in_order() {
        static ROWS: Upsert = Upsert::new("INSERT INTO t (n, text)", 2, "");
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        for count in (0..=20).chain([63, 64, 65, 130, 200]) {
            sqlx::raw_sql("DROP TABLE IF EXISTS t; CREATE TABLE t (n INTEGER, text TEXT)")
                .execute(&mut connection)
                .await
                .unwrap();
            let rows: Vec<u64> = (0..count).collect();
            ROWS.store(&mut connection, &rows, |columns, n| {
                columns.number(*n).maybe((n % 3 > 0).then(|| n.to_string()));
            })
            .await
            .unwrap();
            let stored: Vec<(i64, Option<String>)> = sqlx::query_as("SELECT n, text FROM t ORDER BY rowid")
                .fetch_all(&mut connection)
                .await
                .unwrap();
            let wanted: Vec<_> = (0..count)
                .map(|n| (n.cast_signed(), (n % 3 > 0).then(|| n.to_string())))
                .collect();
            assert_eq!(stored, wanted);
        }
    }
}
