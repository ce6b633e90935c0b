//! The pipeline, `docs/protocol.md` section 3.1.

use domain::{
    Attempt, InputRef, JsonObject, ObsId, ProcessingError, ProcessingState, ProductName, RunId, Version,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// `POST {url}/processing`: make this product of this observation.
///
/// `{"product": "QPO_ECL", "obs_id": 42}` is a complete one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProcessingRequest {
    /// What to make.
    pub product: ProductName,
    /// For which observation.
    pub obs_id: ObsId,
    /// The run; a pipeline gives one itself when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
    /// The attempt of that run, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<Attempt>,
    /// Parameters of a manual run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub params: Option<JsonObject>,
    /// Exactly what to make it from; left out, the pipeline asks the SDB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<Vec<InputRef>>,
    /// Optional inputs that are not there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<ProductName>,
    /// When the conductor gives the attempt up, by its clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub deadline: Option<Timestamp>,
    /// In how many seconds from its receipt that is, rounded up: what counts where clocks differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_s: Option<u64>,
    /// What caused the run, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<String>,
}

impl ProcessingRequest {
    /// The shortest request, all that a least pipeline reads.
    pub fn of(product: ProductName, obs_id: ObsId) -> Self {
        Self {
            product,
            obs_id,
            run_id: None,
            attempt: None,
            params: None,
            inputs: None,
            missing: Vec::new(),
            deadline: None,
            deadline_s: None,
            trigger: None,
        }
    }

    /// When the conductor gives the attempt up, by the clock of whom the request reached `now`.
    pub fn deadline_here(&self, now: Timestamp) -> Option<Timestamp> {
        let Some(seconds) = self.deadline_s else {
            return self.deadline;
        };
        let left = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
        Some(now.checked_add(left).unwrap_or(Timestamp::MAX))
    }
}

/// The answer to `POST {url}/processing`: 202 when the run starts, 200 when it was known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProcessingReply {
    /// The run.
    pub run_id: RunId,
    /// What it makes.
    pub product: ProductName,
    /// For which observation.
    pub obs_id: ObsId,
    /// How it is; `accepted` for one that starts.
    pub state: ProcessingState,
    /// Which attempt of the run this is.
    #[serde(default = "first_attempt")]
    pub attempt: Attempt,
}

fn first_attempt() -> Attempt {
    Attempt::FIRST
}

/// `GET {url}/processing/{run_id}`: one run as its pipeline tells it; an item of `GET {url}/processing`.
///
/// A foreign pipeline may leave out all but `run_id` and `state`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProcessingRun {
    /// The run.
    pub run_id: RunId,
    /// How it is.
    pub state: ProcessingState,
    /// What it makes.
    #[serde(default)]
    pub product: Option<ProductName>,
    /// For which observation.
    #[serde(default)]
    pub obs_id: Option<ObsId>,
    /// The latest attempt.
    #[serde(default = "first_attempt")]
    pub attempt: Attempt,
    /// How far it is, 0 to 1.
    #[serde(default)]
    pub progress: Option<f64>,
    /// What it says about itself.
    #[serde(default)]
    pub message: Option<String>,
    /// When the attempt was accepted.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub accepted_at: Option<Timestamp>,
    /// When a worker took it.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// When the pipeline gives it up.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub deadline: Option<Timestamp>,
    /// Why it failed.
    #[serde(default)]
    pub error: Option<ProcessingError>,
    /// The version that the SDB gave its product.
    #[serde(default)]
    pub product_version: Option<Version>,
    /// Its parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub params: Option<JsonObject>,
    /// What it is made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<Vec<InputRef>>,
    /// Optional inputs that were not there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<ProductName>,
    /// What caused it, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<String>,
    /// Its last lines of log.
    #[serde(default)]
    pub log: Vec<String>,
}

/// The query of `GET {url}/processing`, which lists latest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProcessingQuery {
    /// `true`: only runs that have not ended. A pipeline that does not know the word lists the others, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<bool>,
    /// How many items at most, 1 to 1000, default 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// `GET {url}/products`: one product that the pipeline can make.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProductOffer {
    /// The product.
    pub product: ProductName,
    /// The version of the software that makes it.
    #[serde(default)]
    pub software_version: Option<String>,
    /// How long it usually takes: `90s`.
    #[serde(default)]
    pub expected: Option<String>,
    /// A JSON schema of `params`.
    #[serde(default)]
    pub params_schema: Option<serde_json::Value>,
}

/// What a POST came to. A least pipeline answers with any 2xx and any body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Whether the pipeline knew this run and attempt already (200), so that nothing started.
    pub existing: bool,
    /// The run in the pipeline's words: ours, or an alias of ours.
    pub run_id: Option<RunId>,
    /// How it says that the run is.
    pub state: Option<ProcessingState>,
}

/// What a pipeline said when it was asked about a run.
#[derive(Debug, Clone, PartialEq)]
pub enum RunAnswer {
    /// It knows the run.
    Known(Box<ProcessingRun>),
    /// It says that it does not know the run (404 [`UNKNOWN_RUN`](crate::codes::UNKNOWN_RUN)).
    Unknown,
    /// It does not offer the question (another 404, 405 or 501): no failure, and no news either.
    NotOffered,
}

/// What a pipeline said when it was asked to cancel a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelAnswer {
    /// It will end the run.
    Accepted,
    /// It says that it does not know the run.
    Unknown,
    /// It cannot cancel.
    NotOffered,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_that_is_left_counts_from_the_receipt_and_goes_before_a_deadline() {
        let mut request = ProcessingRequest::of("QPO_ECL".parse().unwrap(), 42.try_into().unwrap());
        let now: Timestamp = "2026-02-25T08:52:07Z".parse().unwrap();
        assert_eq!(request.deadline_here(now), None);
        request.deadline = Some(Timestamp::UNIX_EPOCH);
        assert_eq!(request.deadline_here(now), request.deadline);
        request.deadline_s = Some(60);
        assert_eq!(
            request.deadline_here(now),
            Some(now + SignedDuration::from_secs(60))
        );
        request.deadline_s = Some(u64::MAX);
        assert_eq!(request.deadline_here(now), Some(Timestamp::MAX));
    }

    #[test]
    fn the_mission_s_request_is_complete() {
        let json = r#"{"product":"QPO_ECL","obs_id":42}"#;
        let read: ProcessingRequest = serde_json::from_str(json).unwrap();
        assert_eq!(
            read,
            ProcessingRequest::of("QPO_ECL".parse().unwrap(), 42.try_into().unwrap())
        );
        assert_eq!(serde_json::to_string(&read).unwrap(), json);
    }

    #[test]
    fn inputs_may_lack_what_a_plain_publish_did_not_say() {
        let json = r#"{"product":"A","obs_id":1,"inputs":[{"product":"B","revision":3,"version":null,"source":"vhf","href":null}],"unknown":0}"#;
        let read: ProcessingRequest = serde_json::from_str(json).unwrap();
        assert_eq!(read.inputs.unwrap()[0].version, None);
    }

    #[test]
    fn the_least_a_pipeline_says_of_a_run_is_understood() {
        let read: ProcessingRun = serde_json::from_str(r#"{"run_id":"7","state":"running"}"#).unwrap();
        assert_eq!((read.state, read.attempt), (ProcessingState::Running, Attempt(1)));
    }
}
