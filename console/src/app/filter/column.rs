//! The columns of a filter, and which pane has which.

use crate::keys::Place;
use domain::{CellState, RunState};

/// A column that a filter can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// Of an observation, a part of its id.
    Obs,
    /// Its burst.
    Burst,
    /// An input or a product.
    Product,
    /// Who makes it, or who is alive.
    Provider,
    /// How it is.
    State,
    /// Why it is so.
    Reason,
    /// What caused a run.
    Trigger,
    /// A run by its id.
    Run,
    /// Who did something, or has seen it.
    By,
    /// Who said something.
    From,
    /// From when on.
    Since,
}

impl Column {
    const ALL: [Self; 11] = [
        Self::Obs,
        Self::Burst,
        Self::Product,
        Self::Provider,
        Self::State,
        Self::Reason,
        Self::Trigger,
        Self::Run,
        Self::By,
        Self::From,
        Self::Since,
    ];

    /// Those of a pane, in the order in which they are told.
    pub fn of(place: Place) -> &'static [Self] {
        match place {
            Place::Matrix => &[
                Self::State,
                Self::Product,
                Self::Provider,
                Self::Obs,
                Self::Burst,
                Self::Since,
            ],
            Place::Running => &[Self::State, Self::Product, Self::Provider, Self::Obs, Self::Since],
            Place::Failures => &[
                Self::State,
                Self::Product,
                Self::Provider,
                Self::Obs,
                Self::Reason,
                Self::By,
                Self::Since,
            ],
            Place::Services => &[Self::Provider, Self::State, Self::Reason],
            Place::Providers => &[Self::Provider, Self::State, Self::Product, Self::By],
            Place::Runs => &[
                Self::State,
                Self::Product,
                Self::Provider,
                Self::Obs,
                Self::Since,
                Self::Run,
                Self::Reason,
                Self::Trigger,
            ],
            Place::Alerts => &[Self::State, Self::By, Self::Since],
            Place::Events | Place::History => &[
                Self::State,
                Self::Product,
                Self::Obs,
                Self::From,
                Self::Reason,
                Self::Since,
            ],
            Place::Graph | Place::Detail | Place::Timeline | Place::Report | Place::Product => &[],
        }
    }

    /// The word before the colon.
    pub fn name(self) -> &'static str {
        match self {
            Self::Obs => "obs",
            Self::Burst => "burst",
            Self::Product => "product",
            Self::Provider => "provider",
            Self::State => "state",
            Self::Reason => "reason",
            Self::Trigger => "trigger",
            Self::Run => "run",
            Self::By => "by",
            Self::From => "from",
            Self::Since => "since",
        }
    }

    /// The column of a word, whether or not the pane has it.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }

    /// The states that can stand in a pane; none where they are not a closed list.
    pub(super) fn states(place: Place) -> Vec<&'static str> {
        match place {
            Place::Matrix | Place::Running | Place::Failures => {
                let states = CellState::ALL.into_iter().map(CellState::as_str);
                states.chain([LATE, DEGRADED]).collect()
            }
            Place::Runs => RunState::ALL.into_iter().map(RunState::as_str).collect(),
            Place::Services
            | Place::Events
            | Place::History
            | Place::Graph
            | Place::Detail
            | Place::Timeline
            | Place::Providers
            | Place::Report
            | Place::Alerts
            | Place::Product => vec![],
        }
    }
}

/// What a cell can be beside its state.
pub(super) const LATE: &str = "late";
/// Made without an optional input.
pub(super) const DEGRADED: &str = "degraded";
