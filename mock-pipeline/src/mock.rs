//! The pipeline itself.

use crate::{
    content::{Recipe, content},
    fate::Fate,
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
        product,
        software_version,
        expected: Some(expected),
        params_schema: None,
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
        let (obs_id, product, attempt) = (task.obs_id(), task.product(), task.attempt());
        let misbehaviour = misbehaviour::of(&self.misbehaviours, product, attempt);
        work(&task, self.fate.delay(obs_id, product, attempt)).await;
        if let Some(misbehaviour) = misbehaviour {
            return misbehave(misbehaviour, &task).await;
        }
        if let Some(failure) = self.fate.failure(obs_id, product, attempt) {
            task.log(failure.to_string());
            return Err(failure);
        }
        made(&task).map(Outcome::Product)
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

fn made(task: &Task) -> Result<Product, Failure> {
    let recipe = Recipe {
        obs_id: task.obs_id(),
        product: task.product(),
        inputs: task.inputs(),
        missing: task.missing(),
        params: task.params(),
    };
    Product::json(&content(&recipe))
}

async fn misbehave(misbehaviour: Misbehaviour, task: &Task) -> Result<Outcome, Failure> {
    match misbehaviour {
        Misbehaviour::Hang => std::future::pending().await,
        Misbehaviour::Crash => {
            tracing::error!(run.id = %task.run_id(), "crashing, as --misbehave asks");
            std::process::abort()
        }
        Misbehaviour::ImportTwice => {
            task.import(made(task)?).await?;
            task.import(made(task)?).await?;
            Ok(Outcome::Done)
        }
        Misbehaviour::NoImport => Ok(Outcome::Done),
        Misbehaviour::Permanent => Err(Failure::permanent("photons-missing", "the photon list is empty")),
        Misbehaviour::Panic => panic!("as --misbehave asks"),
        // The routes refuse it, so that no task comes here.
        Misbehaviour::Refuse(status) => Err(Failure::retriable("refused", format!("status {status}"))),
    }
}
