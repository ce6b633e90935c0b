//! One line that is kept up to date on a terminal, and a line now and then elsewhere.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// How often a line goes to what is not a terminal: a log that can be read afterwards.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Where the demo says how far it is. What it says is a courtesy: that it cannot be shown stops nothing.
#[derive(Debug)]
pub(crate) struct Progress {
    terminal: bool,
    shown: Option<Instant>,
}

impl Progress {
    pub(crate) fn stdout() -> Self {
        Self {
            terminal: io::stdout().is_terminal(),
            shown: None,
        }
    }

    /// A line that stays.
    pub(crate) fn note(&mut self, line: &str) {
        self.clear();
        writeln!(io::stdout(), "{line}").ok();
    }

    /// Takes the line that is kept up to date away, so that others can write.
    pub(crate) fn clear(&mut self) {
        if self.terminal {
            write!(io::stdout(), "\r\x1b[K").ok();
            io::stdout().flush().ok();
        }
    }

    /// How far it is now.
    pub(crate) fn update(&mut self, line: &str) {
        if self.terminal {
            write!(io::stdout(), "\r\x1b[K{line}").ok();
            io::stdout().flush().ok();
        } else if self.shown.is_none_or(|shown| shown.elapsed() >= LINE_EVERY) {
            writeln!(io::stdout(), "{line}").ok();
            self.shown = Some(Instant::now());
        }
    }
}
