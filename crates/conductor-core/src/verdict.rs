//! Whether a manual request starts a run, before it is applied.

use crate::Observation;
use domain::{CellState, ProductName, RunId};
use product_graph::ProductGraph;

/// What a manual request would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// [`crate::Event::Requested`] begins a run at once: after it, the cell's `run_id` names it.
    Start,
    /// A run is open (queued, under way, or between attempts): it is the answer, forced or not.
    Open(RunId),
    /// The cell is `done` and nothing forces another run. The last run, if there ever was one.
    Made(Option<RunId>),
    /// These mandatory inputs are not available and nothing forces a run without them.
    Missing(Vec<ProductName>),
    /// The graph does not make this product: it is an input, or unknown.
    Unknown,
}

impl Observation {
    /// What a request of `product` would do now; `force` asks for it also if it is done, or if mandatory
    /// inputs are missing. Only for [`Verdict::Start`] is [`crate::Event::Requested`] to be applied.
    pub fn judge(&self, graph: &ProductGraph, product: &ProductName, force: bool) -> Verdict {
        let Some(recipe) = graph.id(product).and_then(|id| graph.recipe(id)) else {
            return Verdict::Unknown;
        };
        if let Some(entry) = self.entries.get(product) {
            if let Some(run) = entry.open_run() {
                return Verdict::Open(run.run_id.clone());
            }
            if entry.cell().state == CellState::Done && !force {
                return Verdict::Made(entry.cell().run_id.clone());
            }
        }
        let view = self.view(graph);
        let missing = view.names(view.awaited(recipe));
        if missing.is_empty() || force {
            Verdict::Start
        } else {
            Verdict::Missing(missing)
        }
    }
}
