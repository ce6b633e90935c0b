//! The least pipeline of `docs/protocol.md` section 3.1: it answers the POST with a bare 202 and imports.
//!
//! No run ids, no idempotency, no memory, no activity, no provenance, no other route: what somebody writes in an
//! afternoon, and the orchestra must play with it all the same.

use crate::{
    content::{Facts, Recipe, content},
    fate::{Fate, Trial},
};
use anyhow::Context as _;
use api::{Import, SdbClient};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::{Attempt, ObsId, ProductName};
use serde::Deserialize;
use service_kit::{ApiJson, Problem, Shutdown};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::Semaphore;
use utoipa_axum::router::OpenApiRouter;

/// What may wait; beyond it even the least pipeline must say no.
const MAX_WAITING: usize = 10_000;
/// How many cells are counted; then counting begins anew, as it would after a restart.
const MAX_COUNTED: usize = 100_000;
/// How often an import is tried, and the pause between.
const TRIES: u32 = 60;
const PAUSE: Duration = Duration::from_secs(1);

/// All that it reads of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
struct Asked {
    product: ProductName,
    obs_id: ObsId,
}

struct Least {
    sdb: SdbClient,
    fate: Fate,
    workers: Semaphore,
    waiting: Semaphore,
    /// How often each cell was asked for: nobody tells it the attempt, and a failure must not be for ever.
    asked: Mutex<HashMap<Asked, u32>>,
    shutdown: Shutdown,
}

/// Its one route.
pub(crate) fn routes(sdb: SdbClient, fate: Fate, workers: usize, shutdown: Shutdown) -> OpenApiRouter {
    let least = Least {
        sdb,
        fate,
        workers: Semaphore::new(workers),
        waiting: Semaphore::new(MAX_WAITING),
        asked: Mutex::default(),
        shutdown,
    };
    OpenApiRouter::new()
        .route("/{provider}/processing", axum::routing::post(post))
        .with_state(Arc::new(least))
}

async fn post(State(least): State<Arc<Least>>, ApiJson(asked): ApiJson<Asked>) -> Response {
    let Ok(place) = least.waiting.try_acquire() else {
        return Problem::new(StatusCode::TOO_MANY_REQUESTS, "busy", "Too much waits")
            .retry_after(1)
            .into_response();
    };
    place.forget();
    let (working, stop) = (Arc::clone(&least), least.shutdown.token());
    least.shutdown.spawn("least-run", async move {
        if let Some(Err(error)) = stop.run_until_cancelled(make(&working, &asked)).await {
            tracing::warn!(product = %asked.product, obs.id = %asked.obs_id, "not made: {error:#}");
        }
        working.waiting.add_permits(1);
        Ok(())
    });
    (StatusCode::ACCEPTED, "{}").into_response()
}

async fn make(least: &Least, asked: &Asked) -> anyhow::Result<()> {
    let _worker = least.workers.acquire().await?;
    let attempt = Attempt({
        let mut counts = least.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MAX_COUNTED {
            counts.clear();
        }
        let count = counts.entry(asked.clone()).or_default();
        *count += 1;
        *count
    });
    let Asked { product, obs_id } = asked;
    let trial = Trial {
        obs_id,
        product,
        run_id: None,
        attempt,
    };
    tokio::time::sleep(least.fate.delay(trial)).await;
    if let Some(failure) = least.fate.failure(trial) {
        return Err(failure.into());
    }
    let recipe = Recipe {
        seed: least.fate.seed,
        obs_id,
        product,
        inputs: None,
        missing: &[],
        params: None,
        facts: &Facts::default(),
    };
    let bytes = content(&recipe).to_string();
    let import = Import {
        content_type: Some("application/json".to_owned()),
        ..Import::default()
    };
    let mut left = TRIES;
    loop {
        left -= 1;
        match least
            .sdb
            .import(obs_id, product, bytes.clone().into(), &import)
            .await
        {
            Ok(_) => return Ok(()),
            Err(error) if left == 0 => return Err(error).context("not imported"),
            Err(error) => tracing::debug!(%error, "not imported yet"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}
