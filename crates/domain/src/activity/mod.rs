//! `activity.<service>`: the state of services, runs and cells. One kind a file.

mod alert;
mod cell;
mod operator;
mod processing;
mod provider;
mod rejected;
mod status;

pub use alert::{AlertActivity, AlertState, Severity};
pub use cell::CellActivity;
pub use operator::OperatorActivity;
pub use processing::{ErrorClass, ProcessingActivity, ProcessingError, ProcessingState};
pub use provider::{ProviderActivity, ProviderState};
pub use rejected::RejectedActivity;
pub use status::{ServiceState, StatusActivity};

use crate::ServiceName;
use serde::{Deserialize, Serialize};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Attempt;

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
