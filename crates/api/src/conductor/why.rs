//! Why a cell is as it is: every blocker as a tree, and what would happen next.
//!
//! The conductor fills it from the core's `explain`, which asks the very functions that decide. It holds
//! for the state of the ledger that the answer was made from, and it is complete: satisfy exactly the
//! leaves of the tree, and the next decision about the cell is a POST. How to read it:
//!
//! ```text
//! why.text        QPO_FSC waits for QPO_ECL, which failed
//! why.blockers    input QPO_ECL (failed)         a mandatory input that is not available,
//!                   failed run_4f0c..              because its attempts are spent
//! why.next        starts when QPO_ECL is available, at no known time
//! ```
//!
//! - The blockers of one level must all go (*and*); the blockers under a blocker are why it stands.
//! - A blocker with `until` goes by itself at that time; one without needs an event or an operator.
//! - A cell that blocks in several places has its own blockers only where it is met first, depth first,
//!   so that the tree is never larger than the graph.
//! - A cell that is `done` and has nothing to do has no blockers; so has `running`, but for its own run.

use domain::CellState;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Why a cell is as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Why {
    /// One sentence for a person, the gist of the tree.
    pub text: String,
    /// What stands between the cell and its next POST; empty if nothing does.
    #[serde(default)]
    pub blockers: Vec<Blocker>,
    /// What happens next, and when; null if nothing will unless a blocker goes.
    #[serde(default)]
    pub next: Option<Next>,
}

/// What happens next to a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Next {
    /// What, for a person: `attempt 2 of 3 is sent to qpo_ecl_pipeline`.
    pub what: String,
    /// When, if that is known; else as soon as the blockers are gone.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
}

/// One reason, and the reasons below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Blocker {
    /// The family, for programs.
    pub kind: BlockerKind,
    /// What it is about: the name of a product, a provider or a run, as `kind` says.
    pub what: String,
    /// One sentence for a person.
    #[serde(default)]
    pub detail: String,
    /// For a product: how its cell is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<CellState>,
    /// Since when it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// When it goes by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// Why it stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    pub blockers: Vec<Blocker>,
}

impl Blocker {
    /// A blocker without times and without reasons below it.
    pub fn new(kind: BlockerKind, what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            kind,
            what: what.into(),
            detail: detail.into(),
            state: None,
            since: None,
            until: None,
            blockers: Vec::new(),
        }
    }
}

/// The family of a blocker. A reader that does not know one shows its `detail`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockerKind {
    /// A mandatory input (`what`) is not available; `state` says how it is, the blockers below why.
    Input,
    /// A mandatory input (`what`) was withdrawn.
    Retracted,
    /// An input (`what`), mandatory or optional, is itself being made or re-made (`wait_in_progress`).
    InProgress,
    /// An optional input (`what`) may still come (`wait_optional`).
    Optional,
    /// The cell (`what`) was made just now, and repeats of its inputs are gathered (`wait_repeats`).
    Repeats,
    /// The cell awaits approval.
    Approval,
    /// An operator holds the cell.
    Held,
    /// An operator gave the cell up.
    Cancelled,
    /// An operator paused the provider (`what`).
    ProviderPaused,
    /// The provider (`what`) is being drained.
    ProviderDraining,
    /// The provider (`what`) said that it is busy; until `until`.
    ProviderBusy,
    /// The provider (`what`) has as many runs as it may; those before it are admitted first.
    ProviderLimit,
    /// The provider (`what`) was not reachable several times; until `until` nothing is sent.
    ProviderOpen,
    /// The run (`what`) is with its provider: requested or running, at the latest until `until`.
    Run,
    /// The run (`what`) failed and its next attempt is at `until`.
    Backoff,
    /// The run (`what`) failed for good.
    Failed,
    /// The event that would decide was put aside.
    Quarantined,
    /// The conductor reads what it missed before it sends anything.
    CatchingUp,
    /// A kind that this reader does not know.
    #[serde(other)]
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_survives_the_wire_and_a_new_kind_does_not_break_an_old_reader() {
        let json = r#"{"text":"QPO_FSC waits for QPO_ECL, which failed","blockers":[
            {"kind":"input","what":"QPO_ECL","detail":"failed","state":"failed","blockers":[
                {"kind":"from_the_future","what":"x"}]}],"next":null}"#;
        let why: Why = serde_json::from_str(json).unwrap();
        assert_eq!(why.blockers[0].state, Some(CellState::Failed));
        assert_eq!(why.blockers[0].blockers[0].kind, BlockerKind::Other);
        let again: Why = serde_json::from_str(&serde_json::to_string(&why).unwrap()).unwrap();
        assert_eq!(again, why);
    }
}
