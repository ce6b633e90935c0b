//! Why a cell is not `done`, as facts and as a sentence.

use domain::{ProcessingError, ProductName, ProviderName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Why a cell is in its state; printed as the `reason` that a person reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// `not_expected`: these mandatory inputs are not in the closure.
    Missing(Vec<ProductName>),
    /// `not_expected`: an input that did not come, or not yet.
    NotCome,
    /// `not_expected`: an input that its publisher declared absent.
    Absent,
    /// `not_expected`: its mandatory inputs are in the closure, but nobody looked since the graph knows it.
    NotLookedAt,
    /// `waiting`: these mandatory inputs are not available yet; `blocked_by` are ancestors that will not
    /// come by themselves (failed, held, cancelled, retracted).
    Awaiting {
        /// The mandatory inputs.
        inputs: Vec<ProductName>,
        /// The ancestors that block it.
        blocked_by: Vec<ProductName>,
    },
    /// `grace`: these inputs are being made or re-made; `until` is when the optional ones are no longer
    /// waited for.
    InProgress {
        /// The inputs.
        inputs: Vec<ProductName>,
        /// The end of the wait, if there is one.
        until: Option<Timestamp>,
    },
    /// `queued`: the provider has no free slot, or asked for time.
    ProviderBusy {
        /// The provider.
        provider: ProviderName,
    },
    /// `requested`: POSTed, no word of work yet.
    Posted {
        /// The provider.
        provider: ProviderName,
    },
    /// `running`: the provider said that it works.
    AtWork {
        /// The provider.
        provider: ProviderName,
    },
    /// `retrying`: what the last attempt ended with.
    AttemptFailed {
        /// Why it failed.
        error: ProcessingError,
        /// When the next one is due.
        retry_at: Timestamp,
    },
    /// `failed`: what the last attempt ended with.
    Failed {
        /// Why it failed.
        error: ProcessingError,
        /// How many attempts were made.
        attempts: u32,
    },
    /// `stale`: these inputs are newer than what it was made from.
    NewerInputs(Vec<ProductName>),
    /// `retracted`: withdrawn by its publisher.
    Retracted,
    /// `cancelled`: by whom.
    Cancelled {
        /// Who.
        by: String,
        /// Why.
        #[serde(default)]
        note: Option<String>,
    },
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(inputs) => write!(f, "cannot be made without {}", list(inputs)),
            Self::NotCome => f.write_str("did not come"),
            Self::Absent => f.write_str("its publisher said that it will not come"),
            Self::NotLookedAt => f.write_str("not looked at since the graph makes it"),
            Self::Awaiting { inputs, blocked_by } if blocked_by.is_empty() => {
                write!(f, "awaits {}", list(inputs))
            }
            Self::Awaiting { inputs, blocked_by } => {
                write!(f, "awaits {}, blocked by {}", list(inputs), list(blocked_by))
            }
            Self::InProgress {
                inputs,
                until: Some(until),
            } => {
                write!(f, "{} being made, waited for until {until:.0}", list(inputs))
            }
            Self::InProgress { inputs, until: None } => write!(f, "{} being made again", list(inputs)),
            Self::ProviderBusy { provider } => write!(f, "waits for a slot at {provider}"),
            Self::Posted { provider } => write!(f, "requested from {provider}"),
            Self::AtWork { provider } => write!(f, "{provider} is at work"),
            Self::AttemptFailed { error, retry_at } => {
                write!(
                    f,
                    "{}: {}; next attempt at {retry_at:.0}",
                    error.code, error.message
                )
            }
            Self::Failed { error, attempts } => {
                let plural = if *attempts == 1 { "" } else { "s" };
                write!(
                    f,
                    "{}: {} (after {attempts} attempt{plural})",
                    error.code, error.message
                )
            }
            Self::NewerInputs(inputs) if inputs.len() == 1 => {
                write!(f, "{} is newer than what it was made from", list(inputs))
            }
            Self::NewerInputs(inputs) => {
                write!(f, "{} are newer than what it was made from", list(inputs))
            }
            Self::Retracted => f.write_str("withdrawn by its publisher"),
            Self::Cancelled { by, note: Some(note) } => write!(f, "cancelled by {by} ({note})"),
            Self::Cancelled { by, note: None } => write!(f, "cancelled by {by}"),
        }
    }
}

/// Names for a person.
pub(crate) fn list(names: &[ProductName]) -> String {
    names
        .iter()
        .map(ProductName::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}
