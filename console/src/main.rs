//! `orchestra-console`.

use clap::Parser as _;
use console::args::Args;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    console::exit_code(console::run(Args::parse()).await)
}
