//! Measures the budgets of the orchestra over real processes.
//!
//! Each section starts the programs as they are deployed, on free ports and an empty folder, drives them
//! from outside, and compares what it measures with its budget and with the *floor*: what the same machine
//! needs for a bare publish -> subscribe -> HTTP POST over the same nats-server.

mod args;
mod floor;
mod measure;
mod orchestra;
mod sink;
mod wire;

use anyhow::Result;
use args::{Args, Command};
use bench::session::Session;
use bench::{figure, usage};
use clap::Parser as _;
use std::process::ExitCode;

/// The name of this program, in the report.
const PROGRAM: &str = "orchestra-bench";

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let args = Args::parse();
    service_kit::telemetry::init(&args.log())?;
    match &args.command {
        Some(Command::Floor(floor)) => floor::run(floor).await,
        None => bench(&args).await,
    }
}

/// Runs the sections in order.
async fn bench(args: &Args) -> Result<ExitCode> {
    let mut session = Session::new(PROGRAM, "budgets");
    for section in args.sections() {
        session.begin(section, section.about())?;
        let measured = Box::pin(measure::run(section, args, session.figures())).await;
        session.take(section, measured)?;
    }
    session.end(args.report.as_deref())
}

#[cfg(test)]
mod tests {
    use super::Args;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }
}
