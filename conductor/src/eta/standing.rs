//! How a cell stands, as far as it matters for when its product will be there.

use conductor_core::{Cell, Reason, Run};
use domain::{CellState, ObsId, ProductName, ProviderName};
use jiff::Timestamp;

/// A cell and its run, of any observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its observation.
    pub obs_id: ObsId,
    /// Its product.
    pub product: ProductName,
    /// How it is.
    pub state: CellState,
    /// Until when inputs in progress are waited for, if that has begun.
    pub grace_until: Option<Timestamp>,
    /// Until when other optional inputs are waited for, if that has begun.
    pub optional_until: Option<Timestamp>,
    /// What an operator raised its priority to.
    pub priority: Option<i32>,
    /// What has become of it.
    pub stage: Stage,
}

/// How far a cell is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Nothing is to be made, or nothing goes on by itself.
    Still,
    /// It waits for inputs.
    Inputs,
    /// Its run waits in the queue of a provider.
    Queued {
        /// Whose.
        provider: ProviderName,
        /// Since when.
        since: Timestamp,
    },
    /// Its run is with a provider.
    Sent {
        /// With which.
        provider: ProviderName,
        /// Since when.
        since: Timestamp,
    },
    /// It waits for a time: of the next attempt, or until when repeats of its inputs are gathered.
    Later {
        /// At whom.
        provider: ProviderName,
        /// When that is.
        at: Timestamp,
    },
}

impl Standing {
    /// A cell with its latest run.
    pub fn new(obs_id: ObsId, cell: &Cell, run: Option<&Run>) -> Self {
        Self {
            obs_id,
            product: cell.product.clone(),
            state: cell.state,
            grace_until: cell.grace_until,
            optional_until: cell.optional_until,
            priority: cell.priority,
            stage: stage(cell, run),
        }
    }

    /// Whether what is made from it can be made now.
    pub(super) fn is_available(&self) -> bool {
        self.state.is_available()
    }

    /// Whether it will not come unless somebody does something.
    pub(super) fn is_given_up(&self) -> bool {
        matches!(
            self.state,
            CellState::Failed | CellState::Cancelled | CellState::Retracted
        )
    }
}

/// Whether a product may be on its way to a cell in this state.
pub fn is_on_its_way(state: CellState) -> bool {
    state == CellState::Waiting || state.is_in_progress()
}

fn stage(cell: &Cell, run: Option<&Run>) -> Stage {
    let provider = |run: &Run| run.provider.clone();
    let stage = match cell.state {
        CellState::Waiting | CellState::Grace => match (&cell.reason, run) {
            (Some(Reason::Repeats { until, .. }), Some(run)) => Some(Stage::Later {
                provider: provider(run),
                at: *until,
            }),
            (Some(_) | None, _) => Some(Stage::Inputs),
        },
        CellState::Queued => run.map(|run| Stage::Queued {
            provider: provider(run),
            since: run.queued_at,
        }),
        CellState::Requested | CellState::Running => run.and_then(|run| {
            Some(Stage::Sent {
                provider: provider(run),
                since: run.requested_at?,
            })
        }),
        CellState::Retrying => run.and_then(|run| {
            Some(Stage::Later {
                provider: provider(run),
                at: run.retry_at?,
            })
        }),
        CellState::NotExpected
        | CellState::Done
        | CellState::Received
        | CellState::Stale
        | CellState::Retracted
        | CellState::Cancelled
        | CellState::Held
        | CellState::Failed
        | CellState::Quarantined => None,
    };
    stage.unwrap_or(Stage::Still)
}
