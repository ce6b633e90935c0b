//! The verbs, one file each.

mod acknowledge;
mod act;
mod alerts;
mod announce;
mod backfill;
mod check;
mod completions;
mod graph;
mod keys;
mod list;
mod notes;
mod product;
mod providers;
mod report;
mod runs;
mod show;
mod status;
mod timeline;
mod trigger;
mod watch;

use crate::args::{Args, Extend, Grace, Verb};
use crate::link::{CellVerb, Steer};
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
        Verb::Backfill(verb) => backfill::run(&session, verb, &mut output).await,
        Verb::Retry(verb) => {
            let (force, params) = (verb.force, verb.params);
            act::run(&session, &CellVerb::Retry { force, params }, verb.on, &mut output).await
        }
        Verb::Cancel(on) => act::run(&session, &CellVerb::Cancel, on, &mut output).await,
        Verb::Hold(on) => act::run(&session, &CellVerb::Hold, on, &mut output).await,
        Verb::Release(on) => act::run(&session, &CellVerb::Release, on, &mut output).await,
        Verb::Approve(on) => act::run(&session, &CellVerb::Approve, on, &mut output).await,
        Verb::Raise(verb) => {
            let raise = CellVerb::Raise(verb.priority);
            act::run(&session, &raise, verb.on, &mut output).await
        }
        Verb::Grace(Grace::End(on)) => act::run(&session, &CellVerb::EndGrace, on, &mut output).await,
        Verb::Grace(Grace::Extend(Extend { on, by })) => {
            act::run(&session, &CellVerb::ExtendGrace(Some(by)), on, &mut output).await
        }
        Verb::Acknowledge(verb) => acknowledge::run(&session, verb, &mut output).await,
        Verb::Note(verb) => notes::leave(&session, verb, &mut output).await,
        Verb::Show(verb) => show::run(&session, verb, &mut output).await,
        Verb::Timeline(verb) => timeline::run(&session, verb, &mut output).await,
        Verb::List(verb) => list::run(&session, verb, &mut output).await,
        Verb::Watch(verb) => watch::run(&session, verb, &mut output).await,
        Verb::Runs(verb) => runs::run(&session, verb, &mut output).await,
        Verb::Alerts => alerts::run(&session, &mut output).await,
        Verb::Report(verb) => report::run(&session, &verb, &mut output).await,
        Verb::Notes(verb) => notes::list(&session, verb, &mut output).await,
        Verb::Providers => providers::list(&session, &mut output).await,
        Verb::Pause(verb) => providers::steer(&session, Steer::Pause, verb, &mut output).await,
        Verb::Drain(verb) => providers::steer(&session, Steer::Drain, verb, &mut output).await,
        Verb::Resume(verb) => providers::steer(&session, Steer::Resume, verb, &mut output).await,
        Verb::Graph(verb) => graph::run(&session, verb, &mut output).await,
        Verb::Product(verb) => product::run(&session, &verb, &args.screen, &mut output).await,
        Verb::Status(verb) => status::run(&session, &verb, &mut output).await,
        Verb::Check(verb) => check::run(&session, &verb, &mut output).await,
        Verb::Keys(verb) => keys::run(&verb, &mut output),
        Verb::Completions { shell } => completions::run(shell, &mut output),
    }
}
