//! Writing: what a batch of events changed, in one transaction.

use super::upsert::Upsert;
use super::{GraphRecord, Ledger, LedgerError, alerts, durations, graphs, restraints};
use crate::alerts::Acknowledgement;
use crate::durations::Took;
use conductor_core::{Cell, Changes, Datum, Restraint, Run};
use domain::{ObsId, ProductName, ProviderName};
use jiff::Timestamp;
use serde::Serialize;
use sqlx::{Connection as _, SqliteConnection};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What one transaction stores.
#[derive(Debug, Default)]
pub struct Batch {
    /// What changed, by observation.
    pub changes: Vec<(ObsId, Changes)>,
    /// The bursts that observations follow, as far as their data say so.
    pub bursts: BTreeMap<ObsId, String>,
    /// What operators did.
    pub acts: Vec<Act>,
    /// What operators found worth knowing.
    pub notes: Vec<Note>,
    /// What operators have seen.
    pub acknowledgements: Vec<Acknowledgement>,
    /// What operators want of providers: none of one that may go on.
    pub restraints: BTreeMap<ProviderName, Option<Restraint>>,
    /// Graphs that are in force from now on, the last one last.
    pub graphs: Vec<GraphRecord>,
    /// How long runs took that ended with it.
    pub durations: Vec<Took>,
    /// Messages that could not be decided about.
    pub quarantined: Vec<Quarantined>,
    /// How far the stream and the feeds were read with it.
    pub positions: BTreeMap<String, String>,
}

/// A line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// What an operator found worth knowing, about all that is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// When it was left.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// About this observation, if not about all.
    pub obs_id: Option<ObsId>,
    /// About this product, if not about all.
    pub product: Option<ProductName>,
    /// About this provider, if not about all.
    pub provider: Option<ProviderName>,
    /// What is worth knowing.
    pub text: String,
}

/// Leaving a note is an act, too.
impl From<&Note> for Act {
    fn from(note: &Note) -> Self {
        let names = [
            note.product.as_ref().map(ToString::to_string),
            note.provider.as_ref().map(ToString::to_string),
            note.obs_id.as_ref().map(|obs_id| format!("of {obs_id}")),
        ];
        let names: Vec<String> = names.into_iter().flatten().collect();
        Self {
            at: note.at,
            verb: "note".to_owned(),
            target: names.join(" "),
            by: note.by.clone(),
            note: Some(note.text.clone()),
            outcome: "kept".to_owned(),
        }
    }
}

/// Having seen something is an act, too.
impl From<&Acknowledgement> for Act {
    fn from(acknowledgement: &Acknowledgement) -> Self {
        Self {
            at: acknowledgement.at,
            verb: "acknowledge".to_owned(),
            target: acknowledgement.fingerprint.to_string(),
            by: acknowledgement.by.clone(),
            note: acknowledgement.note.clone(),
            outcome: format!("until {:.0}", acknowledgement.until),
        }
    }
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

static OBSERVATIONS: Upsert = Upsert::new(
    "INSERT INTO observation (obs_id, rev, burst_id, first_at, changed_at)",
    5,
    "ON CONFLICT (obs_id) DO UPDATE SET rev = observation.rev + 1, changed_at = excluded.changed_at,
        burst_id = coalesce(excluded.burst_id, observation.burst_id)",
);

static CELLS: Upsert = Upsert::new(
    "INSERT INTO cell (obs_id, product, rev, state, since, held, body)",
    7,
    "ON CONFLICT (obs_id, product) DO UPDATE
    SET rev = excluded.rev, state = excluded.state, since = excluded.since, held = excluded.held,
        body = excluded.body",
);

static DATA: Upsert = Upsert::new(
    "INSERT INTO datum (obs_id, product, revision, source, untold, body)",
    6,
    "ON CONFLICT (obs_id, product, revision) DO UPDATE SET untold = excluded.untold, body = excluded.body",
);

static RUNS: Upsert = Upsert::new(
    "INSERT INTO run (run_id, obs_id, product, provider, state, queued_at, ended_at, body)",
    8,
    "ON CONFLICT (run_id) DO UPDATE
    SET state = excluded.state, ended_at = excluded.ended_at, body = excluded.body",
);

static ACTS: Upsert = Upsert::new("INSERT INTO act (at, verb, target, asker, note, outcome)", 6, "");

static NOTES: Upsert = Upsert::new(
    "INSERT INTO note (at, asker, obs_id, product, provider, body)",
    6,
    "",
);

static QUARANTINED: Upsert = Upsert::new(
    "INSERT INTO quarantine (stream_sequence, at, source, reason, body)",
    5,
    "ON CONFLICT (stream_sequence) DO NOTHING",
);

static POSITIONS: Upsert = Upsert::new(
    "INSERT INTO position (name, value)",
    2,
    "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
);

/// A record that is stored whole, as JSON, beside the columns that are asked by.
struct Row<'a, T> {
    obs_id: Arc<str>,
    record: &'a T,
    body: String,
}

/// The rows of a batch, as they are bound.
struct Rows<'a> {
    cells: Vec<Row<'a, Cell>>,
    data: Vec<Row<'a, Datum>>,
    runs: Vec<Row<'a, Run>>,
}

impl Rows<'_> {
    fn len(&self) -> usize {
        self.cells.len() + self.data.len() + self.runs.len()
    }
}

impl Ledger {
    /// Stores the batch whole or not at all.
    pub async fn store(&self, now: Timestamp, batch: &Batch) -> Result<Stored, LedgerError> {
        let stored = self.try_store(now, batch).await;
        if stored.is_err() {
            self.writer.give_up().await;
        }
        stored
    }

    async fn try_store(&self, now: Timestamp, batch: &Batch) -> Result<Stored, LedgerError> {
        let changed: Vec<(Arc<str>, &ObsId, &Changes)> = batch
            .changes
            .iter()
            .filter(|(_, changes)| !changes.is_empty())
            .map(|(obs_id, changes)| (obs_id.to_string().into(), obs_id, changes))
            .collect();
        let rows = Rows {
            cells: rows(&changed, |changes| &changes.cells)?,
            data: rows(&changed, |changes| &changes.data)?,
            runs: rows(&changed, |changes| &changes.runs)?,
        };
        let stored = Stored { rows: rows.len() };
        let mut connection = self.writer.get().await?;
        // An event can be had again; what an operator did cannot.
        let lasting = !batch.acts.is_empty()
            || !batch.notes.is_empty()
            || !batch.restraints.is_empty()
            || !batch.graphs.is_empty();
        if lasting {
            sqlx::query("PRAGMA synchronous = FULL")
                .execute(&mut *connection)
                .await?;
        }
        let mut transaction = connection.begin().await?;
        let at: Arc<str> = now.to_string().into();
        OBSERVATIONS
            .store(&mut transaction, changed, |columns, (key, obs_id, _)| {
                let burst_id = batch.bursts.get(obs_id);
                columns.text(key).number(1).maybe(burst_id.map(String::as_str));
                columns.text(Arc::clone(&at)).text(Arc::clone(&at));
            })
            .await?;
        store_rows(&mut transaction, rows).await?;
        store_marks(&mut transaction, batch).await?;
        restraints::store(&mut transaction, &batch.restraints).await?;
        graphs::store(&mut transaction, &batch.graphs).await?;
        durations::store(&mut transaction, &batch.durations).await?;
        alerts::store_acknowledgements(&mut transaction, &batch.acknowledgements).await?;
        transaction.commit().await?;
        if lasting {
            sqlx::query("PRAGMA synchronous = NORMAL")
                .execute(&mut *connection)
                .await?;
        }
        Ok(stored)
    }
}

async fn store_rows(connection: &mut SqliteConnection, rows: Rows<'_>) -> Result<(), sqlx::Error> {
    CELLS
        .store(&mut *connection, rows.cells, |columns, row| {
            let cell = row.record;
            columns.text(row.obs_id).text(cell.product.as_str());
            columns.number(cell.rev).text(cell.state.as_str());
            columns.text(cell.since.to_string());
            columns.number(cell.held.is_some().into()).body(row.body);
        })
        .await?;
    DATA.store(&mut *connection, rows.data, |columns, row| {
        let datum = row.record;
        columns.text(row.obs_id).text(datum.product.as_str());
        columns.number(datum.revision.0).text(datum.source.as_str());
        columns.number(datum.untold.into()).body(row.body);
    })
    .await?;
    RUNS.store(&mut *connection, rows.runs, |columns, row| {
        let run = row.record;
        columns.text(run.run_id.as_str()).text(row.obs_id);
        columns.text(run.product.as_str()).text(run.provider.as_str());
        columns.text(run.state.as_str()).text(run.queued_at.to_string());
        columns
            .maybe(run.ended_at.map(|at| at.to_string()))
            .body(row.body);
    })
    .await
}

/// Stores what stands beside the observations: acts, notes, messages put aside, positions.
async fn store_marks(connection: &mut SqliteConnection, batch: &Batch) -> Result<(), sqlx::Error> {
    ACTS.store(&mut *connection, &batch.acts, |columns, act| {
        columns
            .text(act.at.to_string())
            .text(&*act.verb)
            .text(&*act.target);
        columns
            .text(&*act.by)
            .maybe(act.note.as_deref())
            .text(&*act.outcome);
    })
    .await?;
    NOTES
        .store(&mut *connection, &batch.notes, |columns, note| {
            columns.text(note.at.to_string()).text(&*note.by);
            columns
                .maybe(note.obs_id.as_ref().map(ObsId::to_string))
                .maybe(note.product.as_ref().map(ProductName::as_str))
                .maybe(note.provider.as_ref().map(ProviderName::as_str));
            columns.text(&*note.text);
        })
        .await?;
    QUARANTINED
        .store(&mut *connection, &batch.quarantined, |columns, put_aside| {
            columns
                .number(put_aside.stream_sequence)
                .text(put_aside.at.to_string());
            columns
                .text(&*put_aside.source)
                .text(&*put_aside.reason)
                .bytes(put_aside.body.clone());
        })
        .await?;
    POSITIONS
        .store(&mut *connection, &batch.positions, |columns, (name, value)| {
            columns.text(&**name).text(&**value);
        })
        .await
}

fn rows<'a, T: Serialize>(
    changed: &[(Arc<str>, &'a ObsId, &'a Changes)],
    pick: impl Fn(&'a Changes) -> &'a Vec<T>,
) -> Result<Vec<Row<'a, T>>, LedgerError> {
    let count = changed.iter().map(|(_, _, changes)| pick(changes).len()).sum();
    let mut rows = Vec::with_capacity(count);
    for (obs_id, _, changes) in changed {
        for record in pick(changes) {
            rows.push(Row {
                obs_id: Arc::clone(obs_id),
                record,
                body: serde_json::to_string(record).map_err(LedgerError::Record)?,
            });
        }
    }
    Ok(rows)
}
