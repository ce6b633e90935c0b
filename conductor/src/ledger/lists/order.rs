//! Lists that are walked by a time and a name, the newest first.

use super::{as_limit, parsed, sortable};
use crate::ledger::LedgerError;
use jiff::Timestamp;
use sqlx::{QueryBuilder, Sqlite, SqlitePool};
use std::fmt::Display;
use std::str::FromStr;

/// The most rows of a list that are looked at for one answer, where what is wanted may stand anywhere in it: some ten
/// milliseconds. Who wants more of a list goes on from where the answer ends.
const STRIDE: usize = 5_000;

/// A place in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<I> {
    /// The time by which what stands there is sorted.
    pub at: Timestamp,
    /// Its name.
    pub id: I,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walked<T, I> {
    /// What is wanted of it.
    pub found: Vec<T>,
    /// The place to which it was looked through, if there are more behind and less was found than was asked for.
    pub until: Option<Place<I>>,
}

/// By what a table is sorted as a list; an index has it so.
pub(super) struct Order {
    /// With its alias: `run r`.
    pub(super) table: &'static str,
    /// The column of the time.
    pub(super) time: &'static str,
    /// The column of the name.
    pub(super) id: &'static str,
}

impl Order {
    /// Leaves out what is earlier than a time, and what stands at a place or before it.
    pub(super) fn push_range<I: Display>(
        &self,
        query: &mut QueryBuilder<Sqlite>,
        since: Option<Timestamp>,
        after: Option<&Place<I>>,
    ) {
        if let Some(since) = since {
            query.push(format_args!(" AND rtrim({}, 'Z') >= ", self.time));
            query.push_bind(sortable(since));
        }
        if let Some(place) = after {
            self.push_place(query, ("<=", "<"), place);
        }
    }

    /// Leaves out what stands behind a place.
    pub(super) fn push_until<I: Display>(&self, query: &mut QueryBuilder<Sqlite>, place: &Place<I>) {
        self.push_place(query, (">=", ">="), place);
    }

    /// The newest first, at most `limit`.
    pub(super) fn push_limit(&self, query: &mut QueryBuilder<Sqlite>, limit: usize) {
        let Self { time, id, .. } = self;
        query.push(format_args!(
            " ORDER BY rtrim({time}, 'Z') DESC, {id} DESC LIMIT "
        ));
        query.push_bind(as_limit(limit));
    }

    /// The last place of the range that is looked at for one answer, if the range has so many.
    pub(super) async fn stride<I>(
        &self,
        pool: &SqlitePool,
        since: Option<Timestamp>,
        after: Option<&Place<I>>,
    ) -> Result<Option<Place<I>>, LedgerError>
    where
        I: Display + FromStr,
        I::Err: std::error::Error + Send + Sync + 'static,
    {
        let Self { table, time, id } = self;
        let mut query = QueryBuilder::new(format!("SELECT {time}, {id} FROM {table} WHERE true"));
        self.push_range(&mut query, since, after);
        self.push_limit(&mut query, 1);
        query.push(" OFFSET ").push_bind(as_limit(STRIDE - 1));
        let row: Option<(String, String)> = query.build_query_as().fetch_optional(pool).await?;
        let of_row = |(at, id): (String, String)| {
            Ok(Place {
                at: parsed(&at)?,
                id: parsed(&id)?,
            })
        };
        row.map(of_row).transpose()
    }

    fn push_place<I: Display>(
        &self,
        query: &mut QueryBuilder<Sqlite>,
        (of_time, of_both): (&str, &str),
        place: &Place<I>,
    ) {
        let Self { time, id, .. } = self;
        // The first condition follows from the second, but only with it the index is searched.
        query.push(format_args!(" AND rtrim({time}, 'Z') {of_time} "));
        query.push_bind(sortable(place.at));
        query.push(format_args!(" AND (rtrim({time}, 'Z'), {id}) {of_both} ("));
        query.push_bind(sortable(place.at)).push(", ");
        query.push_bind(place.id.to_string()).push(")");
    }
}
