//! The canary's pipeline: a brick like any other, in the conductor's own process.

use domain::{CANARY, RunId, canary_product, canary_provider};
use pipeline_bricks::{Failure, Function, Host, HostArgs, Product, Task};
use service_kit::{Health, Shutdown};
use std::time::Duration;
use tokio::sync::mpsc;
use url::Url;

/// Runs at work: one whose SDB is away, and the next.
const WORKERS: usize = 2;

/// Its routes, below [`super::PATH`]. `tell_made` is told of each run whose product is made and goes to the SDB.
///
/// It says nothing on NATS, so nobody takes it for one of the mission's pipelines: it is a least pipeline.
pub(super) async fn serve(
    sdb: &Url,
    tell_made: mpsc::Sender<RunId>,
    shutdown: &Shutdown,
) -> anyhow::Result<axum::Router> {
    let args = HostArgs {
        sdb: sdb.clone(),
        nats: Vec::new(),
        state_dir: None,
        workers: WORKERS,
        queue: WORKERS,
        drain: Duration::ZERO,
    };
    let version = env!("CARGO_PKG_VERSION");
    // What it has to say of itself, the canary says.
    let mut host = Host::new(&args, version, &Health::default(), shutdown).await?;
    let function = Function::new(canary_product(), version, move |task: Task| {
        let tell_made = tell_made.clone();
        async move {
            if !task.obs_id().is_canary() {
                let message = format!("it is made of {CANARY} only");
                return Err(Failure::permanent("invalid-request", message));
            }
            // Whoever waits for it has given up if there is no room.
            let _ = tell_made.try_send(task.run_id().clone());
            Product::json(&serde_json::json!({"run_id": task.run_id()}))
        }
    });
    host.add(&canary_provider(), function)?;
    Ok(host.start().into())
}
