//! Standard output: for a person, or for a program.

use crate::table::{Screen, Table, wrap};
use jiff::Timestamp;
use serde::Serialize;
use service_kit::Clock;
use std::io::{self, IsTerminal as _, Write};

/// The width of a terminal that does not say.
const USUAL_WIDTH: usize = 80;

/// Where results go; everything else goes to standard error.
pub(crate) struct Output {
    out: Box<dyn Write>,
    screen: Screen,
    /// Whether results are JSON.
    pub(crate) json: bool,
    /// When the call was made: a time of the same day is shown without its date.
    pub(crate) now: Timestamp,
}

impl Output {
    pub(crate) fn stdout(json: bool) -> Self {
        let stdout = io::stdout();
        let terminal = stdout.is_terminal();
        let screen = Screen {
            width: terminal.then(|| width(&stdout)),
            // https://no-color.org: set and not empty.
            colour: terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        Self {
            out: Box::new(Named(stdout)),
            screen,
            json,
            now: Clock::start(None).now(),
        }
    }

    pub(crate) fn screen(&self) -> Screen {
        self.screen
    }

    /// How many lines the terminal has; none of a file or a pipe.
    pub(crate) fn rows(&self) -> Option<usize> {
        self.screen.width?;
        let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
        Some(usize::from(size.ws_row)).filter(|rows| *rows > 0)
    }

    /// Bytes as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)
    }

    /// Until then the last of them may be on their way.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    pub(crate) fn line(&mut self, text: impl AsRef<str>) -> io::Result<()> {
        writeln!(self.out, "{}", text.as_ref())
    }

    /// A paragraph, wrapped into the terminal.
    pub(crate) fn text(&mut self, text: impl AsRef<str>) -> io::Result<()> {
        for line in wrap(text.as_ref(), self.screen.width) {
            self.line(line)?;
        }
        Ok(())
    }

    pub(crate) fn table(&mut self, table: &Table) -> io::Result<()> {
        table.draw(self.screen, &mut *self.out)
    }

    /// The whole answer, for a program that reads one document.
    pub(crate) fn document(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut self.out, value)?;
        writeln!(self.out)
    }

    /// One of many, for a program that reads lines.
    pub(crate) fn json_line(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, value)?;
        writeln!(self.out)?;
        self.out.flush()
    }
}

/// Standard output, whose failures say that they are its own.
struct Named(io::Stdout);

impl Write for Named {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(|error| named(&error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(|error| named(&error))
    }
}

/// The same kind of failure: a closed pipe is told from a full disk by it.
fn named(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("standard output: {error}"))
}

/// `COLUMNS` is what somebody wants; shells rarely export it, so the terminal is asked.
fn width(stdout: &io::Stdout) -> usize {
    let wanted = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    let asked = || {
        let size = rustix::termios::tcgetwinsize(stdout).ok()?;
        Some(usize::from(size.ws_col))
    };
    wanted
        .or_else(asked)
        .filter(|columns| *columns > 0)
        .unwrap_or(USUAL_WIDTH)
}
