//! What a provider has of ours, and how runs are of which it speaks.

use super::{OpenRun, as_limit, parsed};
use crate::ledger::{Ledger, LedgerError};
use domain::{ObsId, ProductName, ProviderName, RunId, RunState};
use std::collections::BTreeMap;

/// Runs that hold a slot. That none of them has succeeded follows, but only if it is said is the index of those
/// searched.
const HELD_SLOTS: &str = "SELECT obs_id, body FROM run
    WHERE state IN ('requested', 'running') AND state <> 'succeeded' AND provider = ?1
    ORDER BY rtrim(queued_at, 'Z') LIMIT ?2";

const OF_CELLS: &str = "SELECT r.run_id, r.body ->> '$.alias', r.state
    FROM json_each(?1) wanted JOIN run r
    ON r.obs_id = wanted.value ->> 0 AND r.product = wanted.value ->> 1
    WHERE r.provider = ?2";

impl Ledger {
    /// The runs that hold a slot at a provider, the first decided first, at most `limit`.
    pub async fn held_slots(
        &self,
        provider: &ProviderName,
        limit: usize,
    ) -> Result<Vec<OpenRun>, LedgerError> {
        let rows: Vec<(String, String)> = sqlx::query_as(HELD_SLOTS)
            .bind(provider.as_str())
            .bind(as_limit(limit))
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(OpenRun::of_row).collect()
    }

    /// How the runs of these cells at a provider are, each by our id and by its provider's.
    pub async fn run_states(
        &self,
        provider: &ProviderName,
        cells: &[(&ObsId, &ProductName)],
    ) -> Result<BTreeMap<RunId, RunState>, LedgerError> {
        let keys: Vec<(String, &str)> = cells
            .iter()
            .map(|(obs_id, product)| (obs_id.to_string(), product.as_str()))
            .collect();
        let rows: Vec<(String, Option<String>, String)> = sqlx::query_as(OF_CELLS)
            .bind(serde_json::to_string(&keys).map_err(LedgerError::Record)?)
            .bind(provider.as_str())
            .fetch_all(&self.reader)
            .await?;
        let mut states = BTreeMap::new();
        for (run_id, alias, state) in rows {
            let state: RunState = serde_json::from_value(state.into()).map_err(LedgerError::Record)?;
            for id in std::iter::once(run_id).chain(alias) {
                states.insert(parsed(&id)?, state);
            }
        }
        Ok(states)
    }
}
