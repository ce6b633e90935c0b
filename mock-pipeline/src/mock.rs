//! The pipeline itself.

use crate::{
    content::{Facts, Recipe, content, params_schema},
    fate::{Fate, Trial},
    misbehaviour::{self, Misbehaviour, MisbehaviourOf},
};
use domain::ProductName;
use pipeline_bricks::{Failure, Outcome, Pipeline, Product, ProductOffer, Task};
use std::{sync::Arc, time::Duration};

/// How often a run tells its progress.
const STEPS: u32 = 5;

/// A pipeline of one provider.
#[derive(Debug, Clone)]
pub struct Mock {
    offers: Vec<ProductOffer>,
    /// Whether it makes products that it does not offer.
    makes_anything: bool,
    fate: Fate,
    misbehaviours: Arc<[MisbehaviourOf]>,
}

impl Mock {
    /// A pipeline that makes these products, or anything.
    pub fn new(products: Option<Vec<ProductName>>, fate: Fate, misbehaviours: Arc<[MisbehaviourOf]>) -> Self {
        let makes_anything = products.is_none();
        let offers = products
            .unwrap_or_default()
            .into_iter()
            .map(|product| offer(product, &fate))
            .collect();
        Self {
            offers,
            makes_anything,
            fate,
            misbehaviours,
        }
    }
}

fn offer(product: ProductName, fate: &Fate) -> ProductOffer {
    let expected = humantime::format_duration((fate.shortest + fate.longest) / 2).to_string();
    let software_version = Some(env!("CARGO_PKG_VERSION").to_owned());
    ProductOffer {
        params_schema: params_schema(&product),
        product,
        software_version,
        expected: Some(expected),
    }
}

impl Pipeline for Mock {
    fn offers(&self) -> Vec<ProductOffer> {
        self.offers.clone()
    }

    fn offer(&self, product: &ProductName) -> Option<ProductOffer> {
        if self.makes_anything {
            return Some(offer(product.clone(), &self.fate));
        }
        self.offers
            .iter()
            .find(|offer| offer.product == *product)
            .cloned()
    }

    async fn make(&self, task: Task) -> Result<Outcome, Failure> {
        let misbehaviour = misbehaviour::of(&self.misbehaviours, task.product(), task.attempt());
        let trial = Trial {
            obs_id: task.obs_id(),
            product: task.product(),
            run_id: Some(task.run_id()),
            attempt: task.attempt(),
        };
        let delay = self.fate.delay(trial);
        let (facts, ()) = tokio::join!(read(&task, delay), work(&task, delay));
        if let Some(misbehaviour) = misbehaviour {
            return self.misbehave(misbehaviour, &task, &facts).await;
        }
        if let Some(failure) = self.fate.failure(trial) {
            task.log(failure.to_string());
            return Err(failure);
        }
        self.made(&task, &facts).map(Outcome::Product)
    }
}

/// Takes its time, and says how far it is.
async fn work(task: &Task, delay: Duration) {
    if delay.is_zero() {
        return;
    }
    task.log(format!(
        "{} inputs given, {} missing",
        task.inputs().map_or(0, <[_]>::len),
        task.missing().len()
    ));
    for step in 1..=STEPS {
        tokio::time::sleep(delay / STEPS).await;
        task.progress(f64::from(step) / f64::from(STEPS));
    }
}

/// What the inputs say of the burst, as far as they can be had while the work takes its time, each for its share of
/// it: a mock that takes no time reads nothing.
async fn read(task: &Task, delay: Duration) -> Facts {
    let inputs = task.inputs().unwrap_or_default();
    let share = delay / u32::try_from(inputs.len()).unwrap_or(u32::MAX).max(1);
    let mut facts = Facts::default();
    if share.is_zero() {
        return facts;
    }
    for input in inputs {
        if let Ok(Ok(input)) = tokio::time::timeout(share, task.input(&input.product)).await {
            facts = facts.or(Facts::read(&input.bytes));
        }
    }
    facts
}

impl Mock {
    fn made(&self, task: &Task, facts: &Facts) -> Result<Product, Failure> {
        let recipe = Recipe {
            seed: self.fate.seed,
            obs_id: task.obs_id(),
            product: task.product(),
            inputs: task.inputs(),
            missing: task.missing(),
            params: task.params(),
            facts,
        };
        Product::json(&content(&recipe))
    }

    async fn misbehave(
        &self,
        misbehaviour: Misbehaviour,
        task: &Task,
        facts: &Facts,
    ) -> Result<Outcome, Failure> {
        match misbehaviour {
            Misbehaviour::Hang => std::future::pending().await,
            Misbehaviour::Crash => {
                tracing::error!(run.id = %task.run_id(), "crashing, as --misbehave asks");
                std::process::abort()
            }
            Misbehaviour::ImportTwice => {
                task.import(self.made(task, facts)?).await?;
                task.import(self.made(task, facts)?).await?;
                Ok(Outcome::Done)
            }
            Misbehaviour::NoImport => Ok(Outcome::Done),
            Misbehaviour::Permanent => Err(Failure::permanent("photons-missing", "the photon list is empty")),
            Misbehaviour::Panic => panic!("as --misbehave asks"),
            // The routes refuse it, so that no task comes here.
            Misbehaviour::Refuse(status) => Err(Failure::retriable("refused", format!("status {status}"))),
        }
    }
}
