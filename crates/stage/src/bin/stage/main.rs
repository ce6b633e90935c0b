//! `stage`: what `just up`, `down`, `status`, `logs`, `start`, `clean` and `demo` run.

mod clean;
mod control;
mod demo;
mod down;
mod house;
mod lock;
mod logs;
mod signals;
mod start;
mod status;
mod up;

use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

/// Starts, shows and stops the programs of the orchestra on this machine.
#[derive(Debug, Parser)]
#[command(name = "stage", version)]
struct Args {
    #[command(flatten)]
    house: house::HouseArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Start the orchestra and stay; Ctrl-C stops all of it
    Up(up::UpArgs),
    /// Stop the running orchestra
    Down,
    /// Show what runs, where it listens and since when
    Status(status::StatusArgs),
    /// Show the end of the logs
    Logs(logs::LogsArgs),
    /// Start a program of the running orchestra that has died
    Start(start::StartArgs),
    /// Forget all data: products, ledger, messages, logs
    Clean,
    /// Replay 50 real bursts through an orchestra of its own
    Demo(demo::DemoArgs),
    /// Become a program that does not outlive its stage (used by the stage itself)
    #[command(hide = true)]
    Exec {
        /// The process that must be the parent.
        parent: u32,
        /// The program.
        program: OsString,
        /// Its arguments.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    perform(Args::parse()).unwrap_or_else(|error| {
        // Nobody is left to tell if this fails.
        writeln!(std::io::stderr(), "error: {error:#}").ok();
        ExitCode::FAILURE
    })
}

fn perform(args: Args) -> anyhow::Result<ExitCode> {
    if let Verb::Exec {
        parent,
        program,
        arguments,
    } = &args.verb
    {
        let error = stage::become_program(*parent, program, arguments);
        return Err(anyhow::Error::new(error).context(format!("cannot run {}", program.display())));
    }
    // One thread: the programs are tied to the thread that starts them, so it must be the one that stays.
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(run(args))
}

async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let house = args.house.enter()?;
    match args.verb {
        Verb::Up(args) => up::run(&house, args).await,
        Verb::Down => down::run(&house).await,
        Verb::Status(args) => status::run(&house, &args).await,
        Verb::Logs(args) => logs::run(&house, &args).await,
        Verb::Start(args) => start::run(&house, &args).await,
        Verb::Clean => clean::run(&house),
        Verb::Demo(args) => demo::run(&house, args).await,
        Verb::Exec { .. } => unreachable!("main has become the program"),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_are_well_formed() {
        super::Args::command().debug_assert();
    }
}
