//! What the shell must do once the changes are stored.

use domain::{Attempt, InputRef, JsonObject, ObsId, ProductName, ProviderName, RunId, Version};
use jiff::Timestamp;

/// Something to do. Each is idempotent by run id and attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// The run is ready: put it into its provider's queue ([`crate::Provider::enqueue`]).
    Enqueue(Want),
    /// The run is no longer wanted: take it out of its provider's queue ([`crate::Provider::withdraw`]).
    Withdraw {
        /// The provider.
        provider: ProviderName,
        /// The run.
        run_id: RunId,
    },
    /// The run has ended or waits for its next attempt: its slot is free ([`crate::Provider::release`]).
    Release {
        /// The provider.
        provider: ProviderName,
        /// The run.
        run_id: RunId,
    },
    /// The provider has a run that was not admitted: it takes a slot ([`crate::Provider::occupy`]).
    Occupy {
        /// The provider.
        provider: ProviderName,
        /// The run.
        run_id: RunId,
    },
    /// The provider is busy ([`crate::Provider::busy`]); an [`Command::Enqueue`] of the run follows,
    /// and its replacement if a newer input came meanwhile.
    Busy {
        /// The provider.
        provider: ProviderName,
        /// The run that it refused.
        run_id: RunId,
        /// Not before this.
        until: Timestamp,
    },
    /// POST this to the provider and bring the answer back as [`crate::Event::Answered`].
    Post(Box<Order>),
    /// Ask the provider about the run (`GET {url}/processing/{run_id}`) and bring the answer back as
    /// [`crate::Event::Reported`].
    Ask {
        /// The provider.
        provider: ProviderName,
        /// The cell.
        product: ProductName,
        /// The provider's id of the run: the alias if it has one.
        asked: RunId,
        /// Our id of the run.
        run_id: RunId,
        /// The attempt that we think it is at.
        attempt: Attempt,
    },
    /// Tell the provider that the run is to end (`DELETE {url}/processing/{run_id}`). The answer is a hint, and
    /// a lost one is made up for when the run shows life again.
    Cancel {
        /// The provider.
        provider: ProviderName,
        /// The cell.
        product: ProductName,
        /// The provider's id of the run: the alias if it has one.
        asked: RunId,
        /// Our id of the run.
        run_id: RunId,
        /// The attempt that it was at.
        attempt: Attempt,
    },
    /// Ask the SDB whether it has a product of this run: bring what it has back as
    /// [`crate::Event::Data`], then [`crate::Event::SdbAsked`].
    AskSdb {
        /// The cell.
        product: ProductName,
        /// The run.
        run_id: RunId,
    },
    /// Tell the SDB that a version is withdrawn, since an input that it was made from was; bring back
    /// [`crate::Event::RetractionTold`] once it has heard it.
    Retract {
        /// The cell.
        product: ProductName,
        /// The version.
        version: Version,
        /// Why, in words.
        reason: String,
    },
    /// Something odd that an operator should be able to read: published as `rejected` and logged.
    Remark {
        /// The cell.
        product: ProductName,
        /// What, in words: `version-reused: ..`.
        text: String,
    },
}

/// A run that waits for a slot at its provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// The observation.
    pub obs_id: ObsId,
    /// The cell.
    pub product: ProductName,
    /// The run.
    pub run_id: RunId,
    /// Who is to make it.
    pub provider: ProviderName,
    /// Higher first.
    pub priority: i32,
    /// Since when it waits: the older first.
    pub since: Timestamp,
}

/// Everything that a POST of an attempt says.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Who is to make it; its URL is the graph's, or the override's.
    pub provider: ProviderName,
    /// The product.
    pub product: ProductName,
    /// The observation.
    pub obs_id: ObsId,
    /// The run.
    pub run_id: RunId,
    /// The attempt.
    pub attempt: Attempt,
    /// Exactly what it is to be made from.
    pub inputs: Vec<InputRef>,
    /// Optional inputs that are not there.
    pub missing: Vec<ProductName>,
    /// Parameters of a manual request.
    pub params: Option<JsonObject>,
    /// When the attempt is given up unless it shows life.
    pub deadline: Timestamp,
    /// What caused the run, in words.
    pub trigger: String,
}
