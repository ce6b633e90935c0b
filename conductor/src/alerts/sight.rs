//! What is seen of a cell from where alerts are raised.

use super::Fingerprint;
use super::condition::Target;
use conductor_core::{Cell, Changes, Observation, Reason, Run};
use domain::{CellState, ProcessingError, ProductName, ProviderName};
use jiff::{SignedDuration, Timestamp};
use product_graph::{DueFrom, NodeId, ProductGraph};

/// A cell as it is now, as far as it can call for a human.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// Which.
    pub target: Target,
    /// How it is.
    pub state: CellState,
    /// Since when.
    pub since: Timestamp,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
    /// Whether it awaits approval.
    pub approval: bool,
    /// When its product is overdue; none if it was made before, or may take its time.
    pub due_at: Option<Timestamp>,
}

/// Why a cell failed for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Where.
    pub provider: ProviderName,
    /// With what the last attempt ended.
    pub error: ProcessingError,
}

impl Failure {
    /// That of a cell with its latest run; none if it has not failed.
    pub fn of(cell: &Cell, run: Option<&Run>) -> Option<Self> {
        Self::at(cell, &run?.provider)
    }

    /// That of a cell whose latest run was at this provider.
    pub(crate) fn at(cell: &Cell, provider: &ProviderName) -> Option<Self> {
        let Some(Reason::Failed { error, .. }) = &cell.reason else {
            return None;
        };
        Some(Self {
            provider: provider.clone(),
            error: error.clone(),
        })
    }

    /// The same for all that failed for the same cause.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of_failure(&self.provider, &self.error)
    }
}

impl Sight {
    /// The changed cells of an observation. Inputs call for nobody.
    pub(crate) fn of_changes<'a>(
        graph: &'a ProductGraph,
        observation: &'a Observation,
        changes: &'a Changes,
    ) -> impl Iterator<Item = Self> + 'a {
        let made = |cell: &&Cell| {
            let id = graph.id(&cell.product);
            id.is_none_or(|id| graph.recipe(id).is_some())
        };
        changes.cells.iter().filter(made).map(|cell| {
            let first_input = |inputs: &[ProductName]| {
                let data = inputs.iter().flat_map(|input| observation.data(input));
                data.map(|datum| datum.at).min()
            };
            Self {
                target: Target {
                    obs_id: observation.obs_id().clone(),
                    product: cell.product.clone(),
                },
                state: cell.state,
                since: cell.since,
                failure: Failure::of(cell, observation.run(&cell.product)),
                approval: awaits_approval(cell),
                due_at: due_at(graph, cell, first_input),
            }
        })
    }
}

/// Whether a cell awaits approval.
pub(crate) fn awaits_approval(cell: &Cell) -> bool {
    cell.state == CellState::Held && matches!(cell.reason, Some(Reason::Approval { .. }))
}

/// When a cell is overdue. `first_input` says when the first of some inputs came.
pub(crate) fn due_at(
    graph: &ProductGraph,
    cell: &Cell,
    first_input: impl FnOnce(&[ProductName]) -> Option<Timestamp>,
) -> Option<Timestamp> {
    let id = graph.id(&cell.product)?;
    let due = graph.recipe(id)?.due?;
    // What is made again was there in time, or was called for already.
    if cell.newest.is_some() {
        return None;
    }
    let from = match due.from {
        DueFrom::FirstInput => first_input(&inputs_of(graph, id))?,
    };
    let within = SignedDuration::try_from(due.within).ok()?;
    from.checked_add(within).ok()
}

/// The inputs that lead to a product, be it over others.
pub(crate) fn inputs_of(graph: &ProductGraph, id: NodeId) -> Vec<ProductName> {
    let mut open = vec![id];
    let mut seen = product_graph::NodeSet::default();
    let mut inputs = Vec::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        match graph.recipe(id) {
            None => inputs.push(graph.name(id).clone()),
            Some(recipe) => open.extend(recipe.inputs().map(|(input, _)| input)),
        }
    }
    inputs
}
