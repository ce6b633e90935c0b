//! The data that a cell has.

use crate::Reason;
use crate::record::is_default;
use domain::{CellState, InputRef, ProductName, Revision, RunId, ServiceName, Sha256, Version};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// What makes two announcements of one cell and one source the same datum: the first of these that a
/// message has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// The publisher's own version.
    Version(Version),
    /// The message's `Nats-Msg-Id`.
    MessageId(SmolStr),
    /// The checksum of the bytes.
    Sha256(Sha256),
    /// The place in the stream, for messages that say nothing else.
    Sequence(u64),
}

/// One of the successive data of a cell. Stored as a row of its own; never removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Datum {
    /// The cell's product.
    pub product: ProductName,
    /// The ledger's number of it: 1, 2, 3 ... per cell, in order of arrival.
    pub revision: Revision,
    /// Who announced it.
    pub source: ServiceName,
    /// What makes a repeat of it a repeat.
    pub identity: Identity,
    /// The publisher's version.
    #[serde(default, skip_serializing_if = "is_default")]
    pub version: Option<Version>,
    /// The checksum of the bytes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub sha256: Option<Sha256>,
    /// The number of bytes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub size: Option<u64>,
    /// Where the bytes are.
    #[serde(default, skip_serializing_if = "is_default")]
    pub href: Option<String>,
    /// When the conductor learned of it.
    pub at: Timestamp,
    /// When its publisher had it, by the publisher's clock.
    #[serde(default, skip_serializing_if = "is_default")]
    pub published_at: Option<Timestamp>,
    /// The run that made it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub run_id: Option<RunId>,
    /// What it was made from: the record's inputs, else the run's, else what was known when it came.
    /// Empty for inputs.
    #[serde(default, skip_serializing_if = "is_default")]
    pub made_from: Vec<InputRef>,
    /// Whether it came late (its version is below the highest of its source): it is kept, but is never the
    /// newest.
    #[serde(default, skip_serializing_if = "is_default")]
    pub superseded: bool,
    /// Whether it was withdrawn.
    #[serde(default, skip_serializing_if = "is_default")]
    pub retracted: bool,
    /// The input on whose account it was withdrawn; none if its publisher did so himself.
    #[serde(default, skip_serializing_if = "is_default")]
    pub retracted_with: Option<ProductName>,
    /// Whether the SDB still has to hear that it was withdrawn.
    #[serde(default, skip_serializing_if = "is_default")]
    pub untold: bool,
}

/// The source whose data the orchestra itself exports.
const SDB: &str = "sdb";

impl Datum {
    /// Whether the SDB exports it.
    pub fn is_exported(&self) -> bool {
        self.source.as_str() == SDB
    }

    /// Withdraws it, with an input that it was made from or on its publisher's word.
    pub(crate) fn retract(&mut self, with: Option<&ProductName>) {
        self.retracted = true;
        self.retracted_with = with.cloned();
        self.untold = with.is_some() && self.is_exported() && self.version.is_some();
    }

    /// Why it is withdrawn, if it is.
    pub(crate) fn why_retracted(&self) -> Reason {
        match &self.retracted_with {
            Some(input) => Reason::RetractedWith(input.clone()),
            None => Reason::Retracted,
        }
    }

    /// Whether this is what a record of inputs means.
    pub(crate) fn is_meant_by(&self, input: &InputRef) -> bool {
        let by_version = || {
            let of_source = input.source.as_ref().is_none_or(|source| *source == self.source);
            input.version.is_some() && input.version == self.version && of_source
        };
        input.product == self.product
            && input
                .revision
                .map_or_else(by_version, |revision| revision == self.revision)
    }

    /// What a cell is of which this is the newest datum and nothing more is to be made.
    pub(crate) fn shown_as(&self) -> (CellState, Option<Reason>) {
        match (self.retracted, self.is_exported()) {
            (true, _) => (CellState::Retracted, Some(self.why_retracted())),
            (false, true) => (CellState::Done, None),
            (false, false) => (CellState::Received, None),
        }
    }
}
