//! The routes of `docs/protocol.md` section 3.2.
//!
//! | file | routes |
//! |---|---|
//! | `import.rs` | `POST /products/{obs_id}/{product}`, `POST /products` |
//! | `export.rs` | `GET /products/{obs_id}/{product}` |
//! | `archive.rs` | `GET /export/{obs_id}` |
//! | `lists.rs` | `GET /products`, `/products/{obs_id}`, `/products/{obs_id}/{product}/versions`, `/observations` |
//! | `events.rs` | `GET /events` |
//! | `retract.rs` | `POST /products/{obs_id}/{product}/retract` |

mod archive;
mod body;
mod digest;
mod events;
mod export;
mod form;
mod headers;
mod import;
mod lists;
mod problems;
mod retract;
mod verified;
mod wanted;

use crate::{
    store::{Cell, Store},
    wire::Address,
};
use domain::{ObsId, ProductName, Version};
use serde::Deserialize;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::sync::Semaphore;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The most products over 64 KiB that are received at once, each with a part of 256 KiB in memory.
const MAX_UPLOADS: usize = 64;

/// What the handlers share.
#[derive(Debug, Clone)]
pub struct App {
    store: Arc<Store>,
    address: Address,
    max_body: u64,
    uploads: Arc<Semaphore>,
    work: Work,
}

/// How many imports are being received or stored. Clones share the count.
#[derive(Debug, Clone, Default)]
pub struct Work(Arc<AtomicU64>);

/// An import at work, until it is dropped.
#[derive(Debug)]
struct AtWork(Work);

impl Work {
    /// How many there are.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn begin(&self) -> AtWork {
        self.0.fetch_add(1, Ordering::Relaxed);
        AtWork(self.clone())
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl App {
    /// Serves a store under an address; bodies may have `max_body` bytes.
    pub fn new(store: Arc<Store>, address: Address, max_body: u64) -> Self {
        Self {
            store,
            address,
            max_body,
            uploads: Arc::new(Semaphore::new(MAX_UPLOADS)),
            work: Work::default(),
        }
    }

    /// How much there is to do, for the status.
    pub fn work(&self) -> Work {
        self.work.clone()
    }

    /// The routes and their OpenAPI document.
    pub fn router(self) -> OpenApiRouter {
        OpenApiRouter::new()
            .routes(routes!(lists::products, import::document))
            .routes(routes!(lists::observation))
            .routes(routes!(export::product, import::product))
            .routes(routes!(lists::versions))
            .routes(routes!(retract::product))
            .routes(routes!(lists::observations))
            .routes(routes!(events::feed))
            .routes(routes!(archive::observation))
            .with_state(self)
    }
}

/// `/products/{obs_id}/{product}`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
struct CellPath {
    /// The observation.
    #[param(value_type = String)]
    obs_id: ObsId,
    /// The product.
    #[param(value_type = String)]
    product: ProductName,
}

impl From<CellPath> for Cell {
    fn from(CellPath { obs_id, product }: CellPath) -> Self {
        Self { obs_id, product }
    }
}

/// `?version=N`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct VersionQuery {
    /// The version; the latest if none is named.
    #[serde(default)]
    #[param(value_type = Option<u64>, minimum = 1)]
    version: Option<Version>,
}
