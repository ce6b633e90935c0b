//! The conductor: listens, decides, dispatches, traces.

mod check;

use clap::Parser as _;
use conductor::args::Args;
use conductor::{StartError, start};
use service_kit::{Shutdown, exit, telemetry};
use std::process::ExitCode;
use std::time::Duration;

/// POSTs that are open at the stop may take as long as a provider has to answer one.
const GRACE: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    if let Some(graph) = &args.check {
        return check::run(graph, args.draw);
    }
    match conduct(&args).await {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

async fn conduct(args: &Args) -> Result<ExitCode, StartError> {
    telemetry::init(&args.service).map_err(|error| StartError::Config(error.into()))?;
    let shutdown = Shutdown::default();
    start(args, &shutdown).await?;
    Ok(shutdown.run_until_stopped(GRACE).await)
}

#[expect(clippy::print_stderr, reason = "this is where a program says why it ends")]
fn fail(error: &StartError) -> ExitCode {
    eprintln!("orchestra-conductor: {error}");
    ExitCode::from(match error {
        StartError::Config(_) => exit::BAD_CONFIG,
        StartError::Failed(_) => exit::FAILURE,
    })
}
