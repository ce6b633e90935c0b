//! The verbs, one file each.

mod announce;
mod keys;
mod list;
mod product;
mod providers;
mod retry;
mod runs;
mod show;
mod status;
mod timeline;
mod trigger;
mod watch;

use crate::args::{Args, Steer, Verb};
use crate::output::Output;
use crate::session::Session;
use std::process::ExitCode;

/// Does what the command line says.
///
/// # Errors
/// Whatever an operator should read; the exit code is then 1.
pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let mut output = Output::stdout(args.with.json);
    let session = Session::new(args.with);
    let Some(verb) = args.verb else {
        return crate::run::open(&session, &args.screen).await;
    };
    match verb {
        Verb::Announce(verb) => announce::run(&session, *verb, &mut output).await,
        Verb::Trigger(verb) => trigger::run(&session, verb, &mut output).await,
        Verb::Retry(verb) => retry::run(&session, verb, &mut output).await,
        Verb::Show(verb) => show::run(&session, verb, &mut output).await,
        Verb::Timeline(verb) => timeline::run(&session, verb, &mut output).await,
        Verb::List(verb) => list::run(&session, verb, &mut output).await,
        Verb::Watch(verb) => watch::run(&session, verb, &mut output).await,
        Verb::Runs(verb) => runs::run(&session, verb, &mut output).await,
        Verb::Providers => providers::list(&session, &mut output).await,
        Verb::Pause(verb) => providers::steer(&session, Steer::Pause, verb, &mut output).await,
        Verb::Drain(verb) => providers::steer(&session, Steer::Drain, verb, &mut output).await,
        Verb::Resume(verb) => providers::steer(&session, Steer::Resume, verb, &mut output).await,
        Verb::Product(verb) => product::run(&session, &verb, &args.screen, &mut output).await,
        Verb::Status(verb) => status::run(&session, &verb, &mut output).await,
        Verb::Keys(verb) => keys::run(&verb, &mut output),
    }
}
