//! `just start NAME`.

use crate::control::{Request, ask};
use crate::house::House;
use clap::Args;
use std::io::Write as _;
use std::process::ExitCode;

/// Which program to start.
#[derive(Debug, Args)]
pub(crate) struct StartArgs {
    /// nats, sdb, conductor, mock-vhf or mock-pipeline
    name: String,
}

/// Has the stage start a program again, and waits until that is ready.
pub(crate) async fn run(house: &House, args: &StartArgs) -> anyhow::Result<ExitCode> {
    let program = args.name.clone();
    ask(house, &Request::Start { program }).await?;
    writeln!(std::io::stdout(), "{} is ready", args.name)?;
    Ok(ExitCode::SUCCESS)
}
