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

use anyhow::{Result, anyhow};
use args::{Args, Section};
use bench::figure::Figure;
use bench::session::Session;
use clap::Parser as _;
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

/// How this is called, for the report.
const PROGRAM: &str = "just bench-console";

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let args = Args::parse();
    let mut session = Session::new(PROGRAM, "goals");
    for section in args.sections() {
        session.begin(section, section.about())?;
        session.take(section, measured(section, &args).await)?;
    }
    session.end(args.report.as_deref())
}

/// One section. What waits for a screen panics if it never comes, with what was on it instead: that section is over.
async fn measured(section: Section, args: &Args) -> Result<Vec<Figure>> {
    let measuring = AssertUnwindSafe(run(section, args)).catch_unwind();
    measuring.await.unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(anyhow!("{}", said.unwrap_or("it panicked")))
    })
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
