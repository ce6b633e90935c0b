//! A function as a pipeline.

use crate::{Failure, Outcome, Pipeline, Product, Task};
use api::pipeline::ProductOffer;
use domain::ProductName;
use std::future::Future;

/// A pipeline of one product, made by an async function.
///
/// ```
/// # use pipeline_bricks::{Failure, Function, Product, Task};
/// let pipeline = Function::new("QPO_ECL".parse()?, "1.0.0", async |task: Task| {
///     Product::json(&serde_json::json!({"made for": task.obs_id()}))
/// });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Function<F> {
    offer: ProductOffer,
    make: F,
}

impl<F> Function<F> {
    /// The function that makes this product, and the version of its software.
    pub fn new<Made>(product: ProductName, software_version: &str, make: F) -> Self
    where
        F: Fn(Task) -> Made + Send + Sync + 'static,
        Made: Future<Output = Result<Product, Failure>> + Send,
    {
        let software_version = Some(software_version.to_owned());
        Self {
            offer: ProductOffer {
                product,
                software_version,
                expected: None,
                params_schema: None,
            },
            make,
        }
    }
}

impl<F, Made> Pipeline for Function<F>
where
    F: Fn(Task) -> Made + Send + Sync + 'static,
    Made: Future<Output = Result<Product, Failure>> + Send,
{
    fn offers(&self) -> Vec<ProductOffer> {
        vec![self.offer.clone()]
    }

    async fn make(&self, task: Task) -> Result<Outcome, Failure> {
        (self.make)(task).await.map(Outcome::Product)
    }
}
