//! The mission database: import, export, announce.

use anyhow::Context;
use clap::Parser;
use messaging::{Bus, BusOptions};
use sdb::{Args, start, store::Store};
use service_kit::{Shutdown, exit, telemetry};
use std::{io::Write, process::ExitCode, time::Duration};

/// How long requests that are being answered may take to finish: an import of some hundred megabytes.
const GRACE: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    if let Err(error) = telemetry::init(&args.service) {
        let _ = writeln!(std::io::stderr(), "{error}");
        return ExitCode::from(exit::BAD_CONFIG);
    }
    let outcome = if args.renew_feed {
        renew_feed(&args).await
    } else {
        serve(&args).await
    };
    outcome.unwrap_or_else(|error| {
        tracing::error!("{error:#}");
        ExitCode::from(exit::FAILURE)
    })
}

async fn serve(args: &Args) -> anyhow::Result<ExitCode> {
    let bus = match Bus::open(BusOptions::new(&args.nats, "sdb".parse()?)).await {
        Ok(bus) => bus,
        Err(error) => {
            tracing::error!("--nats: {error}");
            return Ok(ExitCode::from(exit::BAD_CONFIG));
        }
    };
    let listener = args.service.bind().await?;
    let shutdown = Shutdown::default();
    let listen = start(args, bus, listener, &shutdown).await?;
    args.service.tell_ready(listen)?;
    Ok(shutdown.run_until_stopped(GRACE).await)
}

async fn renew_feed(args: &Args) -> anyhow::Result<ExitCode> {
    let feed = Store::renew_feed(&args.data_dir)
        .await
        .context("the feed keeps its name")?;
    writeln!(std::io::stdout(), "{feed}")?;
    Ok(ExitCode::SUCCESS)
}
