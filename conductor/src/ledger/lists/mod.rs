//! The reading queries of the routes: on the reader pool, beside the writer, from the last commit.
//!
//! Times are texts with as many digits as they need. Without their `Z` they sort as what they are, which
//! with it they would not (`07Z` comes after `07.5Z`); the indexes are made that way.

mod acts;
mod cells;
mod history;
mod notes;
mod observations;
mod order;
mod runs;
mod shift;
mod slots;
mod standings;
mod trouble;

pub use acts::ActRecord;
pub use cells::{CellFilter, Selected, Which};
pub use history::History;
pub use notes::{NoteFilter, NoteRecord};
pub use observations::{ObservationFilter, ObservationRecord};
pub use order::{Place, Walked};
pub use runs::{RunFilter, RunRecord};
pub use shift::OpenRun;
pub use trouble::{FailedCell, HeldRecord, Recalled};

use super::LedgerError;
use domain::{CellState, ProductName};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use std::str::FromStr;

/// A time as the sorting expressions have it.
pub(super) fn sortable(time: Timestamp) -> String {
    time.to_string().trim_end_matches('Z').to_owned()
}

/// A limit as the database takes it.
pub(super) fn as_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// A count as the database gave it.
fn as_count(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

/// A column that was written from a value of this type.
pub(super) fn parsed<T>(text: &str) -> Result<T, LedgerError>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let decode = |error: T::Err| LedgerError::Database(sqlx::Error::Decode(Box::new(error)));
    text.parse().map_err(decode)
}

/// A whole record.
fn record<T: DeserializeOwned>(table: &'static str, obs_id: &str, body: &str) -> Result<T, LedgerError> {
    serde_json::from_str(body).map_err(|source| LedgerError::Row {
        table: table.to_owned(),
        obs_id: obs_id.to_owned(),
        source,
    })
}

/// Names as one argument, for `IN (SELECT value FROM json_each(..))`.
fn names<'a>(products: impl IntoIterator<Item = &'a ProductName>) -> Result<String, LedgerError> {
    let products: Vec<&ProductName> = products.into_iter().collect();
    serde_json::to_string(&products).map_err(LedgerError::Record)
}

/// The condition that `cell c` is in a state. The word stands in the text, and the unfinished states with
/// their whole family, since the partial indexes only serve conditions that imply theirs.
fn in_state(state: CellState) -> String {
    match state {
        CellState::Grace
        | CellState::Queued
        | CellState::Requested
        | CellState::Running
        | CellState::Retrying => format!(
            "c.state = '{state}' AND c.state IN ('grace', 'queued', 'requested', 'running', 'retrying')"
        ),
        CellState::NotExpected
        | CellState::Done
        | CellState::Received
        | CellState::Stale
        | CellState::Retracted
        | CellState::Cancelled
        | CellState::Waiting
        | CellState::Held
        | CellState::Failed
        | CellState::Quarantined => format!("c.state = '{state}'"),
    }
}

/// Whether an index knows the cells in a state: those that call for somebody, or move.
fn is_indexed(state: CellState) -> bool {
    match state {
        CellState::Grace
        | CellState::Queued
        | CellState::Requested
        | CellState::Running
        | CellState::Retrying
        | CellState::Waiting
        | CellState::Held
        | CellState::Failed
        | CellState::Quarantined => true,
        CellState::NotExpected
        | CellState::Done
        | CellState::Received
        | CellState::Stale
        | CellState::Retracted
        | CellState::Cancelled => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_sort_as_what_they_are() {
        let times = ["06.999999999", "07", "07.1", "07.12", "07.123", "07.5", "08"];
        let sorted = times.map(|time| sortable(format!("2026-02-25T08:52:{time}Z").parse().unwrap()));
        assert!(sorted.is_sorted(), "{sorted:?}");
    }
}
