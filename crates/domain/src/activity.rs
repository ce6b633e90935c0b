//! `activity.<service>`: the state of services, runs and cells.

use crate::{Attempt, CellState, ObsId, ProductName, ProviderName, RunId, ServiceName, Version};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A message on `activity.<service>`, told apart by its `kind`.
///
/// Readers are lenient: what a message of a foreign pipeline leaves out is empty, what it adds is ignored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Activity {
    /// How a service is; at each change and every 5 s.
    Status(StatusActivity),
    /// How a run is; from pipelines.
    Processing(ProcessingActivity),
    /// How a cell is; from the conductor, one per cell and commit.
    Cell(CellActivity),
    /// How a provider is; from the conductor.
    Provider(ProviderActivity),
    /// Something a human should know; from the conductor.
    Alert(AlertActivity),
    /// What an operator did; from the conductor.
    Operator(OperatorActivity),
    /// A message that could not be used; from the conductor.
    Rejected(RejectedActivity),
}

impl Activity {
    /// Who says it, the second token of the subject.
    pub fn service(&self) -> &ServiceName {
        match self {
            Self::Status(said) => &said.service,
            Self::Processing(said) => &said.service,
            Self::Cell(said) => &said.service,
            Self::Provider(said) => &said.service,
            Self::Alert(said) => &said.service,
            Self::Operator(said) => &said.service,
            Self::Rejected(said) => &said.service,
        }
    }
}

/// How a service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceState {
    /// Not able to work yet.
    Starting,
    /// Able to work, and idle.
    Ready,
    /// At work.
    Busy,
    /// Finishes what it has and takes nothing new.
    Draining,
    /// Gone, on purpose.
    Stopped,
    /// Able to work in part; `detail` says what is wrong.
    Degraded,
}

/// `kind: status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusActivity {
    /// The service, the second token of the subject.
    pub service: ServiceName,
    /// Which process of it.
    #[serde(default)]
    pub instance: SmolStr,
    /// When this was said.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// How it is.
    pub state: ServiceState,
    /// The version of its software.
    #[serde(default)]
    pub version: SmolStr,
    /// When the process started.
    #[serde(default)]
    pub started_at: Option<Timestamp>,
    /// Runs or requests at work.
    #[serde(default)]
    pub in_flight: u64,
    /// Runs or requests that wait.
    #[serde(default)]
    pub queued: u64,
    /// A sentence for a person.
    #[serde(default)]
    pub detail: String,
}

/// How a run is, in the words of its pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ProcessingState {
    /// Taken, waiting for a worker.
    Accepted,
    /// At work.
    Running,
    /// Ended well; the product is in the SDB.
    Succeeded,
    /// Ended badly.
    Failed,
    /// Ended because somebody asked for it.
    Cancelled,
}

impl ProcessingState {
    /// Whether nothing more will come of the attempt.
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// Whether trying the same again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ErrorClass {
    /// It may work next time.
    Retriable,
    /// It will fail the same way from the same inputs.
    Permanent,
}

/// Why a run failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProcessingError {
    /// Whether trying again can help.
    pub class: ErrorClass,
    /// A stable word for programs: `calibration-missing`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub code: SmolStr,
    /// A sentence for a person.
    #[serde(default)]
    pub message: String,
}

/// `kind: processing`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProcessingActivity {
    /// The provider, the second token of the subject.
    pub service: ServiceName,
    /// Which process of it.
    #[serde(default)]
    pub instance: SmolStr,
    /// When this was said.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// The run.
    pub run_id: RunId,
    /// What it makes.
    pub product: ProductName,
    /// For which observation.
    pub obs_id: ObsId,
    /// The attempt, 1 if the pipeline does not count.
    #[serde(default = "first_attempt")]
    pub attempt: Attempt,
    /// How it is.
    pub state: ProcessingState,
    /// How far it is, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<f64>,
    /// A sentence for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ProcessingError>,
    /// On success, the version that the SDB gave the product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_version: Option<Version>,
}

fn first_attempt() -> Attempt {
    Attempt::FIRST
}

/// `kind: cell`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellActivity {
    /// `conductor`.
    pub service: ServiceName,
    /// Which process of it.
    #[serde(default)]
    pub instance: SmolStr,
    /// When this was said.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// Rises with each change of the cell; a lower one than known is dropped.
    pub rev: u64,
    /// The cell's product.
    pub product: ProductName,
    /// The cell's observation.
    pub obs_id: ObsId,
    /// How the cell is.
    pub state: CellState,
    /// Since when it is so.
    pub since: Timestamp,
    /// Its latest run.
    #[serde(default)]
    pub run_id: Option<RunId>,
    /// The attempt of that run.
    #[serde(default)]
    pub attempt: Option<Attempt>,
    /// How many attempts the run has.
    #[serde(default)]
    pub attempts: Option<u32>,
    /// Why it is not `done`, for a person.
    #[serde(default)]
    pub reason: Option<String>,
    /// When the next attempt is.
    #[serde(default)]
    pub retry_at: Option<Timestamp>,
    /// The version in the SDB.
    #[serde(default)]
    pub version: Option<Version>,
    /// What caused its latest run, in words.
    #[serde(default)]
    pub trigger: Option<String>,
    /// Of a failed cell: the same for all that failed for the same cause.
    #[serde(default)]
    pub fingerprint: Option<String>,
}

/// How a provider is, as the conductor sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ProviderState {
    /// It answers, or nothing speaks against it.
    Up,
    /// 15 s of silence.
    Late,
    /// 30 s of silence.
    Lost,
    /// An operator holds its work.
    Paused,
    /// An operator lets it finish and gives it nothing new.
    Draining,
    /// The breaker is open: it was not reachable several times.
    Open,
}

/// `kind: provider`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderActivity {
    /// `conductor`.
    pub service: ServiceName,
    /// Which process of it.
    #[serde(default)]
    pub instance: SmolStr,
    /// When this was said.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// The provider.
    pub provider: ProviderName,
    /// How it is.
    pub state: ProviderState,
    /// Runs that it has.
    pub in_flight: u64,
    /// Runs that wait for it.
    pub queued: u64,
    /// Who did this to it.
    #[serde(default)]
    pub by: Option<String>,
    /// Why.
    #[serde(default)]
    pub note: Option<String>,
}

/// How bad an alert is, the worse the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Severity {
    /// Somebody should look at it in this shift.
    Warning,
    /// Somebody should look at it now.
    Critical,
}

impl Severity {
    /// Its word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// Where an alert is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AlertState {
    /// New.
    Raised,
    /// Known, and worse than before.
    Worse,
    /// Over.
    Cleared,
}

impl AlertState {
    /// Its word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Worse => "worse",
            Self::Cleared => "cleared",
        }
    }
}

/// `kind: alert`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertActivity {
    /// `conductor`.
    pub service: ServiceName,
    /// Which process of it.
    #[serde(default)]
    pub instance: SmolStr,
    /// When this was said.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// What makes two alerts the same.
    pub fingerprint: String,
    /// How bad it is.
    pub severity: Severity,
    /// A sentence for a person.
    pub title: String,
    /// What it is about, the first of it if it is much.
    #[serde(default)]
    pub targets: Vec<String>,
    /// Where it is in its life.
    pub state: AlertState,
}

/// `kind: operator`, the audit trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorActivity {
    /// `conductor`.
    pub service: ServiceName,
    /// Which process of it.
    #[serde(default)]
    pub instance: SmolStr,
    /// When this was said.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// What was done: `retry`, `processing`.
    pub verb: String,
    /// To what.
    pub target: String,
    /// By whom.
    pub by: String,
    /// Why.
    #[serde(default)]
    pub note: Option<String>,
    /// What came of it.
    pub outcome: String,
}

/// `kind: rejected`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedActivity {
    /// `conductor`.
    pub service: ServiceName,
    /// Which process of it.
    #[serde(default)]
    pub instance: SmolStr,
    /// When this was said.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// Where the message came from.
    pub subject: String,
    /// Why it was not used.
    pub reason: String,
    /// Its first 512 bytes at most.
    pub excerpt: String,
}

impl RejectedActivity {
    /// The most of a refused message that is repeated, in bytes.
    pub const MAX_EXCERPT_BYTES: usize = 512;

    /// The start of a message body as text, cut at a character.
    pub fn excerpt_of(body: &[u8]) -> String {
        let head = &body[..body.len().min(Self::MAX_EXCERPT_BYTES)];
        let text = String::from_utf8_lossy(head);
        let mut end = text.len().min(Self::MAX_EXCERPT_BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text[..end].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_a_foreign_pipeline_says_is_understood() {
        let json = r#"{"kind":"processing","service":"p","run_id":"r1","product":"A","obs_id":1,"state":"running","x":1}"#;
        let Activity::Processing(read) = serde_json::from_str(json).unwrap() else {
            panic!("not processing")
        };
        assert_eq!(
            (read.attempt, read.state, read.progress),
            (Attempt(1), ProcessingState::Running, None)
        );
    }

    #[test]
    fn kind_stands_beside_the_fields() {
        let alert = Activity::Rejected(RejectedActivity {
            service: "conductor".parse().unwrap(),
            instance: "i".into(),
            at: None,
            subject: "data.vhf".into(),
            reason: "not JSON".into(),
            excerpt: "x".into(),
        });
        let json = serde_json::to_value(&alert).unwrap();
        assert_eq!(
            (&json["kind"], &json["subject"]),
            (&"rejected".into(), &"data.vhf".into())
        );
    }

    #[test]
    fn an_excerpt_is_short_and_whole_characters() {
        assert_eq!(
            RejectedActivity::excerpt_of("é".repeat(1000).as_bytes()).len(),
            512
        );
        assert!(RejectedActivity::excerpt_of(&[0xff; 1000]).len() <= 512);
    }
}
