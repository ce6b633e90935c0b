//! Signals, as what they mean for somebody at a terminal.

use rustix::process::{Signal as Number, getpid, getsid, kill_current_process_group, kill_process};
use std::io;
use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

/// What the system wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The terminal is gone: nothing can be restored, and nobody reads a farewell.
    Hangup,
    /// Leave.
    Terminate,
    /// Stop, until continued.
    Stop,
    /// Continued; whoever had the terminal meanwhile left it as they liked.
    Continued,
}

/// The signals that concern a terminal.
#[derive(Debug)]
pub struct Signals {
    hangup: Stream,
    terminate: Stream,
    interrupt: Stream,
    quit: Stream,
    stop: Stream,
    continued: Stream,
}

impl Signals {
    /// Receives them from now on.
    ///
    /// # Errors
    /// The system gives no more handlers.
    pub fn listen() -> io::Result<Self> {
        let raw = |number: Number| signal(SignalKind::from_raw(number.as_raw()));
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            stop: raw(Number::TSTP)?,
            continued: raw(Number::CONT)?,
        })
    }

    /// Waits for the next.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            biased;
            _ = self.hangup.recv() => Signal::Hangup,
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.interrupt.recv() => Signal::Terminate,
            _ = self.quit.recv() => Signal::Terminate,
            _ = self.stop.recv() => Signal::Stop,
            _ = self.continued.recv() => Signal::Continued,
        }
    }
}

/// Whether a shell waits that could continue us: the leader of a session was started by a terminal itself.
pub fn has_a_shell() -> bool {
    getsid(None).is_ok_and(|session| session != getpid())
}

/// Stops the process, and with it what started it in the same job; returns once continued.
///
/// # Errors
/// The system refuses, which it does not do to one's own process.
pub fn stop_until_continued() -> io::Result<()> {
    if has_a_shell() {
        kill_current_process_group(Number::STOP)?;
    } else {
        kill_process(getpid(), Number::STOP)?;
    }
    Ok(())
}
