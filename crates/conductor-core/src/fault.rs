//! Whose failures the ended attempts of a run were, and how often each may happen.
//!
//! A provider that is not there does nothing wrong with a product, so it must not use up the attempts that the
//! product has; nor may it be tried for ever. Each kind of failure has a budget of its own, and the run fails when
//! one of them is spent.

use domain::{ErrorClass, ProcessingError};
use serde::{Deserialize, Serialize};

/// How often the provider of one run may not be reached. With the default backoff that is about an hour. Who is not
/// there at all is left alone by the breaker, where waiting costs nothing: so much is for a way that fails again and
/// again between calls that go through.
pub(crate) const TRANSPORT_BUDGET: u32 = 20;

/// Whose failure an attempt was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The provider was not reached.
    Transport,
    /// The provider answered with a failure of its own, or lost what it was at.
    Provider,
    /// The pipeline said that it could not make the product.
    #[default]
    Product,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Transport => "transport",
            Self::Provider => "provider",
            Self::Product => "product",
        })
    }
}

/// How often attempts of a run failed, by whose failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Failures {
    /// The provider was not reached.
    pub transport: u32,
    /// The provider failed.
    pub provider: u32,
    /// The pipeline failed.
    pub product: u32,
}

impl Failures {
    /// How often it was this one's.
    pub fn of(self, fault: Fault) -> u32 {
        match fault {
            Fault::Transport => self.transport,
            Fault::Provider => self.provider,
            Fault::Product => self.product,
        }
    }

    /// How often in all.
    pub fn total(self) -> u32 {
        self.transport + self.provider + self.product
    }

    pub(crate) fn count(&mut self, fault: Fault) {
        match fault {
            Fault::Transport => self.transport += 1,
            Fault::Provider => self.provider += 1,
            Fault::Product => self.product += 1,
        }
    }
}

/// A budget for failures of one kind, and how much of it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Whose failures.
    pub fault: Fault,
    /// How often they happened.
    pub spent: u32,
    /// How often they may.
    pub of: u32,
}

impl Budget {
    pub(crate) fn is_spent(self) -> bool {
        self.spent >= self.of
    }
}

impl std::fmt::Display for Budget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { fault, spent, of } = self;
        write!(f, "{spent} of {of} {fault} failures")
    }
}

/// Why an attempt ended without a product, and whose failure that was.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) fault: Fault,
    pub(crate) error: ProcessingError,
    /// Whether the provider may have heard of the attempt: then the next one has another number.
    pub(crate) is_heard_of: bool,
}

impl Failure {
    pub(crate) fn new(fault: Fault, error: ProcessingError) -> Self {
        Self {
            fault,
            error,
            is_heard_of: true,
        }
    }

    /// One after which another attempt may succeed.
    pub(crate) fn retriable(code: &str, fault: Fault, message: String) -> Self {
        let error = ProcessingError {
            class: ErrorClass::Retriable,
            code: code.into(),
            message,
        };
        Self::new(fault, error)
    }

    /// There was nobody to POST to.
    pub(crate) fn unreachable(message: String) -> Self {
        Self {
            is_heard_of: false,
            ..Self::retriable("unreachable", Fault::Transport, message)
        }
    }
}
