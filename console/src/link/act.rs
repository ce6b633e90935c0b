//! What an operator can do to the orchestra.

use super::CellVerb;
use crate::model::CellId;
use api::conductor::{AcknowledgeRequest, ManualRequest, NoteRequest, Selector};
use api::pipeline::ProcessingRequest;
use domain::ProviderName;
use url::Url;

/// One act.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// To exactly these cells, the frozen list that was shown: one request each.
    Cells {
        /// What.
        verb: CellVerb,
        /// To which.
        cells: Vec<CellId>,
        /// Why, for the audit trail.
        note: Option<String>,
        /// Only say what it would do.
        dry_run: bool,
    },
    /// To all cells that are selected when the conductor reads this; with `dry_run`, what that would be.
    Selected {
        /// What.
        verb: CellVerb,
        /// To which, why, and whether it only looks.
        selector: Selector,
    },
    /// Make a product, by the conductor.
    Process(ManualRequest),
    /// Make a product, straight at its pipeline: also without the conductor, which then finds out by itself.
    Straight {
        /// The pipeline, `url` of the graph.
        url: Url,
        /// What to make.
        request: ProcessingRequest,
    },
    /// Leave a note.
    Note(NoteRequest),
    /// Note that somebody has seen why cells failed.
    Acknowledge(AcknowledgeRequest),
    /// Let a provider have nothing more, or again.
    Steer {
        /// How.
        verb: Steer,
        /// Whom.
        provider: ProviderName,
        /// Why, for the audit trail and for whoever asks why nothing moves.
        note: Option<String>,
    },
}

/// What is done to a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Steer {
    /// Nothing more is sent to it.
    Pause,
    /// Nothing more is sent to it; what it has it finishes.
    Drain,
    /// Both are over.
    Resume,
}

impl Steer {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Drain => "drain",
            Self::Resume => "resume",
        }
    }
}

impl Act {
    /// As it is written.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Cells { verb, .. } | Self::Selected { verb, .. } => verb.name(),
            Self::Process(_) => "processing",
            Self::Straight { .. } => "processing at the pipeline",
            Self::Note(_) => "note",
            Self::Acknowledge(_) => "acknowledge",
            Self::Steer { verb, .. } => verb.name(),
        }
    }

    /// Whether it only looks.
    pub fn is_dry_run(&self) -> bool {
        match self {
            Self::Cells { dry_run, .. } => *dry_run,
            Self::Selected { selector, .. } => selector.dry_run,
            Self::Acknowledge(request) => request.selector.dry_run,
            Self::Process(_) | Self::Straight { .. } | Self::Note(_) | Self::Steer { .. } => false,
        }
    }
}
