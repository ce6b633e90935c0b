//! `completions`: what a shell needs to complete the verbs and their flags.

use crate::args::Args;
use crate::output::Output;
use clap::CommandFactory as _;
use clap_complete::{Shell, generate};
use std::process::ExitCode;

pub(super) fn run(shell: Shell, output: &mut Output) -> anyhow::Result<ExitCode> {
    let mut command = Args::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    generate(shell, &mut command, name, &mut script);
    output.bytes(&script)?;
    Ok(ExitCode::SUCCESS)
}
