//! Why a cell is not `done`, as facts and as a sentence.

use crate::verb::signed;
use crate::{Budget, Restraint};
use domain::{InputRef, ProcessingError, ProductName, ProviderName, Revision, Version};
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
    /// `not_expected`: an input that was withdrawn before it came.
    WithdrawnBefore,
    /// `not_expected`: an input that its publisher declared absent.
    Absent,
    /// `not_expected`: its mandatory inputs are in the closure, but nobody looked since the graph knows it.
    NotLookedAt,
    /// `not_expected`: the graph does not make it any more, and there is none.
    NotInGraph,
    /// `waiting`: these mandatory inputs are not available yet; `blocked_by` are ancestors that will not
    /// come by themselves (failed, held, cancelled, retracted).
    Awaiting {
        /// The mandatory inputs.
        inputs: Vec<ProductName>,
        /// The ancestors that block it.
        blocked_by: Vec<ProductName>,
    },
    /// `grace`: inputs are being made or re-made, or optional ones may still come.
    InProgress {
        /// The inputs that are being made or re-made.
        inputs: Vec<ProductName>,
        /// When the optional ones among them are no longer waited for, if there are such.
        until: Option<Timestamp>,
        /// Optional inputs that may still come.
        #[serde(default)]
        awaited: Vec<ProductName>,
        /// When they are no longer waited for, if there are such.
        #[serde(default)]
        awaited_until: Option<Timestamp>,
    },
    /// `grace`: its product is there, and inputs are newer. It is made again from these and from what comes until
    /// then.
    Repeats {
        /// The newer inputs.
        inputs: Vec<InputRef>,
        /// Since when its product is there.
        made_at: Timestamp,
        /// When it is made again.
        until: Timestamp,
    },
    /// `held`: by whom.
    Held {
        /// Who.
        by: String,
        /// Why.
        note: Option<String>,
    },
    /// `held`: it is queued, and its provider is sent nothing.
    Restrained {
        /// The provider.
        provider: ProviderName,
        /// What an operator wants of it.
        restraint: Restraint,
    },
    /// `held`: it could begin from these, and somebody has to approve that.
    Approval {
        /// What it would be made from.
        inputs: Vec<InputRef>,
        /// Optional inputs that are not there.
        missing: Vec<ProductName>,
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
        /// The budget that is spent, unless no further attempt could help.
        #[serde(default)]
        spent: Option<Budget>,
    },
    /// `stale`: these inputs are newer than what it was made from.
    NewerInputs(Vec<ProductName>),
    /// `stale`: these optional inputs, which it was made from, were withdrawn.
    WithdrawnInputs(Vec<ProductName>),
    /// `retracted`: withdrawn by its publisher.
    Retracted,
    /// `retracted`: made from this input, which was withdrawn.
    RetractedWith(ProductName),
    /// `cancelled`: by whom.
    Cancelled {
        /// Who.
        by: String,
        /// Why.
        #[serde(default)]
        note: Option<String>,
    },
}

impl Reason {
    /// When something that it waits for is no longer waited for.
    pub(crate) fn grace_ends(&self) -> Option<Timestamp> {
        if let Self::Repeats { until, .. } = self {
            return Some(*until);
        }
        let Self::InProgress {
            until, awaited_until, ..
        } = self
        else {
            return None;
        };
        until.iter().chain(awaited_until).min().copied()
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(inputs) => write!(f, "cannot be made without {}", list(inputs)),
            Self::NotCome => f.write_str("did not come"),
            Self::WithdrawnBefore => f.write_str("withdrawn before it came"),
            Self::Absent => f.write_str("its publisher said that it will not come"),
            Self::NotLookedAt => f.write_str("not looked at since the graph makes it"),
            Self::NotInGraph => f.write_str("the graph does not make it any more"),
            Self::Awaiting { inputs, blocked_by } if blocked_by.is_empty() => {
                write!(f, "awaits {}", list(inputs))
            }
            Self::Awaiting { inputs, blocked_by } => {
                write!(f, "awaits {}, blocked by {}", list(inputs), list(blocked_by))
            }
            Self::InProgress {
                inputs,
                until,
                awaited,
                awaited_until,
            } => {
                let made = match until {
                    Some(until) => format!("{} being made, waited for until {until:.0}", list(inputs)),
                    None => format!("{} being made again", list(inputs)),
                };
                let awaited =
                    awaited_until.map(|until| format!("{} awaited until {until:.0}", list(awaited)));
                let made = (!inputs.is_empty()).then_some(made);
                f.write_str(&made.into_iter().chain(awaited).collect::<Vec<_>>().join("; "))
            }
            Self::Repeats {
                inputs,
                made_at,
                until,
            } => {
                let named = |input: &InputRef| named(&input.product, input.version, input.revision);
                let inputs: Vec<String> = inputs.iter().map(named).collect();
                let (inputs, plural) = (inputs.join(", "), if inputs.len() == 1 { "is" } else { "are" });
                write!(
                    f,
                    "made at {made_at:.0}; newer {inputs} {plural} taken at {until:.0} with what comes until then"
                )
            }
            Self::Restrained { provider, restraint } => write!(f, "its provider {provider} is {restraint}"),
            Self::Held { by, note } => write!(f, "held by {}", signed(by, note.as_ref())),
            Self::Approval { inputs, missing } => {
                let named = |input: &InputRef| named(&input.product, input.version, input.revision);
                let inputs: Vec<String> = inputs.iter().map(named).collect();
                write!(f, "awaits approval of {}", inputs.join(", "))?;
                if !missing.is_empty() {
                    write!(f, ", without {}", list(missing))?;
                }
                Ok(())
            }
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
            Self::Failed {
                error,
                attempts,
                spent,
            } => {
                let plural = if *attempts == 1 { "" } else { "s" };
                let ProcessingError { code, message, .. } = error;
                write!(f, "{code}: {message} (after {attempts} attempt{plural}")?;
                if let Some(spent) = spent {
                    write!(f, ", {spent}")?;
                }
                f.write_str(")")
            }
            Self::NewerInputs(inputs) if inputs.len() == 1 => {
                write!(f, "{} is newer than what it was made from", list(inputs))
            }
            Self::NewerInputs(inputs) => {
                write!(f, "{} are newer than what it was made from", list(inputs))
            }
            Self::WithdrawnInputs(inputs) if inputs.len() == 1 => {
                write!(f, "made from {}, which was withdrawn", list(inputs))
            }
            Self::WithdrawnInputs(inputs) => write!(f, "made from {}, which were withdrawn", list(inputs)),
            Self::Retracted => f.write_str("withdrawn by its publisher"),
            Self::RetractedWith(input) => write!(f, "made from {input}, which was withdrawn"),
            Self::Cancelled { by, note } => write!(f, "cancelled by {}", signed(by, note.as_ref())),
        }
    }
}

/// `EclTmVhfAlert v3`, or the ledger's number of it if its publisher gave none.
pub(crate) fn named(product: &ProductName, version: Option<Version>, revision: Option<Revision>) -> String {
    match (version, revision) {
        (Some(version), _) => format!("{product} v{version}"),
        (None, Some(revision)) => format!("{product} r{revision}"),
        (None, None) => product.to_string(),
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
