//! Runs, the last decided first.

use super::order::Order;
use super::{Place, Walked, parsed, record};
use crate::ledger::{Ledger, LedgerError};
use conductor_core::Run;
use domain::{ObsId, ProductName, ProviderName, RunId, RunState, Version};
use jiff::Timestamp;
use sqlx::{QueryBuilder, Sqlite};

/// A run with what its record does not say itself.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRecord {
    /// Its observation.
    pub obs_id: ObsId,
    /// The run.
    pub run: Run,
    /// The version of its product in the SDB, if it has one.
    pub version: Option<Version>,
}

/// Which runs; all that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Of this cell.
    pub cell: Option<(ObsId, ProductName)>,
    /// In this state.
    pub state: Option<RunState>,
    /// Of this provider.
    pub provider: Option<ProviderName>,
    /// Decided at this time or later.
    pub since: Option<Timestamp>,
    /// That come after this one in the list.
    pub after: Option<Place<RunId>>,
}

impl RunFilter {
    /// Whether it leaves out runs that stand between others, and no index knows the rest: those of a cell have one,
    /// and those that did not succeed.
    fn picks(&self) -> bool {
        let is_indexed = self.cell.is_some() || self.state.is_some_and(|state| state != RunState::Succeeded);
        !is_indexed && (self.provider.is_some() || self.state.is_some())
    }
}

/// The last decided first.
const BY_DECISION: Order = Order {
    table: "run r",
    time: "r.queued_at",
    id: "r.run_id",
};

/// A product names its run, by our id or by the provider's own; one that names none ended the run that was
/// under way in the very moment in which it came.
const SELECT: &str = "SELECT r.obs_id, r.body, (
        SELECT d.body ->> '$.version' FROM datum d
        WHERE d.obs_id = r.obs_id AND d.product = r.product AND d.source = 'sdb'
          AND (d.body ->> '$.run_id' IN (r.run_id, r.body ->> '$.alias')
               OR d.body ->> '$.run_id' IS NULL AND d.body ->> '$.at' = r.body ->> '$.product_at')
        ORDER BY d.revision DESC LIMIT 1)
    FROM run r WHERE true";

impl Ledger {
    /// Runs, the last decided first, at most `limit`.
    pub async fn runs(
        &self,
        filter: &RunFilter,
        limit: usize,
    ) -> Result<Walked<RunRecord, RunId>, LedgerError> {
        let until = if filter.picks() {
            BY_DECISION
                .stride(&self.reader, filter.since, filter.after.as_ref())
                .await?
        } else {
            None
        };
        let mut query: QueryBuilder<Sqlite> = QueryBuilder::new(SELECT);
        if let Some((obs_id, product)) = &filter.cell {
            query.push(" AND r.obs_id = ").push_bind(obs_id.to_string());
            query.push(" AND r.product = ").push_bind(product.to_string());
        }
        if let Some(state) = filter.state {
            query.push(" AND r.state = ").push_bind(state.as_str());
            if state != RunState::Succeeded {
                // It follows, but only if it is said is the index of those searched.
                query.push(" AND r.state <> 'succeeded'");
            }
        }
        if let Some(provider) = &filter.provider {
            query.push(" AND r.provider = ").push_bind(provider.to_string());
        }
        BY_DECISION.push_range(&mut query, filter.since, filter.after.as_ref());
        if let Some(place) = &until {
            BY_DECISION.push_until(&mut query, place);
        }
        BY_DECISION.push_limit(&mut query, limit);
        let found = self.read_runs(query).await?;
        let until = until.filter(|_| found.len() < limit);
        Ok(Walked { found, until })
    }

    /// A run, by our id.
    pub async fn run(&self, run_id: &RunId) -> Result<Option<RunRecord>, LedgerError> {
        let mut query: QueryBuilder<Sqlite> = QueryBuilder::new(SELECT);
        query.push(" AND r.run_id = ").push_bind(run_id.to_string());
        Ok(self.read_runs(query).await?.pop())
    }

    async fn read_runs(&self, mut query: QueryBuilder<Sqlite>) -> Result<Vec<RunRecord>, LedgerError> {
        let rows: Vec<(String, String, Option<i64>)> = query.build_query_as().fetch_all(&self.reader).await?;
        let of_row = |(obs_id, body, version): &(String, String, Option<i64>)| {
            Ok(RunRecord {
                obs_id: parsed(obs_id)?,
                run: record("run", obs_id, body)?,
                version: version.and_then(|version| u64::try_from(version).ok().map(Version)),
            })
        };
        rows.iter().map(of_row).collect()
    }
}
