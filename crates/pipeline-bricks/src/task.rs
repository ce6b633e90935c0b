//! What a pipeline is given for one attempt, and what it can say while it works.

use crate::{
    Failure, Product,
    archive::{Archive, Input},
    live::Live,
    order::Order,
    parcel::Parcel,
};
use api::{Import, sdb::ProductRecord};
use domain::{Attempt, InputRef, JsonObject, ObsId, ProductName, Provenance, ProviderName, RunId, Version};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// One attempt to make one product. Cloning it is cheap and gives the same task.
#[derive(Debug, Clone)]
pub struct Task(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    provider: ProviderName,
    order: Arc<Order>,
    live: Arc<Live>,
    cancel: CancellationToken,
    archive: Archive,
    until: Instant,
    done: Mutex<Done>,
}

/// What the task has done so far.
#[derive(Debug, Default)]
struct Done {
    /// How many imports of each product: the ordinal in their idempotency keys.
    imports: BTreeMap<ProductName, u32>,
    /// What was fetched by name, where the request gave no inputs.
    fetched: Vec<InputRef>,
    /// The latest version of the product that was asked for.
    version: Option<Version>,
}

impl Task {
    pub(crate) fn new(
        provider: ProviderName,
        order: Arc<Order>,
        live: Arc<Live>,
        cancel: CancellationToken,
        archive: Archive,
        until: Instant,
    ) -> Self {
        Self(Arc::new(Inner {
            provider,
            order,
            live,
            cancel,
            archive,
            until,
            done: Mutex::default(),
        }))
    }

    /// What to make.
    pub fn product(&self) -> &ProductName {
        &self.0.order.product
    }

    /// For which observation.
    pub fn obs_id(&self) -> &ObsId {
        &self.0.order.obs_id
    }

    /// The provider that was asked.
    pub fn provider(&self) -> &ProviderName {
        &self.0.provider
    }

    /// The run.
    pub fn run_id(&self) -> &RunId {
        &self.0.order.run_id
    }

    /// Which attempt of the run, from 1.
    pub fn attempt(&self) -> Attempt {
        self.0.order.attempt
    }

    /// The parameters of a manual run.
    pub fn params(&self) -> Option<&JsonObject> {
        self.0.order.params.as_ref()
    }

    /// Exactly what to make it from; `None` if the request leaves that to the pipeline.
    pub fn inputs(&self) -> Option<&[InputRef]> {
        self.0.order.inputs.as_deref()
    }

    /// Optional inputs that are not there.
    pub fn missing(&self) -> &[ProductName] {
        &self.0.order.missing
    }

    /// What caused the run, in words.
    pub fn trigger(&self) -> Option<&str> {
        self.0.order.trigger.as_deref()
    }

    /// The W3C `traceparent` of the request, to pass on.
    pub fn trace(&self) -> Option<&str> {
        self.0.order.trace.as_deref()
    }

    /// How long until the attempt is given up.
    pub fn time_left(&self) -> Duration {
        self.0.until.saturating_duration_since(Instant::now())
    }

    /// Fires when the run is cancelled or the pipeline stops.
    pub fn cancellation(&self) -> &CancellationToken {
        &self.0.cancel
    }

    /// How far the work is, 0 to 1; told to others at most once a second.
    pub fn progress(&self, fraction: f64) {
        self.0.live.progress(fraction, None);
    }

    /// How far the work is, and what is being done.
    pub fn progress_with(&self, fraction: f64, message: impl Into<String>) {
        self.0.live.progress(fraction, Some(message.into()));
    }

    /// Adds a line to the run's log, whose last lines are shown to operators.
    pub fn log(&self, line: impl AsRef<str>) {
        self.0.live.log(line.as_ref());
    }

    /// The bytes of an input: the one that the request names, else the latest in the SDB.
    ///
    /// # Errors
    /// A [`Failure`] `input-missing` if the request gives inputs and this is none of them,
    /// `input-unavailable` (retriable) if it cannot be had before the deadline, `input-retracted`.
    pub async fn input(&self, product: &ProductName) -> Result<Input, Failure> {
        let order = &self.0.order;
        let latest = || InputRef {
            product: product.clone(),
            revision: None,
            version: None,
            source: None,
            href: None,
        };
        let input = match &order.inputs {
            Some(inputs) => inputs
                .iter()
                .find(|input| input.product == *product)
                .cloned()
                .ok_or_else(|| {
                    Failure::permanent(
                        "input-missing",
                        format!("{product} is not among the inputs of the request"),
                    )
                })?,
            None => latest(),
        };
        let read = self.0.archive.input(&order.obs_id, &input, self.0.until).await?;
        if order.inputs.is_none() {
            let fetched = InputRef {
                version: read.version,
                ..input
            };
            let mut done = self.done();
            if !done.fetched.contains(&fetched) {
                done.fetched.push(fetched);
            }
        }
        Ok(read)
    }

    /// Imports a version of the product that was asked for, before [`Outcome::Done`](crate::Outcome::Done).
    ///
    /// # Errors
    /// A [`Failure`] `sdb-unavailable` (retriable) at the deadline, `import-refused` (permanent),
    /// `provenance-too-large` (permanent) if what was fetched does not fit into the provenance.
    pub async fn import(&self, product: Product) -> Result<ProductRecord, Failure> {
        self.import_as(&self.0.order.product, product).await
    }

    /// Imports a first version of the product, which a better one will follow.
    ///
    /// # Errors
    /// As [`Task::import`].
    pub async fn import_preliminary(&self, mut product: Product) -> Result<ProductRecord, Failure> {
        product
            .meta
            .get_or_insert_default()
            .insert("preliminary".to_owned(), true.into());
        self.import(product).await
    }

    /// Imports a product that the work has made beside the one that was asked for.
    ///
    /// # Errors
    /// As [`Task::import`].
    pub async fn import_beside(
        &self,
        name: &ProductName,
        product: Product,
    ) -> Result<ProductRecord, Failure> {
        self.import_as(name, product).await
    }

    /// Imports a file as the product that was asked for.
    ///
    /// # Errors
    /// As [`Task::import`], and `io` (retriable) if the file cannot be read.
    pub async fn import_file(&self, path: &Path, content_type: &str) -> Result<ProductRecord, Failure> {
        let bytes = tokio::fs::read(path)
            .await
            .map_err(|error| Failure::retriable("io", format!("{}: {error}", path.display())))?;
        self.import(Product {
            bytes: bytes.into(),
            content_type: Some(content_type.to_owned()),
            meta: None,
        })
        .await
    }

    /// The latest version of the product that was asked for, as this task has imported it.
    pub(crate) fn imported(&self) -> Option<Version> {
        self.done().version
    }

    async fn import_as(&self, name: &ProductName, product: Product) -> Result<ProductRecord, Failure> {
        self.send(&self.pack(name, product)).await
    }

    /// A product ready to be sent, the next of its name.
    pub(crate) fn pack(&self, name: &ProductName, product: Product) -> Parcel {
        let ordinal = {
            let mut done = self.done();
            let count = done.imports.entry(name.clone()).or_default();
            *count += 1;
            *count
        };
        let import = Import {
            content_type: product.content_type,
            idempotency_key: Some(format!("{}/{name}/{ordinal}", self.run_id())),
            meta: product.meta,
            provenance: Some(self.provenance()),
            sha256: None,
        };
        Parcel::new(name.clone(), product.bytes, import)
    }

    /// Imports what was packed, by this attempt or by one before.
    pub(crate) async fn send(&self, parcel: &Parcel) -> Result<ProductRecord, Failure> {
        let order = &self.0.order;
        service_kit::crash::point("brick-before-import");
        let record = self.0.archive.import(order, parcel, self.0.until).await?;
        service_kit::crash::point("brick-after-import");
        if parcel.product == order.product && !parcel.is_preliminary() {
            self.done().version = Some(record.version);
        }
        Ok(record)
    }

    fn provenance(&self) -> Provenance {
        let order = &self.0.order;
        let fetched = || Some(self.done().fetched.clone()).filter(|fetched| !fetched.is_empty());
        Provenance {
            run_id: Some(order.run_id.clone()),
            attempt: Some(order.attempt),
            provider: Some(self.0.provider.clone()),
            software_version: order.software_version.clone(),
            params: order.params.clone(),
            inputs: order.inputs.clone().or_else(fetched),
            missing: order.missing.clone(),
        }
    }

    fn done(&self) -> MutexGuard<'_, Done> {
        self.0.done.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
