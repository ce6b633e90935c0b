//! Writing: what a batch of events changed, in one transaction.

use super::{Ledger, LedgerError};
use conductor_core::{Cell, Changes, Datum, Run};
use domain::ObsId;
use jiff::Timestamp;
use serde::Serialize;
use sqlx::Connection as _;
use std::collections::BTreeMap;

/// What one transaction stores.
#[derive(Debug, Default)]
pub struct Batch {
    /// What changed, by observation.
    pub changes: Vec<(ObsId, Changes)>,
    /// The bursts that observations follow, as far as their data say so.
    pub bursts: BTreeMap<ObsId, String>,
    /// What operators did.
    pub acts: Vec<Act>,
    /// Messages that could not be decided about.
    pub quarantined: Vec<Quarantined>,
    /// How far the stream and the feeds were read with it.
    pub positions: BTreeMap<String, String>,
}

/// A line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Act {
    /// When.
    pub at: Timestamp,
    /// What was done: `processing`, `retry`.
    pub verb: String,
    /// To what.
    pub target: String,
    /// By whom.
    pub by: String,
    /// Why.
    pub note: Option<String>,
    /// What came of it.
    pub outcome: String,
}

/// A message that could not be decided about, with its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Its number in the stream.
    pub stream_sequence: u64,
    /// When it was put aside.
    pub at: Timestamp,
    /// Who announced it.
    pub source: String,
    /// Why it was put aside.
    pub reason: String,
    /// The message as it was.
    pub body: Vec<u8>,
}

/// How much a transaction stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Rows of cells, data and runs.
    pub rows: usize,
}

#[derive(Serialize)]
struct ObservationRow<'a> {
    obs_id: String,
    burst_id: Option<&'a String>,
}

#[derive(Serialize)]
struct Row<'a, T> {
    obs_id: String,
    body: &'a T,
}

const OBSERVATIONS: &str = "INSERT INTO observation (obs_id, rev, burst_id, first_at, changed_at)
    SELECT value ->> '$.obs_id', 1, value ->> '$.burst_id', ?2, ?2 FROM json_each(?1) WHERE true
    ON CONFLICT (obs_id) DO UPDATE SET rev = observation.rev + 1, changed_at = excluded.changed_at,
        burst_id = coalesce(excluded.burst_id, observation.burst_id)";

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

const ACTS: &str = "INSERT INTO act (at, verb, target, asker, note, outcome)
    SELECT value ->> '$.at', value ->> '$.verb', value ->> '$.target', value ->> '$.by',
           value ->> '$.note', value ->> '$.outcome'
    FROM json_each(?1)";

const QUARANTINED: &str = "INSERT INTO quarantine (stream_sequence, at, source, reason, body)
    VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (stream_sequence) DO NOTHING";

const POSITIONS: &str = "INSERT INTO position (name, value)
    SELECT key, value FROM json_each(?1) WHERE true
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";

impl Ledger {
    /// Stores the batch whole or not at all.
    pub async fn store(&self, now: Timestamp, batch: &Batch) -> Result<Stored, LedgerError> {
        let changed = || batch.changes.iter().filter(|(_, changes)| !changes.is_empty());
        let observations: Vec<ObservationRow> = changed()
            .map(|(obs_id, _)| ObservationRow {
                obs_id: obs_id.to_string(),
                burst_id: batch.bursts.get(obs_id),
            })
            .collect();
        let cells = rows(changed(), |changes| -> &[Cell] { &changes.cells });
        let data = rows(changed(), |changes| -> &[Datum] { &changes.data });
        let runs = rows(changed(), |changes| -> &[Run] { &changes.runs });
        let stored = Stored {
            rows: cells.len() + data.len() + runs.len(),
        };

        let mut connection = self.writer.acquire().await?;
        // An event can be had again; what an operator did cannot.
        let lasting = !batch.acts.is_empty();
        if lasting {
            sqlx::query("PRAGMA synchronous = FULL")
                .execute(&mut *connection)
                .await?;
        }
        let mut transaction = connection.begin().await?;
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
            (ACTS, (!batch.acts.is_empty()).then(|| json(&batch.acts))),
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
        // Rare, and bytes are no JSON: one statement each.
        for put_aside in &batch.quarantined {
            sqlx::query(QUARANTINED)
                .bind(i64::try_from(put_aside.stream_sequence).unwrap_or(i64::MAX))
                .bind(put_aside.at.to_string())
                .bind(&put_aside.source)
                .bind(&put_aside.reason)
                .bind(&put_aside.body)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        if lasting {
            sqlx::query("PRAGMA synchronous = NORMAL")
                .execute(&mut *connection)
                .await?;
        }
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
