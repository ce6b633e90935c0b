//! Writing: what a batch of events changed, in one transaction.

use super::{Ledger, LedgerError};
use conductor_core::{Cell, Changes, Datum, Run};
use domain::ObsId;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// What one transaction stores.
#[derive(Debug, Default)]
pub struct Batch {
    /// What changed, by observation.
    pub changes: Vec<(ObsId, Changes)>,
    /// How far the stream and the feeds were read with it.
    pub positions: BTreeMap<String, String>,
}

/// How much a transaction stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Rows of cells, data and runs.
    pub rows: usize,
}

#[derive(Serialize)]
struct Row<'a, T> {
    obs_id: String,
    body: &'a T,
}

const OBSERVATIONS: &str = "INSERT INTO observation (obs_id, rev, first_at, changed_at)
    SELECT value, 1, ?2, ?2 FROM json_each(?1) WHERE true
    ON CONFLICT (obs_id) DO UPDATE SET rev = observation.rev + 1, changed_at = excluded.changed_at";

const CELLS: &str = "INSERT INTO cell (obs_id, product, rev, state, since, body)
    SELECT value ->> '$.obs_id', value ->> '$.body.product', value ->> '$.body.rev',
           value ->> '$.body.state', value ->> '$.body.since', value -> '$.body'
    FROM json_each(?1) WHERE true
    ON CONFLICT (obs_id, product) DO UPDATE
    SET rev = excluded.rev, state = excluded.state, since = excluded.since, body = excluded.body";

const DATA: &str = "INSERT INTO datum (obs_id, product, revision, source, body)
    SELECT value ->> '$.obs_id', value ->> '$.body.product', value ->> '$.body.revision',
           value ->> '$.body.source', value -> '$.body'
    FROM json_each(?1) WHERE true
    ON CONFLICT (obs_id, product, revision) DO UPDATE SET body = excluded.body";

const RUNS: &str = "INSERT INTO run (run_id, obs_id, product, provider, state, queued_at, ended_at, body)
    SELECT value ->> '$.body.run_id', value ->> '$.obs_id', value ->> '$.body.product',
           value ->> '$.body.provider', value ->> '$.body.state', value ->> '$.body.queued_at',
           value ->> '$.body.ended_at', value -> '$.body'
    FROM json_each(?1) WHERE true
    ON CONFLICT (run_id) DO UPDATE
    SET state = excluded.state, ended_at = excluded.ended_at, body = excluded.body";

const POSITIONS: &str = "INSERT INTO position (name, value)
    SELECT key, value FROM json_each(?1) WHERE true
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";

impl Ledger {
    /// Stores the batch whole or not at all.
    pub async fn store(&self, now: Timestamp, batch: &Batch) -> Result<Stored, LedgerError> {
        let changed = || batch.changes.iter().filter(|(_, changes)| !changes.is_empty());
        let observations: Vec<String> = changed().map(|(obs_id, _)| obs_id.to_string()).collect();
        let cells = rows(changed(), |changes| -> &[Cell] { &changes.cells });
        let data = rows(changed(), |changes| -> &[Datum] { &changes.data });
        let runs = rows(changed(), |changes| -> &[Run] { &changes.runs });
        let stored = Stored {
            rows: cells.len() + data.len() + runs.len(),
        };

        let mut transaction = self.writer.begin().await?;
        if !observations.is_empty() {
            sqlx::query(OBSERVATIONS)
                .bind(json(&observations)?)
                .bind(now.to_string())
                .execute(&mut *transaction)
                .await?;
        }
        for (statement, rows) in [
            (CELLS, (!cells.is_empty()).then(|| json(&cells))),
            (DATA, (!data.is_empty()).then(|| json(&data))),
            (RUNS, (!runs.is_empty()).then(|| json(&runs))),
            (
                POSITIONS,
                (!batch.positions.is_empty()).then(|| json(&batch.positions)),
            ),
        ] {
            if let Some(rows) = rows {
                sqlx::query(statement)
                    .bind(rows?)
                    .execute(&mut *transaction)
                    .await?;
            }
        }
        transaction.commit().await?;
        Ok(stored)
    }
}

fn rows<'a, T>(
    changes: impl Iterator<Item = &'a (ObsId, Changes)>,
    pick: impl Fn(&'a Changes) -> &'a [T],
) -> Vec<Row<'a, T>> {
    let of_one = |(obs_id, changes): &'a (ObsId, Changes)| {
        let obs_id = obs_id.to_string();
        pick(changes).iter().map(move |body| Row {
            obs_id: obs_id.clone(),
            body,
        })
    };
    changes.flat_map(of_one).collect()
}

fn json(rows: &impl Serialize) -> Result<String, LedgerError> {
    serde_json::to_string(rows).map_err(LedgerError::Record)
}
