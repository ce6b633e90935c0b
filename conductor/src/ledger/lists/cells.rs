//! The cells that an operator's act is about.

use super::observations::BY_CHANGE;
use super::{as_limit, in_state, names, parsed};
use crate::ledger::{Ledger, LedgerError};
use domain::{CellState, ObsId, ProductName};
use jiff::Timestamp;
use sqlx::{QueryBuilder, Sqlite};

/// Which cells; all that is given must hold.
#[derive(Debug, Clone)]
pub struct CellFilter {
    /// Of this observation.
    pub obs_id: Option<ObsId>,
    /// Of any of these products.
    pub products: Option<Vec<ProductName>>,
    /// How they are.
    pub which: Which,
}

/// How the cells are that are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// In any of these states; in none of none.
    In(Vec<CellState>),
    /// Held: by what they show, or by an operator, for what comes, whatever they show.
    Held,
}

impl Which {
    /// The condition on `cell c`; none if nothing can meet it.
    fn condition(&self) -> Option<String> {
        match self {
            Self::In(states) if states.is_empty() => None,
            Self::In(states) => {
                let each: Vec<String> = states
                    .iter()
                    .map(|state| format!("({})", in_state(*state)))
                    .collect();
                Some(each.join(" OR "))
            }
            Self::Held => Some(format!("{} OR c.held = 1", in_state(CellState::Held))),
        }
    }
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
        let Some(condition) = filter.which.condition() else {
            return Ok(Vec::new());
        };
        let mut query: QueryBuilder<Sqlite> =
            QueryBuilder::new("SELECT c.obs_id, c.product, c.state FROM cell c WHERE (");
        query.push(condition).push(")");
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

    /// The observations, changed at `since` or later, in which all these inputs are available and a product is neither
    /// made nor wanted nor kept back by anybody: the last changed first, at most `limit`.
    pub async fn makeable(
        &self,
        product: &ProductName,
        inputs: &[ProductName],
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<ObsId>, LedgerError> {
        let available: Vec<String> = CellState::ALL
            .into_iter()
            .filter(|state| state.is_available())
            .map(|state| format!("'{state}'"))
            .collect();
        let available = available.join(", ");
        let mut query: QueryBuilder<Sqlite> =
            QueryBuilder::new("SELECT o.obs_id FROM observation o WHERE true");
        BY_CHANGE.push_range::<ObsId>(&mut query, Some(since), None);
        for input in inputs {
            query.push(" AND EXISTS (SELECT 1 FROM cell c WHERE c.obs_id = o.obs_id AND c.product = ");
            query.push_bind(input.to_string());
            query.push(format!(" AND c.state IN ({available}))"));
        }
        query.push(" AND NOT EXISTS (SELECT 1 FROM cell c WHERE c.obs_id = o.obs_id AND c.product = ");
        query.push_bind(product.to_string());
        query.push(" AND (c.state <> 'not_expected' OR c.held = 1))");
        BY_CHANGE.push_limit(&mut query, limit);
        let rows: Vec<String> = query.build_query_scalar().fetch_all(&self.reader).await?;
        rows.iter().map(|obs_id| parsed(obs_id)).collect()
    }
}
