//! The screen, opened and closed.

use super::log::Log;
use super::shift::{End, Shift};
use crate::app::{App, Settings};
use crate::args::ScreenArgs;
use crate::link::{self, Linked};
use crate::session::Session;
use crate::term::{Abilities, Inputs, Screen, Signals, restore_on_panic};
use service_kit::{Clock, Shutdown, exit};
use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

/// What is still under way when the screen closes has this long: who leaves does not want to wait.
const GRACE: Duration = Duration::from_millis(500);

/// Opens the screen, and returns when it is closed.
///
/// # Errors
/// The keys, the log or an address are wrong; or a part of the console failed.
pub(crate) async fn open(session: &Session, args: &ScreenArgs) -> anyhow::Result<ExitCode> {
    let keymap = args.remap.keymap()?;
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        no_terminal();
        return Ok(ExitCode::from(exit::USAGE));
    }
    let log = match &args.log_file {
        Some(path) => Log::begin(path)?,
        None => Log::default(),
    };
    let abilities = Abilities::of(&|name| std::env::var(name).ok());
    let settings = Settings {
        look: args.look(abilities),
        keymap,
        readonly: args.readonly,
        mouse: args.mouse,
        operator: session.operator(),
    };
    restore_on_panic();
    let signals = Signals::listen()?;
    let screen = Screen::open(args.mouse)?;
    // The first frame does not wait for anybody.
    let app = App::new(settings, Clock::start(None).now(), screen.size()?);
    let mut shift = Shift::new(app, screen, (signals, Inputs::open()?), log, abilities.remote);
    shift.draw()?;
    let shutdown = Shutdown::default();
    let linked = match &args.replay {
        Some(night) => Linked::replay(night, args.speed, &shutdown)?,
        None => link::start(session.link(args), &shutdown).await?,
    };
    let ended = shift.run(linked, shutdown.token()).await;
    drop(shift);
    shutdown.stop();
    let code = shutdown.run_until_stopped(GRACE).await;
    match ended {
        // Nobody reads it, and nothing else went wrong.
        Ok(End::Left) | Err(_) => Ok(code),
        Ok(End::Failed) => anyhow::bail!("a part of the console failed; --log-file FILE says which and why"),
    }
}

#[expect(clippy::print_stderr, reason = "what is wrong with a call is no result")]
fn no_terminal() {
    eprintln!("the screen needs a terminal; orchestra-console --help lists what works without one");
}
