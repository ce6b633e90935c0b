//! Reading back: whole observations, and which of them are unfinished.

use super::{Ledger, LedgerError};
use conductor_core::{Cell, Datum, Observation, Run};
use domain::ObsId;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

const UNFINISHED: &str = "SELECT DISTINCT obs_id FROM cell
    WHERE state IN ('grace', 'queued', 'requested', 'running', 'retrying')
    UNION SELECT DISTINCT obs_id FROM run
    WHERE state IN ('queued', 'requested', 'running', 'retrying')
    ORDER BY obs_id";

const CELLS: &str = "SELECT obs_id, body FROM cell WHERE obs_id IN (SELECT value FROM json_each(?1))";
const DATA: &str = "SELECT obs_id, body FROM datum WHERE obs_id IN (SELECT value FROM json_each(?1))";
const RUNS: &str = "SELECT obs_id, body FROM run WHERE obs_id IN (SELECT value FROM json_each(?1))";

impl Ledger {
    /// The observations in which something is in progress: all that a start must look at.
    pub async fn unfinished(&self) -> Result<Vec<ObsId>, LedgerError> {
        let keys: Vec<String> = sqlx::query_scalar(UNFINISHED).fetch_all(&self.reader).await?;
        Ok(keys.iter().filter_map(|key| key.parse().ok()).collect())
    }

    /// The observations as they were stored, new ones where nothing was; in one query per table.
    pub async fn load(&self, now: Timestamp, wanted: &[ObsId]) -> Result<Vec<Observation>, LedgerError> {
        let keys: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        let keys = serde_json::to_string(&keys).map_err(LedgerError::Record)?;
        let mut cells: BTreeMap<String, Vec<Cell>> = self.rows("cell", CELLS, &keys).await?;
        let mut data: BTreeMap<String, Vec<Datum>> = self.rows("datum", DATA, &keys).await?;
        let mut runs: BTreeMap<String, Vec<Run>> = self.rows("run", RUNS, &keys).await?;
        let restore = |obs_id: &ObsId| {
            let key = obs_id.to_string();
            Observation::restore(
                obs_id.clone(),
                now,
                cells.remove(&key).unwrap_or_default(),
                data.remove(&key).unwrap_or_default(),
                runs.remove(&key).unwrap_or_default(),
            )
        };
        Ok(wanted.iter().map(restore).collect())
    }

    async fn rows<T: DeserializeOwned>(
        &self,
        table: &'static str,
        statement: &'static str,
        keys: &str,
    ) -> Result<BTreeMap<String, Vec<T>>, LedgerError> {
        let rows: Vec<(String, String)> = sqlx::query_as(statement)
            .bind(keys)
            .fetch_all(&self.writer)
            .await?;
        let mut read: BTreeMap<String, Vec<T>> = BTreeMap::new();
        for (obs_id, body) in rows {
            match serde_json::from_str(&body) {
                Ok(record) => read.entry(obs_id).or_default().push(record),
                Err(source) => {
                    return Err(LedgerError::Row {
                        table,
                        obs_id,
                        source,
                    });
                }
            }
        }
        Ok(read)
    }
}
