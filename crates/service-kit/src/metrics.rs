//! Prometheus metrics: recorded through the `metrics` facade, rendered in our own route.

use crate::{Shutdown, process};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::{sync::OnceLock, time::Duration};

/// Bounds of every histogram, in seconds: from a no-op over the loopback to a slow pipeline.
const BUCKETS_S: [f64; 18] = [
    0.000_25, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0,
    300.0, 900.0,
];

/// How often samples are folded into their buckets; between, each takes 8 bytes.
const UPKEEP: Duration = Duration::from_secs(5);

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// Makes the recorder the program's own, once; until then the facade's macros do nothing.
pub(crate) fn install() -> &'static PrometheusHandle {
    HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new();
        let builder = builder
            .set_buckets(&BUCKETS_S)
            .unwrap_or_else(|_| PrometheusBuilder::new());
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("somebody else records the metrics: /metrics shows none of them");
        }
        handle
    })
}

/// The text of `/metrics`.
pub(crate) fn render() -> String {
    let mut text = install().render();
    process::write_metrics(&mut text);
    text
}

/// Folds samples now and then, so that an unscraped service does not grow.
pub(crate) async fn keep_up(shutdown: Shutdown) -> anyhow::Result<()> {
    let token = shutdown.token();
    let mut tick = tokio::time::interval(UPKEEP);
    while token.run_until_cancelled(tick.tick()).await.is_some() {
        install().run_upkeep();
    }
    Ok(())
}
