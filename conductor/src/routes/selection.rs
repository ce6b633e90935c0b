//! The cells that an operator's act is about.

use super::{App, problems};
use crate::ledger::{CellFilter, Selected, Which};
use api::codes;
use api::conductor::Selector;
use axum::http::StatusCode;
use domain::{CellState, ObsId, ProductName};
use product_graph::ProductGraph;
use service_kit::Problem;

/// The most cells of one act. A whole replay of 50 bursts has some 2000: beyond this, somebody should look
/// before he acts, and the writer's batch stays bounded.
pub(super) const MAX_CELLS: usize = 10_000;

/// Cells that are acted on in one turn of the writer: each may be of an observation that is still to be read,
/// and new data should not wait long behind them.
pub(super) const PER_TURN: usize = 200;

/// The cells that the selector means, as the ledger has them: in the state that it names, else those of `usual`.
/// Of an observation that is named, those that have no row yet are `not_expected`.
pub(super) async fn select(app: &App, selector: &Selector, usual: Which) -> Result<Vec<Selected>, Problem> {
    if selector.is_empty() {
        return Err(selector_empty());
    }
    let graph = &app.graph.graph;
    if let Some(product) = selector
        .product
        .as_ref()
        .filter(|product| graph.id(product).is_none())
    {
        return Err(problems::unknown_product(product, None));
    }
    let products = products(graph, selector)?;
    if let Some(obs_id) = &selector.obs_id
        && !app.ledger.knows(obs_id).await.map_err(problems::ledger)?
    {
        return Err(problems::unknown_observation(obs_id));
    }
    let which = selector.state.map_or(usual, |state| Which::In(vec![state]));
    let unseen = matches!(&which, Which::In(states) if states.contains(&CellState::NotExpected));
    let filter = CellFilter {
        obs_id: selector.obs_id.clone(),
        products: products.clone(),
        which: if unseen {
            Which::In(CellState::ALL.to_vec())
        } else {
            which.clone()
        },
    };
    let selected = app.ledger.cells(&filter, MAX_CELLS + 1).await;
    let mut selected = selected.map_err(problems::ledger)?;
    if let Some(obs_id) = selector.obs_id.as_ref().filter(|_| unseen) {
        selected.extend(without_row(graph, obs_id, products.as_deref(), &selected));
    }
    if let Which::In(states) = &which {
        selected.retain(|cell| states.contains(&cell.state));
    }
    if selected.len() > MAX_CELLS {
        return Err(too_many_cells());
    }
    Ok(selected)
}

/// The products that are named, by themselves or by their provider.
fn products(graph: &ProductGraph, selector: &Selector) -> Result<Option<Vec<ProductName>>, Problem> {
    let Some(provider) = &selector.provider else {
        return Ok(selector.product.clone().map(|product| vec![product]));
    };
    let spec = graph
        .provider(provider)
        .ok_or_else(|| problems::unknown_provider(provider))?;
    let made = spec.products.iter().map(|id| graph.name(*id).clone());
    let wanted = |name: &ProductName| selector.product.as_ref().is_none_or(|product| product == name);
    Ok(Some(made.filter(wanted).collect()))
}

/// The cells of an observation that the graph makes and that have no row.
fn without_row(
    graph: &ProductGraph,
    obs_id: &ObsId,
    products: Option<&[ProductName]>,
    known: &[Selected],
) -> Vec<Selected> {
    let made = graph.ids().filter(|id| graph.recipe(*id).is_some());
    made.map(|id| graph.name(id))
        .filter(|name| products.is_none_or(|products| products.contains(name)))
        .filter(|name| !known.iter().any(|cell| cell.product == **name))
        .map(|name| Selected {
            obs_id: obs_id.clone(),
            product: name.clone(),
            state: CellState::NotExpected,
        })
        .collect()
}

fn selector_empty() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        codes::SELECTOR_EMPTY,
        "The selector selects everything",
    )
    .with_detail("say at least one of obs_id, product and provider")
}

/// More than [`MAX_CELLS`] are meant.
pub(super) fn too_many_cells() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "too-many-cells",
        "The selector meets too many cells",
    )
    .with_detail(format!(
        "more than {MAX_CELLS} cells are meant; narrow it by obs_id, product, provider, state or since"
    ))
    .with("max_cells", MAX_CELLS)
}
