//! What operators want of providers.

use super::lists::parsed;
use super::upsert::Upsert;
use super::{Ledger, LedgerError};
use conductor_core::Restraint;
use domain::ProviderName;
use serde_json::json;
use sqlx::SqliteConnection;
use std::collections::BTreeMap;

static RESTRAINTS: Upsert = Upsert::new(
    "INSERT INTO restraint (provider, body)",
    2,
    "ON CONFLICT (provider) DO UPDATE SET body = excluded.body",
);

const STANDING: &str = "SELECT provider, body FROM restraint WHERE body IS NOT NULL";

impl Ledger {
    /// The providers that are paused or drained.
    pub async fn restraints(&self) -> Result<BTreeMap<ProviderName, Restraint>, LedgerError> {
        let rows: Vec<(String, String)> = sqlx::query_as(STANDING)
            .fetch_all(&mut *self.writer.get().await?)
            .await?;
        let of_row = |(provider, body): &(String, String)| {
            let restraint = serde_json::from_str(body).map_err(LedgerError::Record)?;
            Ok((parsed(provider)?, restraint))
        };
        rows.iter().map(of_row).collect()
    }
}

/// Stores what operators want from now on.
pub(super) async fn store(
    connection: &mut SqliteConnection,
    restraints: &BTreeMap<ProviderName, Option<Restraint>>,
) -> Result<(), sqlx::Error> {
    RESTRAINTS
        .store(connection, restraints, |columns, (provider, restraint)| {
            let body = restraint.as_ref().map(|restraint| json!(restraint).to_string());
            columns.text(provider.as_str()).maybe(body);
        })
        .await
}
