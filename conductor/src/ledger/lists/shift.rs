//! What a shift did and leaves.

use super::{as_count, as_limit, parsed, record, sortable};
use crate::ledger::{Ledger, LedgerError};
use api::conductor::Counts;
use conductor_core::Run;
use domain::{ObsId, RunState};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A run that has not ended.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenRun {
    /// Its observation.
    pub obs_id: ObsId,
    /// The run.
    pub run: Run,
}

/// The indexes serve each part by itself.
const OPEN_CELLS: &str = "SELECT state, count(*) FROM cell
        WHERE state IN ('grace', 'queued', 'requested', 'running', 'retrying') GROUP BY state
    UNION ALL SELECT 'waiting', count(*) FROM cell WHERE state = 'waiting'";

impl OpenRun {
    /// From its observation and its body, as the ledger has them.
    pub(super) fn of_row((obs_id, body): &(String, String)) -> Result<Self, LedgerError> {
        Ok(Self {
            obs_id: parsed(obs_id)?,
            run: record("run", obs_id, body)?,
        })
    }
}

impl Ledger {
    /// How many cells move by themselves, or will, by state.
    pub async fn open_cells(&self) -> Result<Counts, LedgerError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(OPEN_CELLS).fetch_all(&self.reader).await?;
        let counted = |(state, cells): &(String, i64)| Ok((parsed(state)?, as_count(*cells)));
        rows.iter().map(counted).collect()
    }

    /// How many runs were decided since, by how they are now.
    pub async fn runs_since(&self, since: Timestamp) -> Result<BTreeMap<RunState, u64>, LedgerError> {
        let rows: Vec<(String, i64)> =
            sqlx::query_as("SELECT state, count(*) FROM run WHERE rtrim(queued_at, 'Z') >= ? GROUP BY state")
                .bind(sortable(since))
                .fetch_all(&self.reader)
                .await?;
        let counted = |(state, runs): &(String, i64)| {
            let state = serde_json::from_value(state.as_str().into()).map_err(LedgerError::Record)?;
            Ok((state, as_count(*runs)))
        };
        rows.iter().map(counted).collect()
    }

    /// Runs that have not ended, by observation, at most `limit`.
    pub async fn open_runs(&self, limit: usize) -> Result<Vec<OpenRun>, LedgerError> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT obs_id, body FROM run
             WHERE state IN ('queued', 'requested', 'running', 'retrying') AND state <> 'succeeded'
             ORDER BY obs_id, product LIMIT ?",
        )
        .bind(as_limit(limit))
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(OpenRun::of_row).collect()
    }
}
