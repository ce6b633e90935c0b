//! The answer to `why`: every blocker of a cell as a tree, and what happens next.

use domain::CellState;
use jiff::Timestamp;

/// Why a cell is as it is. The blockers of one level must all go; those below a blocker are why it stands.
/// It is complete: when exactly the leaves are gone, the next decision about the cell is to queue its run, or to
/// ask for the approval of an `approve` product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// One sentence for a person.
    pub text: String,
    /// What stands between the cell and its next POST; empty if nothing does, or if none is wanted.
    pub blockers: Vec<Blocker>,
    /// What happens next, and when; none if nothing will without an operator or a newer datum.
    pub next: Option<Next>,
}

/// What happens next to a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// What, for a person: `attempt 2 of 3 is sent to qpo_ecl_pipeline`.
    pub what: String,
    /// When, if that is known; else as soon as the blockers are gone.
    pub at: Option<Timestamp>,
}

/// One reason, and the reasons below it. A cell that blocks in several places has its own blockers only
/// where it is met first, depth first, so that the tree is never larger than the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    /// Its family.
    pub kind: BlockerKind,
    /// What it is about: the name of a product, a provider or a run, as `kind` says.
    pub what: String,
    /// One sentence for a person.
    pub detail: String,
    /// For a product: how its cell is.
    pub state: Option<CellState>,
    /// Since when it stands.
    pub since: Option<Timestamp>,
    /// When it goes by itself.
    pub until: Option<Timestamp>,
    /// Why it stands.
    pub blockers: Vec<Blocker>,
}

/// The family of a blocker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockerKind {
    /// A mandatory input (a product) is not available.
    Input,
    /// A product was withdrawn: a mandatory input, or the cell's own.
    Retracted,
    /// An input (a product) is itself being made or re-made.
    InProgress,
    /// An optional input (a product) may still come, and is waited for until `until`.
    Optional,
    /// The cell (a product) was made just now, and repeats of its inputs are gathered until `until`.
    Repeats,
    /// An operator holds the cell (a product).
    Held,
    /// Somebody has to approve the cell (a product).
    Approval,
    /// An operator paused the provider.
    ProviderPaused,
    /// An operator drains the provider.
    ProviderDraining,
    /// The provider was not reachable several times.
    ProviderOpen,
    /// The provider said that it is busy.
    ProviderBusy,
    /// The provider has as many runs as it may; those before it are admitted first.
    ProviderLimit,
    /// The run is with its provider, at the latest until `until`.
    Run,
    /// The run failed and its next attempt is at `until`.
    Backoff,
    /// The run failed for good.
    Failed,
    /// The cell (a product) was given up by somebody.
    Cancelled,
}
