//! `orchestra-mock-pipeline`.

use clap::Parser as _;
use mock_pipeline::{Args, GraphFault, start};
use pipeline_bricks::HostError;
use service_kit::{Shutdown, exit, telemetry};
use std::{io::Write as _, process::ExitCode};

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    if let Err(error) = telemetry::init(&args.service) {
        let _ = writeln!(std::io::stderr(), "orchestra-mock-pipeline: {error}");
        return ExitCode::from(exit::BAD_CONFIG);
    }
    let shutdown = Shutdown::default();
    match start(&args, &shutdown).await {
        Ok(_) => shutdown.run_until_stopped(args.host.grace()).await,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::from(if is_bad_config(&error) {
                exit::BAD_CONFIG
            } else {
                exit::FAILURE
            })
        }
    }
}

/// What no restart mends.
fn is_bad_config(error: &anyhow::Error) -> bool {
    let bad_nats = matches!(error.downcast_ref(), Some(HostError::Nats(_)));
    bad_nats || error.downcast_ref::<GraphFault>().is_some()
}
