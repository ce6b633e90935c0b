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

use anyhow::{Context as _, Result};
use args::{Args, Command};
use bench::figure::{self, Figure};
use bench::{report, usage};
use clap::Parser as _;
use std::io::Write as _;
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

/// Runs the sections in order. One that fails is reported and does not stop the others.
async fn bench(args: &Args) -> Result<ExitCode> {
    let mut figures: Vec<Figure> = Vec::new();
    let mut failures: Vec<String> = Vec::new();
    for section in args.sections() {
        say(&format!("\n{section}: {}", section.about()))?;
        let measured = Box::pin(measure::run(section, args, &figures)).await;
        match measured.with_context(|| format!("{section} could not be measured")) {
            Ok(measured) => {
                say(&report::table(&measured))?;
                figures.extend(measured);
            }
            Err(error) => {
                say(&format!("  {error:#}"))?;
                failures.push(format!("{error:#}"));
            }
        }
    }
    if let Some(path) = &args.report {
        report::write(path, PROGRAM, &figures, &failures)?;
        say(&format!("\nwritten to {}", path.display()))?;
    }
    let missed = figures.iter().filter(|figure| figure.is_missed()).count();
    say(&format!(
        "\n{} figures, {missed} budgets missed, {} sections failed",
        figures.len(),
        failures.len()
    ))?;
    Ok(if failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Results go to standard output.
fn say(text: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{text}").context("standard output is closed")
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
