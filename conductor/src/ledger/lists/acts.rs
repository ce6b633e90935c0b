//! The audit log, the last act first.

use super::{as_count, as_limit, parsed, sortable};
use crate::ledger::{Act, Ledger, LedgerError};
use jiff::Timestamp;
use sqlx::{QueryBuilder, Sqlite};

/// An act and its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActRecord {
    /// Its place, rising.
    pub n: u64,
    /// The act.
    pub act: Act,
}

type ActRow = (i64, String, String, String, String, Option<String>, String);

impl Ledger {
    /// Acts at `since` or later and before the one with the number `before`, the last first, at most
    /// `limit`.
    pub async fn acts(
        &self,
        since: Option<Timestamp>,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<ActRecord>, LedgerError> {
        let mut query: QueryBuilder<Sqlite> =
            QueryBuilder::new("SELECT n, at, verb, target, asker, note, outcome FROM act WHERE true");
        if let Some(since) = since {
            query.push(" AND rtrim(at, 'Z') >= ").push_bind(sortable(since));
        }
        if let Some(before) = before {
            query.push(" AND n < ");
            query.push_bind(i64::try_from(before).unwrap_or(i64::MAX));
        }
        query.push(" ORDER BY n DESC LIMIT ").push_bind(as_limit(limit));
        let rows: Vec<ActRow> = query.build_query_as().fetch_all(&self.reader).await?;
        let of_row = |(n, at, verb, target, by, note, outcome): ActRow| {
            let at = parsed(&at)?;
            Ok(ActRecord {
                n: as_count(n),
                act: Act {
                    at,
                    verb,
                    target,
                    by,
                    note,
                    outcome,
                },
            })
        };
        rows.into_iter().map(of_row).collect()
    }
}
