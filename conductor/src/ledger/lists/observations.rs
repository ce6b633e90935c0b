//! Observations: page by page with their counts, or one with all that is known of it.

use super::order::Order;
use super::{Place, Walked, as_count, as_limit, in_state, is_indexed, names, parsed, record};
use crate::ledger::{Ledger, LedgerError};
use api::conductor::Counts;
use conductor_core::Observation;
use domain::{CellState, ObsId, ProductName};
use jiff::Timestamp;
use product_graph::ProductGraph;
use sqlx::{AssertSqlSafe, QueryBuilder, Sqlite};

/// The row of an observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservationRecord {
    /// The observation.
    pub obs_id: ObsId,
    /// Rises with each commit that changed any of its cells.
    pub rev: u64,
    /// The burst that it follows, if its data say so.
    pub burst_id: Option<String>,
    /// When its first datum was stored.
    pub first_at: Timestamp,
    /// When any of its cells changed last.
    pub changed_at: Timestamp,
}

/// Which observations; all that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct ObservationFilter {
    /// With a cell in this state.
    pub state: Option<CellState>,
    /// With a cell of this product, in `state` if that is given.
    pub product: Option<ProductName>,
    /// Whose id or burst contains this text, in upper or lower case.
    pub text: Option<String>,
    /// That changed at this time or later.
    pub since: Option<Timestamp>,
    /// That come after this one in the list.
    pub after: Option<Place<ObsId>>,
}

impl ObservationFilter {
    /// Whether it leaves out observations that stand between others.
    fn picks(&self) -> bool {
        self.state.is_some() || self.product.is_some() || self.text.is_some()
    }
}

/// The last changed first.
pub(super) const BY_CHANGE: Order = Order {
    table: "observation o",
    time: "o.changed_at",
    id: "o.obs_id",
};

/// So many cells in a state are few: their observations are looked up and sorted in some ten milliseconds. If there
/// are more, the list is walked until a page of them is found, which does not take long then.
const FEW_CELLS: usize = 20_000;

/// The row, and a state of its cells with how many are in it and how many of these the graph knows.
type CountRow = (
    String,
    i64,
    Option<String>,
    String,
    String,
    Option<String>,
    i64,
    i64,
);

/// The row, and a cell with its newest datum and its latest run.
type CellRow = (
    String,
    i64,
    Option<String>,
    String,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
);

const WHOLE: &str = "SELECT o.obs_id, o.rev, o.burst_id, o.first_at, o.changed_at, c.body, d.body, r.body
    FROM observation o
    LEFT JOIN cell c ON c.obs_id = o.obs_id
    LEFT JOIN datum d
        ON d.obs_id = c.obs_id AND d.product = c.product AND d.revision = c.body ->> '$.newest'
    LEFT JOIN run r ON r.run_id = c.body ->> '$.run_id'
    WHERE o.obs_id = ?1";

impl Ledger {
    /// Observations with their cells by state, the last changed first, at most `limit`. A node of the graph
    /// that has no row counts as `not_expected`, as it is shown.
    pub async fn observations(
        &self,
        graph: &ProductGraph,
        filter: &ObservationFilter,
        limit: usize,
    ) -> Result<Walked<(ObservationRecord, Counts), ObsId>, LedgerError> {
        let nodes = names(graph.ids().map(|id| graph.name(id)))?;
        let look = self.look(filter.state).await?;
        let until = match look {
            Look::FromObservations if filter.picks() => {
                BY_CHANGE
                    .stride(&self.reader, filter.since, filter.after.as_ref())
                    .await?
            }
            Look::FromObservations | Look::FromCells => None,
        };
        let mut query = page(graph, &nodes, filter, look);
        if let Some(place) = &until {
            BY_CHANGE.push_until(&mut query, place);
        }
        BY_CHANGE.push_limit(&mut query, limit);
        query.push(
            ") SELECT page.obs_id, page.rev, page.burst_id, page.first_at, page.changed_at,
                   c.state, count(c.state),
                   coalesce(sum(c.product IN (SELECT value FROM json_each(",
        );
        query.push_bind(&nodes);
        query.push(
            "))), 0) FROM page LEFT JOIN cell c ON c.obs_id = page.obs_id
            GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY rtrim(page.changed_at, 'Z') DESC, page.obs_id DESC",
        );
        let rows: Vec<CountRow> = query.build_query_as().fetch_all(&self.reader).await?;
        let found = counted(rows, graph.len() as u64)?;
        let until = until.filter(|_| found.len() < limit);
        Ok(Walked { found, until })
    }

    /// How the cells in a state are best looked for.
    async fn look(&self, state: Option<CellState>) -> Result<Look, LedgerError> {
        let Some(state) = state.filter(|state| is_indexed(*state)) else {
            return Ok(Look::FromObservations);
        };
        let count = format!(
            "SELECT count(*) FROM (SELECT 1 FROM cell c WHERE {} LIMIT ?)",
            in_state(state)
        );
        let cells: i64 = sqlx::query_scalar(AssertSqlSafe(count))
            .bind(as_limit(FEW_CELLS + 1))
            .fetch_one(&self.reader)
            .await?;
        Ok(if cells <= as_limit(FEW_CELLS) {
            Look::FromCells
        } else {
            Look::FromObservations
        })
    }

    /// Whether anything is known of an observation.
    pub async fn knows(&self, obs_id: &ObsId) -> Result<bool, LedgerError> {
        let known = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM observation WHERE obs_id = ?)")
            .bind(obs_id.to_string())
            .fetch_one(&self.reader)
            .await?;
        Ok(known)
    }

    /// An observation as it was last stored, but of its data only the newest of each cell, and of its runs
    /// only the latest: all that is shown of it. None if nothing is known of it.
    pub async fn observation(
        &self,
        obs_id: &ObsId,
    ) -> Result<Option<(ObservationRecord, Observation)>, LedgerError> {
        let rows: Vec<CellRow> = sqlx::query_as(WHOLE)
            .bind(obs_id.to_string())
            .fetch_all(&self.reader)
            .await?;
        let mut head = None;
        let (mut cells, mut data, mut runs) = (Vec::new(), Vec::new(), Vec::new());
        for (id, rev, burst_id, first_at, changed_at, cell, datum, run) in rows {
            cells.extend(cell.map(|body| record("cell", &id, &body)).transpose()?);
            data.extend(datum.map(|body| record("datum", &id, &body)).transpose()?);
            runs.extend(run.map(|body| record("run", &id, &body)).transpose()?);
            if head.is_none() {
                head = Some(of_row(&id, rev, burst_id, &first_at, &changed_at)?);
            }
        }
        let restored = |head: ObservationRecord| {
            let observation = Observation::restore(obs_id.clone(), head.changed_at, cells, data, runs);
            (head, observation)
        };
        Ok(head.map(restored))
    }
}

/// From where observations with a cell of some kind are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// One observation after the other, the last changed first.
    FromObservations,
    /// The few cells first.
    FromCells,
}

/// The conditions are put together as they are asked for: `x IS NULL OR ..` in one text would keep the
/// planner from every index.
fn page(graph: &ProductGraph, nodes: &str, filter: &ObservationFilter, look: Look) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(
        "WITH page AS (SELECT o.obs_id, o.rev, o.burst_id, o.first_at, o.changed_at
         FROM observation o WHERE true",
    );
    if filter.state.is_some() || filter.product.is_some() {
        query.push(" AND (");
        with_cell(&mut query, filter.state, filter.product.as_ref(), look);
        if filter.state == Some(CellState::NotExpected) {
            without_row(&mut query, graph, nodes, filter.product.as_ref());
        }
        query.push(")");
    }
    if let Some(text) = &filter.text {
        let text = text.to_lowercase();
        query
            .push(" AND (instr(lower(o.obs_id), ")
            .push_bind(text.clone());
        query.push(") > 0 OR instr(lower(coalesce(o.burst_id, '')), ");
        query.push_bind(text).push(") > 0)");
    }
    BY_CHANGE.push_range(&mut query, filter.since, filter.after.as_ref());
    query
}

fn with_cell(
    query: &mut QueryBuilder<Sqlite>,
    state: Option<CellState>,
    product: Option<&ProductName>,
    look: Look,
) {
    query.push(match look {
        Look::FromCells => "o.obs_id IN (SELECT c.obs_id FROM cell c WHERE true",
        Look::FromObservations => "EXISTS (SELECT 1 FROM cell c WHERE c.obs_id = o.obs_id",
    });
    if let Some(product) = product {
        query.push(" AND c.product = ").push_bind(product.to_string());
    }
    if let Some(state) = state {
        query.push(" AND ").push(in_state(state));
    }
    query.push(")");
}

/// A node of the graph without a row is `not_expected` too.
fn without_row(
    query: &mut QueryBuilder<Sqlite>,
    graph: &ProductGraph,
    nodes: &str,
    product: Option<&ProductName>,
) {
    match product {
        None => {
            query.push(
                " OR (SELECT count(*) FROM cell c WHERE c.obs_id = o.obs_id
                      AND c.product IN (SELECT value FROM json_each(",
            );
            query.push_bind(nodes.to_owned()).push("))) < ");
            query.push_bind(as_limit(graph.len()));
        }
        Some(product) if graph.id(product).is_some() => {
            query.push(" OR NOT ");
            with_cell(query, None, Some(product), Look::FromObservations);
        }
        Some(_) => {}
    }
}

fn counted(rows: Vec<CountRow>, nodes: u64) -> Result<Vec<(ObservationRecord, Counts)>, LedgerError> {
    let mut counted: Vec<(ObservationRecord, Counts, u64)> = Vec::new();
    for (id, rev, burst_id, first_at, changed_at, state, cells, known) in rows {
        let record = of_row(&id, rev, burst_id, &first_at, &changed_at)?;
        if counted
            .last()
            .is_none_or(|(last, ..)| last.obs_id != record.obs_id)
        {
            counted.push((record, Counts::new(), nodes));
        }
        if let (Some(state), Some((_, counts, unseen))) = (state, counted.last_mut()) {
            counts.insert(parsed(&state)?, as_count(cells));
            *unseen = unseen.saturating_sub(as_count(known));
        }
    }
    let whole = |(record, mut counts, unseen): (ObservationRecord, Counts, u64)| {
        if unseen > 0 {
            *counts.entry(CellState::NotExpected).or_default() += unseen;
        }
        (record, counts)
    };
    Ok(counted.into_iter().map(whole).collect())
}

fn of_row(
    obs_id: &str,
    rev: i64,
    burst_id: Option<String>,
    first_at: &str,
    changed_at: &str,
) -> Result<ObservationRecord, LedgerError> {
    Ok(ObservationRecord {
        obs_id: parsed(obs_id)?,
        rev: as_count(rev),
        burst_id,
        first_at: parsed(first_at)?,
        changed_at: parsed(changed_at)?,
    })
}
