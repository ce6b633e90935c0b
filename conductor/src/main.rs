//! The conductor: listens, decides, dispatches, traces.

mod args;
mod check;

use args::Args;
use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = Args::parse();
    check::run(&args.check, args.draw)
}
