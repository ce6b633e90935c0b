//! Reading back: whole observations, and which of them are unfinished.

use super::{Ledger, LedgerError};
use conductor_core::{Cell, Datum, Observation, Run};
use domain::ObsId;
use jiff::Timestamp;
use std::collections::BTreeMap;

const UNFINISHED: &str = "SELECT DISTINCT obs_id FROM cell
    WHERE state IN ('grace', 'queued', 'requested', 'running', 'retrying')
    UNION SELECT DISTINCT obs_id FROM run
    WHERE state IN ('queued', 'requested', 'running', 'retrying') AND state <> 'succeeded'
    UNION SELECT DISTINCT obs_id FROM datum WHERE untold = 1
    ORDER BY obs_id";

/// One statement, since most of its time is the way to SQLite's thread and back.
const RECORDS: &str =
    "SELECT obs_id, 'cell', body FROM cell WHERE obs_id IN (SELECT value FROM json_each(?1))
    UNION ALL SELECT obs_id, 'datum', body FROM datum WHERE obs_id IN (SELECT value FROM json_each(?1))
    UNION ALL SELECT obs_id, 'run', body FROM run WHERE obs_id IN (SELECT value FROM json_each(?1))";

/// The records of one observation.
#[derive(Default)]
struct Records {
    cells: Vec<Cell>,
    data: Vec<Datum>,
    runs: Vec<Run>,
}

impl Ledger {
    /// The observations in which something is in progress: all that a start must look at.
    pub async fn unfinished(&self) -> Result<Vec<ObsId>, LedgerError> {
        let keys: Vec<String> = sqlx::query_scalar(UNFINISHED).fetch_all(&self.reader).await?;
        Ok(keys.iter().filter_map(|key| key.parse().ok()).collect())
    }

    /// The observations as they were stored, new ones where nothing was.
    pub async fn load(&self, now: Timestamp, wanted: &[ObsId]) -> Result<Vec<Observation>, LedgerError> {
        let keys: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        let rows: Vec<(String, String, String)> = sqlx::query_as(RECORDS)
            .bind(serde_json::to_string(&keys).map_err(LedgerError::Record)?)
            .fetch_all(&mut *self.writer.get().await?)
            .await?;
        let mut records: BTreeMap<String, Records> = BTreeMap::new();
        for (obs_id, table, body) in rows {
            let of_one = records.entry(obs_id.clone()).or_default();
            of_one.read(&table, &body).map_err(|source| LedgerError::Row {
                table,
                obs_id,
                source,
            })?;
        }
        let restore = |(obs_id, key): (&ObsId, &String)| {
            let Records { cells, data, runs } = records.remove(key).unwrap_or_default();
            Observation::restore(obs_id.clone(), now, cells, data, runs)
        };
        Ok(wanted.iter().zip(&keys).map(restore).collect())
    }
}

impl Records {
    fn read(&mut self, table: &str, body: &str) -> Result<(), serde_json::Error> {
        match table {
            "cell" => self.cells.push(serde_json::from_str(body)?),
            "datum" => self.data.push(serde_json::from_str(body)?),
            _ => self.runs.push(serde_json::from_str(body)?),
        }
        Ok(())
    }
}
