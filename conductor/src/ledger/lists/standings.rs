//! What is under way, as far as it matters for when things will be there.

use super::{as_limit, parsed, record};
use crate::eta::Standing;
use crate::ledger::{Ledger, LedgerError};
use conductor_core::{Cell, Run};
use domain::ObsId;

/// The cells of the observations in which a run is open, the latest changed of them first, and of one more.
const STANDINGS: &str = "SELECT c.obs_id, c.body, r.body FROM cell c
    LEFT JOIN run r ON r.run_id = c.body ->> '$.run_id'
    WHERE c.obs_id = ?1 OR c.obs_id IN (
        SELECT o.obs_id FROM observation o
        WHERE o.obs_id IN (
            SELECT obs_id FROM run
            WHERE state IN ('queued', 'requested', 'running', 'retrying') AND state <> 'succeeded')
        ORDER BY rtrim(o.changed_at, 'Z') DESC LIMIT ?2)";

impl Ledger {
    /// How the cells stand of an observation and of those that are under way with it, at most `limit` of these.
    pub async fn standings(&self, obs_id: &ObsId, limit: usize) -> Result<Vec<Standing>, LedgerError> {
        let rows: Vec<(String, String, Option<String>)> = sqlx::query_as(STANDINGS)
            .bind(obs_id.to_string())
            .bind(as_limit(limit))
            .fetch_all(&self.reader)
            .await?;
        let of_row = |(id, cell, run): &(String, String, Option<String>)| {
            let cell: Cell = record("cell", id, cell)?;
            let run: Option<Run> = run.as_ref().map(|body| record("run", id, body)).transpose()?;
            Ok(Standing::new(parsed(id)?, &cell, run.as_ref()))
        };
        rows.iter().map(of_row).collect()
    }
}
