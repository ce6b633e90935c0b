//! What called for a human, what is still to be told of it, and who has seen it.

use super::lists::{as_limit, parsed, sortable};
use super::upsert::Upsert;
use super::{Ledger, LedgerError};
use crate::alerts::{Acknowledgement, Alert, FailureChange, Fingerprint};
use api::conductor::Notice;
use jiff::Timestamp;
use sqlx::{Connection as _, SqliteConnection};

/// Notices of one bell that wait to be told. More are a night of alarms that nobody heard: the oldest are
/// forgotten, and `GET /alerts` has what stands.
const MAX_NOTICES: i64 = 1_000;

/// What one look at the alerts has changed.
#[derive(Debug, Clone, Default)]
pub struct AlertBatch {
    /// Alerts that are new or otherwise than before.
    pub alerts: Vec<Alert>,
    /// Cells that begin, or cease, to stand under a cause.
    pub failures: Vec<FailureChange>,
    /// What is to be told, by the names of the bells.
    pub notices: Vec<(&'static str, Notice)>,
}

static ALERTS: Upsert = Upsert::new(
    "INSERT INTO alert (fingerprint, since, cleared_at, body)",
    4,
    "ON CONFLICT (fingerprint, since) DO UPDATE SET cleared_at = excluded.cleared_at, body = excluded.body",
);

static FAILURES: Upsert = Upsert::new(
    "INSERT INTO failure (obs_id, product, fingerprint)",
    3,
    "ON CONFLICT (obs_id, product) DO UPDATE SET fingerprint = excluded.fingerprint",
);

static NOTICES: Upsert = Upsert::new("INSERT INTO notice (bell, body)", 2, "");

static ACKNOWLEDGEMENTS: Upsert = Upsert::new(
    "INSERT INTO acknowledgement (fingerprint, at, asker, note, until)",
    5,
    "ON CONFLICT (fingerprint) DO UPDATE SET at = excluded.at, asker = excluded.asker, note = excluded.note,
        until = excluded.until",
);

const END_FAILURES: &str = "DELETE FROM failure WHERE (obs_id, product) IN (
    SELECT value ->> 0, value ->> 1 FROM json_each(?1))";

const FORGET_NOTICES: &str = "DELETE FROM notice WHERE bell = ?1 AND n <= (
    SELECT n FROM notice WHERE bell = ?1 ORDER BY n DESC LIMIT 1 OFFSET ?2)";

const SHOWN_ALERTS: &str = "SELECT body FROM alert WHERE cleared_at IS NULL
    UNION ALL SELECT * FROM (SELECT body FROM alert WHERE cleared_at IS NOT NULL
        AND rtrim(cleared_at, 'Z') >= ?1 ORDER BY rtrim(cleared_at, 'Z') DESC LIMIT ?2)";

impl Ledger {
    /// Stores what has changed, whole or not at all.
    pub async fn store_alerts(&self, batch: &AlertBatch) -> Result<(), LedgerError> {
        let stored = self.try_store_alerts(batch).await;
        if stored.is_err() {
            self.writer.give_up().await;
        }
        stored
    }

    async fn try_store_alerts(&self, batch: &AlertBatch) -> Result<(), LedgerError> {
        let mut connection = self.writer.get().await?;
        let mut transaction = connection.begin().await?;
        let alerts: Vec<(&Alert, String)> = batch
            .alerts
            .iter()
            .map(|alert| Ok((alert, json(alert)?)))
            .collect::<Result<_, LedgerError>>()?;
        ALERTS
            .store(&mut transaction, alerts, |columns, (alert, body)| {
                columns.text(alert.fingerprint.as_str());
                columns.text(alert.since.to_string());
                columns
                    .maybe(alert.cleared_at.map(|at| at.to_string()))
                    .body(body);
            })
            .await?;
        store_failures(&mut transaction, &batch.failures).await?;
        let notices: Vec<(&str, String)> = batch
            .notices
            .iter()
            .map(|(bell, notice)| Ok((*bell, json(notice)?)))
            .collect::<Result<_, LedgerError>>()?;
        let mut bells: Vec<&str> = notices.iter().map(|(bell, _)| *bell).collect();
        NOTICES
            .store(&mut transaction, notices, |columns, (bell, body)| {
                columns.text(bell).body(body);
            })
            .await?;
        bells.dedup();
        for bell in bells {
            let query = sqlx::query(FORGET_NOTICES).bind(bell).bind(MAX_NOTICES);
            query.execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// What stands.
    pub async fn standing_alerts(&self) -> Result<Vec<Alert>, LedgerError> {
        self.alerts_since(Timestamp::MAX, 0).await
    }

    /// What stands, and at most `limit` of what was over at `since` or later.
    pub async fn alerts_since(&self, since: Timestamp, limit: usize) -> Result<Vec<Alert>, LedgerError> {
        let bodies: Vec<String> = sqlx::query_scalar(SHOWN_ALERTS)
            .bind(sortable(since))
            .bind(as_limit(limit))
            .fetch_all(&self.reader)
            .await?;
        let of_row = |body: &String| serde_json::from_str(body).map_err(LedgerError::Record);
        bodies.iter().map(of_row).collect()
    }

    /// The acknowledgements that hold at this time.
    pub async fn acknowledgements(&self, now: Timestamp) -> Result<Vec<Acknowledgement>, LedgerError> {
        let rows: Vec<(String, String, String, Option<String>, String)> = sqlx::query_as(
            "SELECT fingerprint, at, asker, note, until FROM acknowledgement WHERE rtrim(until, 'Z') > ?
             ORDER BY fingerprint",
        )
        .bind(sortable(now))
        .fetch_all(&self.reader)
        .await?;
        let of_row =
            |(fingerprint, at, by, note, until): (String, String, String, Option<String>, String)| {
                Ok(Acknowledgement {
                    fingerprint: Fingerprint::from(fingerprint.as_str()),
                    by,
                    at: parsed(&at)?,
                    until: parsed(&until)?,
                    note,
                })
            };
        rows.into_iter().map(of_row).collect()
    }

    /// The first notice that a bell has still to tell, with its place.
    pub async fn next_notice(&self, bell: &str) -> Result<Option<(i64, Notice)>, LedgerError> {
        let row: Option<(i64, String)> =
            sqlx::query_as("SELECT n, body FROM notice WHERE bell = ? ORDER BY n LIMIT 1")
                .bind(bell)
                .fetch_optional(&self.reader)
                .await?;
        let read = |(n, body): (i64, String)| {
            let notice = serde_json::from_str(&body).map_err(LedgerError::Record)?;
            Ok((n, notice))
        };
        row.map(read).transpose()
    }

    /// A notice is told.
    pub async fn notice_told(&self, n: i64) -> Result<(), LedgerError> {
        sqlx::query("DELETE FROM notice WHERE n = ?")
            .bind(n)
            .execute(&mut *self.writer.get().await?)
            .await?;
        Ok(())
    }
}

/// Stores acknowledgements. One that comes later counts instead of the one before.
pub(super) async fn store_acknowledgements(
    connection: &mut SqliteConnection,
    acknowledgements: &[Acknowledgement],
) -> Result<(), sqlx::Error> {
    ACKNOWLEDGEMENTS
        .store(connection, acknowledgements, |columns, acknowledgement| {
            columns.text(acknowledgement.fingerprint.as_str());
            columns.text(acknowledgement.at.to_string());
            columns.text(&*acknowledgement.by);
            columns.maybe(acknowledgement.note.as_deref());
            columns.text(acknowledgement.until.to_string());
        })
        .await
}

async fn store_failures(
    connection: &mut SqliteConnection,
    changes: &[FailureChange],
) -> Result<(), LedgerError> {
    let begun: Vec<(&FailureChange, &Fingerprint)> = changes
        .iter()
        .filter_map(|change| Some((change, change.cause.as_ref()?)))
        .collect();
    FAILURES
        .store(connection, begun, |columns, (change, cause)| {
            columns.text(change.target.obs_id.to_string());
            columns.text(change.target.product.as_str()).text(cause.as_str());
        })
        .await?;
    let over = changes.iter().filter(|change| change.cause.is_none());
    let over: Vec<(String, &str)> = over
        .map(|change| (change.target.obs_id.to_string(), change.target.product.as_str()))
        .collect();
    sqlx::query(END_FAILURES)
        .bind(json(&over)?)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

fn json(record: &impl serde::Serialize) -> Result<String, LedgerError> {
    serde_json::to_string(record).map_err(LedgerError::Record)
}
