//! What the author of a pipeline writes: a [`Pipeline`], which makes products from tasks.

use crate::Task;
use api::pipeline::ProductOffer;
use bytes::Bytes;
use domain::{ErrorClass, JsonObject, ProcessingError, ProductName};
use futures_util::future::BoxFuture;
use std::future::Future;

/// Makes products. The server around it does all the rest of `docs/protocol.md` section 3.1.
///
/// A pipeline must make the same bytes from the same inputs if it can: a repeat after a crash is then one
/// version in the SDB, not two.
pub trait Pipeline: Send + Sync + 'static {
    /// The products that it can make.
    fn offers(&self) -> Vec<ProductOffer>;

    /// Whether, and how, it makes this product; one that makes anything answers for each name.
    fn offer(&self, product: &ProductName) -> Option<ProductOffer> {
        self.offers().into_iter().find(|offer| offer.product == *product)
    }

    /// Makes the product of the task.
    ///
    /// It is dropped at the task's deadline, and some seconds after [`Task::cancellation`] fires: work that
    /// goes on elsewhere (a thread, a program) must watch that token.
    fn make(&self, task: Task) -> impl Future<Output = Result<Outcome, Failure>> + Send;
}

/// What came of a task.
#[derive(Debug)]
pub enum Outcome {
    /// The product; the server imports it.
    Product(Product),
    /// The pipeline has imported everything itself, by [`Task::import`].
    Done,
}

/// The bytes of a product and what is told about them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Product {
    /// The bytes.
    pub bytes: Bytes,
    /// Their type, `application/fits`; `application/octet-stream` if not given.
    pub content_type: Option<String>,
    /// `X-Meta`: anything the SDB should keep beside them.
    pub meta: Option<JsonObject>,
}

impl Product {
    /// A product that is a JSON document.
    ///
    /// # Errors
    /// A permanent [`Failure`] `product-unwritable` for what JSON cannot hold, such as a map whose keys are no
    /// text.
    pub fn json(content: &impl serde::Serialize) -> Result<Self, Failure> {
        let bytes = serde_json::to_vec(content)
            .map_err(|error| Failure::permanent("product-unwritable", error.to_string()))?;
        Ok(Self {
            bytes: bytes.into(),
            content_type: Some("application/json".to_owned()),
            meta: None,
        })
    }
}

/// Why a task came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", .0.code, .0.message)]
pub struct Failure(ProcessingError);

impl Failure {
    /// A failure that another attempt may not meet: a full disk, a service that is down.
    pub fn retriable(code: &str, message: impl Into<String>) -> Self {
        Self(ProcessingError {
            class: ErrorClass::Retriable,
            code: code.into(),
            message: message.into(),
        })
    }

    /// A failure that the same inputs will meet again: a photon list that holds no photon.
    pub fn permanent(code: &str, message: impl Into<String>) -> Self {
        Self(ProcessingError {
            class: ErrorClass::Permanent,
            code: code.into(),
            message: message.into(),
        })
    }

    /// As it is told to others.
    pub fn error(&self) -> &ProcessingError {
        &self.0
    }

    /// As it is told to others.
    pub fn into_error(self) -> ProcessingError {
        self.0
    }
}

impl From<anyhow::Error> for Failure {
    /// An error that nobody has classified is worth another attempt.
    fn from(error: anyhow::Error) -> Self {
        Self::retriable("error", format!("{error:#}"))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::retriable("io", error.to_string())
    }
}

/// [`Pipeline`] as an object, so that one process can serve pipelines of several kinds.
pub(crate) trait Maker: Send + Sync {
    fn offers(&self) -> Vec<ProductOffer>;
    fn offer(&self, product: &ProductName) -> Option<ProductOffer>;
    fn make(&self, task: Task) -> BoxFuture<'_, Result<Outcome, Failure>>;
}

impl<P: Pipeline> Maker for P {
    fn offers(&self) -> Vec<ProductOffer> {
        Pipeline::offers(self)
    }

    fn offer(&self, product: &ProductName) -> Option<ProductOffer> {
        Pipeline::offer(self, product)
    }

    fn make(&self, task: Task) -> BoxFuture<'_, Result<Outcome, Failure>> {
        Box::pin(Pipeline::make(self, task))
    }
}
