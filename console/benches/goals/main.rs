//! Measures what an operator feels: how fast the screen is, what it costs, and how soon it tells the truth.
//!
//! The screen is the real program in a pseudo-terminal, with the real services behind it; only how long one frame
//! takes is measured in here. `just bench-console` runs all of it.

mod args;
mod calm;
mod desk;
mod flood;
mod frames;
mod losses;
mod million;
mod scene;

use anyhow::{Context as _, Result, anyhow};
use args::{Args, Section};
use bench::figure::Figure;
use bench::report;
use clap::Parser as _;
use futures_util::FutureExt as _;
use std::io::Write as _;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

/// How this is called, for the report.
const PROGRAM: &str = "just bench-console";

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let args = Args::parse();
    let mut figures: Vec<Figure> = Vec::new();
    let mut failures: Vec<String> = Vec::new();
    for section in args.sections() {
        say(&format!("\n{section}: {}", section.about()))?;
        match measured(section, &args).await {
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
        "\n{} figures, {missed} goals missed, {} sections failed",
        figures.len(),
        failures.len()
    ))?;
    Ok(if failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// One section. What waits for a screen panics if it never comes, with what was on it instead: that section is over.
async fn measured(section: Section, args: &Args) -> Result<Vec<Figure>> {
    let measuring = AssertUnwindSafe(run(section, args)).catch_unwind();
    let measured = measuring.await.unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(anyhow!("{}", said.unwrap_or("it panicked")))
    });
    measured.with_context(|| format!("{section} could not be measured"))
}

async fn run(section: Section, args: &Args) -> Result<Vec<Figure>> {
    match section {
        Section::Frames => frames::measure(args),
        Section::Calm => Box::pin(calm::measure(args)).await,
        Section::Losses => Box::pin(losses::measure()).await,
        Section::Flood => Box::pin(flood::measure(args)).await,
        Section::Million => Box::pin(million::measure(args)).await,
    }
}

/// Results go to standard output.
fn say(text: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{text}").context("standard output is closed")
}
