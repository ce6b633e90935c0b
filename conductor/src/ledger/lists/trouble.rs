//! The cells that call for a human, or will: what failed, what is held, and what is to come in time.

use super::{as_limit, names, parsed, record};
use crate::alerts::{Failure, Fingerprint, Sight, Target, awaits_approval, due_at, inputs_of};
use crate::ledger::{Ledger, LedgerError};
use conductor_core::Cell;
use domain::{CellState, ObsId, ProductName, ProviderName};
use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use product_graph::ProductGraph;

/// A cell that failed for good.
#[derive(Debug, Clone, PartialEq)]
pub struct FailedCell {
    /// Its observation.
    pub obs_id: ObsId,
    /// The cell.
    pub cell: Cell,
    /// Where and why.
    pub failure: Failure,
}

/// A cell that is held, whatever it shows.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldRecord {
    /// Its observation.
    pub obs_id: ObsId,
    /// The cell.
    pub cell: Cell,
}

/// A cell that had failed, and how it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recalled {
    /// The cell.
    pub target: Target,
    /// The cause.
    pub cause: Fingerprint,
    /// How it is.
    pub state: CellState,
}

/// The plus signs keep the planner from all cells in their order: the few that failed are found by their index.
const FAILED: &str =
    "SELECT c.obs_id, c.body, r.provider FROM cell c JOIN run r ON r.run_id = c.body ->> '$.run_id'
    WHERE c.state = 'failed' AND (?1 IS NULL OR c.obs_id = ?1) ORDER BY +c.obs_id, +c.product LIMIT ?2";

const TROUBLED: &str = "SELECT c.obs_id, c.body, r.provider FROM cell c
        LEFT JOIN run r ON r.run_id = c.body ->> '$.run_id' WHERE c.state = 'failed'
    UNION ALL SELECT c.obs_id, c.body, NULL FROM cell c WHERE c.state = 'held'
    UNION ALL SELECT c.obs_id, c.body, NULL FROM cell c WHERE c.state = 'waiting'
        AND c.product IN (SELECT value FROM json_each(?1))
    UNION ALL SELECT c.obs_id, c.body, NULL FROM cell c
        WHERE c.state IN ('grace', 'queued', 'requested', 'running', 'retrying')
        AND c.product IN (SELECT value FROM json_each(?1))";

/// Each part by its own index: with an OR neither would be used.
const HELD: &str = "SELECT obs_id, body FROM (
        SELECT 0 AS later, c.obs_id, c.product, c.body FROM cell c WHERE c.state = 'held'
        UNION ALL
        SELECT 1, c.obs_id, c.product, c.body FROM cell c WHERE c.held = 1 AND c.state <> 'held')
    ORDER BY later, obs_id, product LIMIT ?";

const FIRST_INPUT: &str = "SELECT body ->> '$.at' FROM datum
    WHERE obs_id = ?1 AND product IN (SELECT value FROM json_each(?2)) ORDER BY rtrim(body ->> '$.at', 'Z') LIMIT 1";

impl Ledger {
    /// Cells that failed for good, of an observation or of all, at most `limit`.
    pub async fn failed(&self, obs_id: Option<&ObsId>, limit: usize) -> Result<Vec<FailedCell>, LedgerError> {
        let rows: Vec<(String, String, String)> = sqlx::query_as(FAILED)
            .bind(obs_id.map(ToString::to_string))
            .bind(as_limit(limit))
            .fetch_all(&self.reader)
            .await?;
        let mut failed = Vec::with_capacity(rows.len());
        for (id, body, provider) in &rows {
            let cell: Cell = record("cell", id, body)?;
            if let Some(failure) = Failure::at(&cell, &parsed(provider)?) {
                let obs_id = parsed(id)?;
                failed.push(FailedCell {
                    obs_id,
                    cell,
                    failure,
                });
            }
        }
        Ok(failed)
    }

    /// Cells that are held, at most `limit`: those that show it, then those that an operator holds for what comes.
    pub async fn held(&self, limit: usize) -> Result<Vec<HeldRecord>, LedgerError> {
        let rows: Vec<(String, String)> = sqlx::query_as(HELD)
            .bind(as_limit(limit))
            .fetch_all(&self.reader)
            .await?;
        let of_row = |(id, body): &(String, String)| {
            Ok(HeldRecord {
                obs_id: parsed(id)?,
                cell: record("cell", id, body)?,
            })
        };
        rows.iter().map(of_row).collect()
    }

    /// Shows one after the other all cells that call for a human, or will.
    pub async fn troubled(
        &self,
        graph: &ProductGraph,
        mut see: impl FnMut(Sight),
    ) -> Result<(), LedgerError> {
        let with_due = graph
            .products()
            .filter(|id| graph.recipe(*id).is_some_and(|recipe| recipe.due.is_some()));
        let with_due = names(with_due.map(|id| graph.name(id)))?;
        let mut rows = sqlx::query_as::<_, (String, String, Option<String>)>(TROUBLED)
            .bind(with_due)
            .fetch(&self.reader);
        while let Some((id, body, provider)) = rows.try_next().await? {
            let cell: Cell = record("cell", &id, &body)?;
            let provider: Option<ProviderName> = provider.as_deref().map(parsed).transpose()?;
            let first_input = self.first_input(graph, &id, &cell).await?;
            see(Sight {
                target: Target {
                    obs_id: parsed(&id)?,
                    product: cell.product.clone(),
                },
                state: cell.state,
                since: cell.since,
                failure: provider.and_then(|provider| Failure::at(&cell, &provider)),
                approval: awaits_approval(&cell),
                due_at: due_at(graph, &cell, |_| first_input),
            });
        }
        Ok(())
    }

    /// The cells that had failed when alerts were looked at last.
    pub async fn failures(&self) -> Result<Vec<Recalled>, LedgerError> {
        let rows: Vec<(String, String, String, Option<String>)> = sqlx::query_as(
            "SELECT f.obs_id, f.product, f.fingerprint, c.state FROM failure f
             LEFT JOIN cell c ON c.obs_id = f.obs_id AND c.product = f.product",
        )
        .fetch_all(&self.reader)
        .await?;
        let of_row = |(obs_id, product, fingerprint, state): &(String, String, String, Option<String>)| {
            let state = state.as_deref().map(parsed).transpose()?;
            Ok(Recalled {
                target: Target {
                    obs_id: parsed(obs_id)?,
                    product: parsed(product)?,
                },
                cause: Fingerprint::from(fingerprint.as_str()),
                state: state.unwrap_or(CellState::NotExpected),
            })
        };
        rows.iter().map(of_row).collect()
    }

    /// When the first of the inputs came that lead to a product; none if it may take its time.
    async fn first_input(
        &self,
        graph: &ProductGraph,
        obs_id: &str,
        cell: &Cell,
    ) -> Result<Option<Timestamp>, LedgerError> {
        let Some(id) = graph.id(&cell.product) else {
            return Ok(None);
        };
        if graph.recipe(id).is_none_or(|recipe| recipe.due.is_none()) {
            return Ok(None);
        }
        let inputs: Vec<ProductName> = inputs_of(graph, id);
        let at: Option<String> = sqlx::query_scalar(FIRST_INPUT)
            .bind(obs_id)
            .bind(names(&inputs)?)
            .fetch_optional(&self.reader)
            .await?;
        at.as_deref().map(parsed).transpose()
    }
}
