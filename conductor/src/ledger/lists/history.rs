//! All that is known of one observation.

use super::{parsed, record};
use crate::ledger::{Ledger, LedgerError};
use conductor_core::{Cell, Datum, Run};
use domain::ObsId;
use jiff::Timestamp;

/// An observation with all of its data and runs, also those that were replaced.
#[derive(Debug, Clone)]
pub struct History {
    /// The observation.
    pub obs_id: ObsId,
    /// When its first datum was stored.
    pub first_at: Timestamp,
    /// Its cells.
    pub cells: Vec<Cell>,
    /// Its data, in no order.
    pub data: Vec<Datum>,
    /// Its runs, in no order.
    pub runs: Vec<Run>,
}

const HISTORY: &str = "SELECT 'observation', first_at FROM observation WHERE obs_id = ?1
    UNION ALL SELECT 'cell', body FROM cell WHERE obs_id = ?1
    UNION ALL SELECT 'datum', body FROM datum WHERE obs_id = ?1
    UNION ALL SELECT 'run', body FROM run WHERE obs_id = ?1";

impl Ledger {
    /// All that was stored of an observation; none if nothing is known of it.
    pub async fn history(&self, obs_id: &ObsId) -> Result<Option<History>, LedgerError> {
        let id = obs_id.to_string();
        let rows: Vec<(String, String)> = sqlx::query_as(HISTORY).bind(&id).fetch_all(&self.reader).await?;
        let mut first_at = None;
        let (mut cells, mut data, mut runs) = (Vec::new(), Vec::new(), Vec::new());
        for (table, body) in rows {
            match table.as_str() {
                "observation" => first_at = Some(parsed(&body)?),
                "cell" => cells.push(record("cell", &id, &body)?),
                "datum" => data.push(record("datum", &id, &body)?),
                _ => runs.push(record("run", &id, &body)?),
            }
        }
        Ok(first_at.map(|first_at| History {
            obs_id: obs_id.clone(),
            first_at,
            cells,
            data,
            runs,
        }))
    }
}
