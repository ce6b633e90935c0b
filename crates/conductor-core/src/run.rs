//! Runs: one request to make one cell from one set of inputs.

use crate::Reason;
use crate::fault::{Budget, Failures, Fault, TRANSPORT_BUDGET};
use crate::reason::named;
use crate::record::is_default;
use crate::verb::signed;
use domain::{
    Attempt, ErrorClass, InputRef, JsonObject, ObsId, ProcessingError, ProductName, ProviderName, Revision,
    RunId, RunState, Version,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use uuid::Uuid;

/// What caused a run. Recorded, never part of its identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// An input arrived, or a newer one.
    NewInput {
        /// Which.
        product: ProductName,
        /// The ledger's number of it.
        revision: Revision,
        /// The publisher's version of it.
        version: Option<Version>,
    },
    /// An operator asked for the product.
    Manual {
        /// Who.
        by: String,
        /// Why.
        note: Option<String>,
    },
    /// An operator retried the cell.
    Retry {
        /// Who.
        by: String,
        /// Why.
        note: Option<String>,
    },
    /// An operator approved that it is made from these inputs.
    Approved {
        /// Who.
        by: String,
        /// Why.
        note: Option<String>,
    },
    /// The graph is another one than before.
    GraphChanged,
    /// Somebody else POSTed it straight to the provider.
    Foreign {
        /// To whom.
        provider: ProviderName,
        /// Whether the cell had failed for good before: it has then also after this run, if that brings nothing.
        after_failure: bool,
    },
}

impl std::fmt::Display for Trigger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NewInput {
                product,
                revision,
                version,
            } => write!(f, "new input {}", named(product, *version, Some(*revision))),
            Self::Manual { by, note } => write!(f, "request by {}", signed(by, note.as_ref())),
            Self::Retry { by, note } => write!(f, "retry by {}", signed(by, note.as_ref())),
            Self::Approved { by, note } => write!(f, "approved by {}", signed(by, note.as_ref())),
            Self::GraphChanged => f.write_str("graph changed"),
            Self::Foreign { provider, .. } => write!(f, "started at {provider} by somebody else"),
        }
    }
}

/// An attempt that is over without a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedAttempt {
    /// Its number.
    pub attempt: Attempt,
    /// When it was admitted.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Why.
    pub error: ProcessingError,
    /// Whose failure it was.
    #[serde(default)]
    pub fault: Fault,
    /// When the next attempt was due, if there was to be one.
    #[serde(default)]
    pub retry_at: Option<Timestamp>,
}

/// A time during which a cell was held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldTime {
    /// Since when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// One request to make one cell from one set of inputs. Stored as a row of its own; never removed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// uuid5 of (`obs_id`, product, sorted (input, revision), generation): the same facts give the same id.
    pub run_id: RunId,
    /// The provider's own id, if it answered with another one.
    #[serde(default, skip_serializing_if = "is_default")]
    pub alias: Option<RunId>,
    /// The cell's product.
    pub product: ProductName,
    /// Who makes it.
    pub provider: ProviderName,
    /// Exactly what it is made from.
    pub inputs: Vec<InputRef>,
    /// Optional inputs that are not there.
    #[serde(default, skip_serializing_if = "is_default")]
    pub missing: Vec<ProductName>,
    /// Parameters of a manual request.
    #[serde(default, skip_serializing_if = "is_default")]
    pub params: Option<JsonObject>,
    /// Rises with each operator retry or force, and when the inputs are those of an earlier ended run.
    #[serde(default, skip_serializing_if = "is_default")]
    pub generation: u32,
    /// What caused it.
    pub trigger: Trigger,
    /// Where it is.
    pub state: RunState,
    /// The attempt that is next, under way, or was the last.
    pub attempt: Attempt,
    /// How many attempts the graph gives it: so often may its pipeline fail, and its provider.
    pub attempts: u32,
    /// How often attempts failed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub failures: Failures,
    /// When its cell was held, before it became ready or while it waited.
    #[serde(default, skip_serializing_if = "is_default")]
    pub held: Vec<HeldTime>,
    /// When it became ready.
    pub queued_at: Timestamp,
    /// When its present attempt was admitted.
    #[serde(default, skip_serializing_if = "is_default")]
    pub requested_at: Option<Timestamp>,
    /// When its pipeline said that it is at work.
    #[serde(default, skip_serializing_if = "is_default")]
    pub running_at: Option<Timestamp>,
    /// When its product was known to be in the SDB, also while the run itself goes on.
    #[serde(default, skip_serializing_if = "is_default")]
    pub product_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ended_at: Option<Timestamp>,
    /// As what it had ended before its product came all the same.
    #[serde(default, skip_serializing_if = "is_default")]
    pub given_up: Option<RunState>,
    /// When its present attempt is given up.
    #[serde(default, skip_serializing_if = "is_default")]
    pub deadline: Option<Timestamp>,
    /// When its next attempt is due.
    #[serde(default, skip_serializing_if = "is_default")]
    pub retry_at: Option<Timestamp>,
    /// The attempts that are over, the last ones if there were many.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ended_attempts: Vec<EndedAttempt>,
}

impl Run {
    /// The number that its last attempt has, unless something fails that is not the pipeline's.
    pub fn last_attempt(&self) -> u32 {
        if self.state == RunState::Failed {
            return self.attempts.max(self.attempt.0);
        }
        // The present attempt is one of those that are left.
        let left = self.attempts.saturating_sub(self.failures.product);
        self.attempt.0 + left.saturating_sub(1)
    }

    /// How often something of one kind may fail, and did.
    pub fn budget(&self, fault: Fault) -> Budget {
        Budget {
            fault,
            spent: self.failures.of(fault),
            of: match fault {
                Fault::Transport => TRANSPORT_BUDGET,
                Fault::Provider | Fault::Product => self.attempts,
            },
        }
    }

    /// Why it failed, by its last attempt.
    pub fn why_failed(&self) -> Option<Reason> {
        let last = self.ended_attempts.last()?;
        let budget = self.budget(last.fault);
        Some(Reason::Failed {
            error: last.error.clone(),
            attempts: last.attempt.0,
            spent: (last.error.class != ErrorClass::Permanent && !self.is_foreign()).then_some(budget),
        })
    }

    /// Whether somebody else started it.
    pub fn is_foreign(&self) -> bool {
        matches!(self.trigger, Trigger::Foreign { .. })
    }

    /// Whether it failed, or leaves the cell failed as it found it: nothing follows by itself.
    pub(crate) fn leaves_failed(&self) -> bool {
        match self.trigger {
            Trigger::Foreign { after_failure, .. } => {
                after_failure && matches!(self.state, RunState::Failed | RunState::Cancelled)
            }
            Trigger::NewInput { .. }
            | Trigger::Manual { .. }
            | Trigger::Retry { .. }
            | Trigger::Approved { .. }
            | Trigger::GraphChanged => self.state == RunState::Failed,
        }
    }

    /// Its product came although it was over.
    pub(crate) fn succeed_late(&mut self, now: Timestamp) {
        if self.state != RunState::Succeeded {
            self.given_up = Some(self.state);
            self.state = RunState::Succeeded;
            self.ended_at = Some(now);
        }
        self.product_at.get_or_insert(now);
    }

    /// Whether this is its id, or the one that its provider gave it.
    pub(crate) fn answers_to(&self, run_id: &RunId) -> bool {
        self.run_id == *run_id || self.alias.as_ref() == Some(run_id)
    }

    /// The id by which its provider knows it.
    pub fn asked(&self) -> &RunId {
        self.alias.as_ref().unwrap_or(&self.run_id)
    }
}

/// The wait after a failed attempt: the recipe's, shortened by up to a quarter so that runs that failed
/// together do not come back together. The same run and attempt always wait the same.
pub(crate) fn retry_delay(full: Duration, run_id: &RunId, attempt: Attempt) -> Duration {
    let hash = Uuid::new_v5(&RUNS, format!("{run_id}/{attempt}").as_bytes()).as_u128();
    full.mul_f64(1.0 - f64::from(u8::try_from(hash % 256).unwrap_or(0)) / 1024.0)
}

/// The name space of run ids.
const RUNS: Uuid = Uuid::from_u128(0x6f72_6368_6573_7472_615f_7275_6e73_5f31);

/// The id of the run that makes this cell from these inputs: the same facts give the same id, so a
/// repeated event cannot start a second run.
pub(crate) fn derive_id(
    obs_id: &ObsId,
    product: &ProductName,
    inputs: &[InputRef],
    generation: u32,
) -> RunId {
    let mut given: Vec<String> = inputs
        .iter()
        .map(|input| {
            format!(
                "{}@{}",
                input.product,
                input.revision.map_or(0, |revision| revision.0)
            )
        })
        .collect();
    given.sort();
    let facts = format!("{obs_id}/{product}/{}/{generation}", given.join(","));
    RunId::from_uuid(Uuid::new_v5(&RUNS, facts.as_bytes()))
}

/// The id under which a run is kept that somebody else started; its provider's own is unique only there.
pub(crate) fn derive_foreign_id(
    obs_id: &ObsId,
    provider: &ProviderName,
    product: &ProductName,
    run_id: &RunId,
) -> RunId {
    let facts = format!("{obs_id}/{product}/{provider}/{run_id}");
    RunId::from_uuid(Uuid::new_v5(&RUNS, facts.as_bytes()))
}
