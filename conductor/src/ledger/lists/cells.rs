//! The cells that an operator's act is about.

use super::{as_limit, in_state, names, parsed};
use crate::ledger::{Ledger, LedgerError};
use domain::{CellState, ObsId, ProductName};
use sqlx::{QueryBuilder, Sqlite};

/// Which cells; all that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct CellFilter {
    /// Of this observation.
    pub obs_id: Option<ObsId>,
    /// Of any of these products.
    pub products: Option<Vec<ProductName>>,
    /// In any of these states; in none of none.
    pub states: Vec<CellState>,
}

/// A cell that was selected, and how it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// Its observation.
    pub obs_id: ObsId,
    /// Its product.
    pub product: ProductName,
    /// How it is.
    pub state: CellState,
}

impl Ledger {
    /// The cells that have a row and are selected, by observation and product, at most `limit`.
    pub async fn cells(&self, filter: &CellFilter, limit: usize) -> Result<Vec<Selected>, LedgerError> {
        let states: Vec<String> = filter
            .states
            .iter()
            .map(|state| format!("({})", in_state(*state)))
            .collect();
        if states.is_empty() {
            return Ok(Vec::new());
        }
        let mut query: QueryBuilder<Sqlite> =
            QueryBuilder::new("SELECT c.obs_id, c.product, c.state FROM cell c WHERE (");
        query.push(states.join(" OR ")).push(")");
        if let Some(obs_id) = &filter.obs_id {
            query.push(" AND c.obs_id = ").push_bind(obs_id.to_string());
        }
        if let Some(products) = &filter.products {
            query.push(" AND c.product IN (SELECT value FROM json_each(");
            query.push_bind(names(products)?).push("))");
        }
        query.push(" ORDER BY c.obs_id, c.product LIMIT ");
        query.push_bind(as_limit(limit));
        let rows: Vec<(String, String, String)> = query.build_query_as().fetch_all(&self.reader).await?;
        let of_row = |(obs_id, product, state): &(String, String, String)| {
            Ok(Selected {
                obs_id: parsed(obs_id)?,
                product: parsed(product)?,
                state: parsed(state)?,
            })
        };
        rows.iter().map(of_row).collect()
    }
}
