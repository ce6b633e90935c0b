//! A request that has been taken: all its blanks are filled in.

use api::pipeline::{ProcessingReply, ProcessingRequest, ProcessingRun};
use domain::{Attempt, InputRef, JsonObject, ObsId, ProcessingState, ProductName, RunId};
use jiff::Timestamp;
use smol_str::SmolStr;

/// What to make, for whom, from what, until when. It does not change while the attempt lives.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) run_id: RunId,
    pub(crate) attempt: Attempt,
    pub(crate) product: ProductName,
    pub(crate) obs_id: ObsId,
    pub(crate) params: Option<JsonObject>,
    pub(crate) inputs: Option<Vec<InputRef>>,
    pub(crate) missing: Vec<ProductName>,
    /// By the clock of this process.
    pub(crate) deadline: Option<Timestamp>,
    pub(crate) trigger: Option<String>,
    /// The version of the software that makes it.
    pub(crate) software_version: Option<SmolStr>,
    /// The W3C `traceparent` of the POST.
    pub(crate) trace: Option<String>,
}

impl Order {
    /// Of a request that came `now`.
    pub(crate) fn new(request: ProcessingRequest, now: Timestamp, run_id: RunId, attempt: Attempt) -> Self {
        Self {
            deadline: request.deadline_here(now),
            run_id,
            attempt,
            product: request.product,
            obs_id: request.obs_id,
            params: request.params,
            inputs: request.inputs,
            missing: request.missing,
            trigger: request.trigger,
            software_version: None,
            trace: None,
        }
    }

    /// The run as it is told to others, at its start.
    pub(crate) fn accepted(&self, now: Timestamp) -> ProcessingRun {
        ProcessingRun {
            run_id: self.run_id.clone(),
            state: ProcessingState::Accepted,
            product: Some(self.product.clone()),
            obs_id: Some(self.obs_id.clone()),
            attempt: self.attempt,
            progress: None,
            message: None,
            accepted_at: Some(now),
            started_at: None,
            ended_at: None,
            deadline: self.deadline,
            error: None,
            product_version: None,
            params: self.params.clone(),
            inputs: self.inputs.clone(),
            missing: self.missing.clone(),
            trigger: self.trigger.clone(),
            log: Vec::new(),
        }
    }

    pub(crate) fn reply(&self, state: ProcessingState) -> ProcessingReply {
        ProcessingReply {
            run_id: self.run_id.clone(),
            product: self.product.clone(),
            obs_id: self.obs_id.clone(),
            state,
            attempt: self.attempt,
        }
    }
}
