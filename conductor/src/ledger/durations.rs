//! How long runs took.

use super::lists::parsed;
use super::upsert::Upsert;
use super::{Ledger, LedgerError};
use crate::durations::Took;
use sqlx::SqliteConnection;

static DURATIONS: Upsert = Upsert::new(
    "INSERT INTO duration (product, provider, body)",
    3,
    "ON CONFLICT (product, provider) DO UPDATE SET body = excluded.body",
);

impl Ledger {
    /// The last durations of each product at each provider.
    pub async fn durations(&self) -> Result<Vec<Took>, LedgerError> {
        let rows: Vec<(String, String, String)> =
            sqlx::query_as("SELECT product, provider, body FROM duration")
                .fetch_all(&mut *self.writer.get().await?)
                .await?;
        let of_row = |(product, provider, body): &(String, String, String)| {
            Ok(Took {
                product: parsed(product)?,
                provider: parsed(provider)?,
                last_ms: serde_json::from_str(body).map_err(LedgerError::Record)?,
            })
        };
        rows.iter().map(of_row).collect()
    }
}

/// Stores rows that a run's end has changed.
pub(super) async fn store(connection: &mut SqliteConnection, rows: &[Took]) -> Result<(), sqlx::Error> {
    DURATIONS
        .store(connection, rows, |columns, row| {
            columns.text(row.product.as_str()).text(row.provider.as_str());
            columns.body(serde_json::json!(row.last_ms).to_string());
        })
        .await
}
