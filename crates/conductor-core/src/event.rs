//! What can happen to an observation.

use crate::{Identity, Restraint, Verb};
use domain::{Announcement, Attempt, JsonObject, ProcessingError, ProductName, RunId, ServiceName, Version};
use std::time::Duration;

/// Something that happened to one observation.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Somebody announced data: a new datum, a repeat, a retraction or an absence.
    Data(Box<Arrival>),
    /// The provider has room for a queued run; it is POSTed once this is stored.
    Admitted {
        /// The cell.
        product: ProductName,
        /// The run that was admitted.
        run_id: RunId,
    },
    /// How the provider answered the POST of an attempt.
    Answered {
        /// The cell.
        product: ProductName,
        /// The run.
        run_id: RunId,
        /// The attempt that was POSTed.
        attempt: Attempt,
        /// The answer.
        answer: Answer,
    },
    /// What the provider says of a run, on `activity.*` or when asked.
    Reported {
        /// The cell.
        product: ProductName,
        /// The run, by our id or by its alias.
        run_id: RunId,
        /// The attempt that the report is about.
        attempt: Attempt,
        /// The report.
        report: Report,
    },
    /// The product's provider said on `activity.*`, unasked, that it has a run of it. One that the cell does not
    /// know was started by somebody else, and is adopted.
    Overheard {
        /// The cell.
        product: ProductName,
        /// The run, by the provider's id.
        run_id: RunId,
        /// The attempt.
        attempt: Attempt,
        /// Whether it is at work on it, or has only accepted it.
        at_work: bool,
    },
    /// The SDB was asked for a product of this run; one that it has came as [`Event::Data`] before this.
    SdbAsked {
        /// The cell.
        product: ProductName,
        /// The run.
        run_id: RunId,
        /// Whether it answered at all; if not, it is asked again.
        reached: bool,
    },
    /// The SDB heard that a version was withdrawn.
    RetractionTold {
        /// The cell.
        product: ProductName,
        /// The version.
        version: Version,
    },
    /// An operator asks for a product. If its mandatory inputs are available, or with `force`, its run begins
    /// at once; [`crate::Observation::judge`] says before what it would do.
    Requested {
        /// The cell.
        product: ProductName,
        /// What exactly is asked for.
        request: ManualRequest,
    },
    /// An operator does something to a cell; [`crate::Observation::foresee`] says before what it would do.
    Operated {
        /// The cell.
        product: ProductName,
        /// What.
        verb: Verb,
        /// Who.
        by: String,
        /// Why.
        note: Option<String>,
    },
    /// Nothing is sent to the provider in whose queue the run stands ([`crate::Provider::restrain`]).
    Restrained {
        /// The cell.
        product: ProductName,
        /// The run that waits.
        run_id: RunId,
        /// What an operator wants of the provider.
        restraint: Restraint,
    },
    /// Its provider may be sent runs again ([`crate::Provider::resume`]).
    Resumed {
        /// The cell.
        product: ProductName,
        /// The run that waits.
        run_id: RunId,
    },
    /// A deadline that [`crate::Observation::next_deadline`] named has come.
    DeadlineReached,
    /// The graph is another one than before: everything is looked at again.
    GraphChanged,
}

/// An announcement, with what the transport adds to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    /// Who announced it: the `<source>` of `data.<source>`.
    pub source: ServiceName,
    /// The product; a retraction of every input of an observation is one arrival per input.
    pub product: ProductName,
    /// What makes it the same datum as one that came before.
    pub identity: Identity,
    /// The message.
    pub announcement: Announcement,
}

/// How a provider answered the POST of an attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Any 2xx. `alias` is set if the reply bears another run id than ours.
    Accepted {
        /// The provider's own id of the run.
        alias: Option<RunId>,
    },
    /// 429 or 503: costs no attempt.
    Busy {
        /// When to try again, from `Retry-After`.
        retry_after: Duration,
    },
    /// 404 `unknown-product`, 422 and other 4xx: the same request will never be taken.
    Refused(ProcessingError),
    /// Another 5xx, a time-out, or an answer that cannot be read: it may work next time.
    Faulty(ProcessingError),
    /// The connection was refused or could not be made.
    Unreachable(String),
    /// 409 `stale-attempt`: the provider knows a higher attempt of this run.
    StaleAttempt,
}

/// What a provider says of a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    /// It is accepted and waits, or nothing new is known: a sign of life.
    Alive,
    /// It is at work; repeated every 10 s.
    Running,
    /// It ended well. The product comes, or came, from the SDB.
    Succeeded {
        /// The version that the SDB gave the product, if the pipeline says so.
        version: Option<Version>,
    },
    /// It ended badly.
    Failed(ProcessingError),
    /// It ended because somebody asked for it.
    Cancelled,
    /// The provider, asked, does not know the run.
    Unknown,
    /// The provider, asked, could not be reached.
    Unreachable,
    /// The provider, asked, does not offer the question (a least pipeline), or did not answer in time.
    NotOffered,
}

/// `POST /processing` of the conductor.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ManualRequest {
    /// Make it also if it is done, or if mandatory inputs are missing.
    pub force: bool,
    /// Parameters for the pipeline, passed on and recorded in the provenance.
    pub params: Option<JsonObject>,
    /// Who.
    pub by: String,
    /// Why.
    pub note: Option<String>,
}
