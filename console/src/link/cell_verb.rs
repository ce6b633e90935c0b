//! What is done to cells, and how the conductor is told.

use api::conductor::{GraceAction, GraceRequest, PriorityRequest, Selector, Touched};
use api::{ApiError, ConductorClient};
use domain::JsonObject;
use std::time::Duration;

/// What is done to cells.
#[derive(Debug, Clone, PartialEq)]
pub enum CellVerb {
    /// Try them again.
    Retry {
        /// Also what is done, and also if mandatory inputs are missing.
        force: bool,
        /// Other parameters for the pipeline.
        params: Option<JsonObject>,
    },
    /// Give them up.
    Cancel,
    /// Do not begin them.
    Hold,
    /// Begin them after all.
    Release,
    /// Let what awaits it begin.
    Approve,
    /// Begin them before others: higher first.
    Raise(i32),
    /// Begin without the optional inputs that are not there.
    EndGrace,
    /// Wait for them for longer.
    ExtendGrace(Option<Duration>),
}

impl CellVerb {
    /// As it is written.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Retry { .. } => "retry",
            Self::Cancel => "cancel",
            Self::Hold => "hold",
            Self::Release => "release",
            Self::Approve => "approve",
            Self::Raise(_) => "priority",
            Self::EndGrace => "end grace",
            Self::ExtendGrace(_) => "extend grace",
        }
    }

    /// Does it to all cells that are selected, or says what it would do.
    ///
    /// # Errors
    /// The conductor refuses it, or there is no answer.
    pub(crate) async fn send(
        &self,
        conductor: &ConductorClient,
        selector: Selector,
    ) -> Result<Touched, ApiError> {
        let grace = |action, by: Option<Duration>| GraceRequest {
            selector: selector.clone(),
            action,
            by: by.map(|by| humantime::format_duration(by).to_string().replace(' ', "")),
        };
        match self {
            Self::Retry { force, params } => {
                let selector = Selector {
                    force: *force,
                    params: params.clone(),
                    ..selector
                };
                conductor.retry(&selector).await
            }
            Self::Cancel => conductor.cancel(&selector).await,
            Self::Hold => conductor.hold(&selector).await,
            Self::Release => conductor.release(&selector).await,
            Self::Approve => conductor.approve(&selector).await,
            Self::Raise(priority) => {
                let priority = *priority;
                conductor.raise(&PriorityRequest { selector, priority }).await
            }
            Self::EndGrace => conductor.grace(&grace(GraceAction::End, None)).await,
            Self::ExtendGrace(by) => conductor.grace(&grace(GraceAction::Extend, *by)).await,
        }
    }
}
