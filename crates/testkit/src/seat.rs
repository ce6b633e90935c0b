//! A terminal with a program in it: what an operator sees and types.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read as _, Write};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Nothing that is waited for takes this long, even on a machine that is busy with other tests.
const DEADLINE: Duration = Duration::from_secs(30);

/// Rows and columns of a terminal.
pub type Size = (NonZero<u16>, NonZero<u16>);

/// What is shown, and a bell for whoever waits for it.
type Shown = Arc<(Mutex<Drawn>, Condvar)>;

/// What begins a frame that is to be shown at once, and what ends it (DEC mode 2026).
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// How much a program has written so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// All of it, in bytes.
    pub bytes: u64,
    /// Frames, from their begin to their end.
    pub frames: u64,
}

/// What was drawn, and whether that is a whole frame.
struct Drawn {
    parser: vt100::Parser,
    /// The last bytes, which may be the first of one of the marks.
    tail: Vec<u8>,
    is_whole: bool,
    written: Written,
}

impl Drawn {
    fn new((rows, columns): Size) -> Self {
        Self {
            parser: vt100::Parser::new(rows, columns, 0),
            tail: Vec::new(),
            is_whole: true,
            written: Written::default(),
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.parser.process(bytes);
        self.tail.extend_from_slice(bytes);
        self.written.bytes += bytes.len() as u64;
        for mark in self.tail.windows(BEGIN.len()) {
            // An end without a begin is no frame: it only asks whether the terminal is there.
            self.written.frames += u64::from(mark == END && !self.is_whole);
            self.is_whole = mark == END || self.is_whole && mark != BEGIN;
        }
        let seen = self.tail.len().saturating_sub(BEGIN.len() - 1);
        self.tail.drain(..seen);
    }
}

/// A terminal, and the program that was started in it.
pub struct Seat {
    pty: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    shown: Shown,
    is_over: Arc<AtomicBool>,
    reader: JoinHandle<()>,
}

impl std::fmt::Debug for Seat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seat").finish_non_exhaustive()
    }
}

impl Seat {
    /// Opens a terminal of so many rows and columns.
    pub fn open((rows, columns): Size) -> (Self, Box<dyn portable_pty::SlavePty + Send>) {
        let size = PtySize {
            rows: rows.get(),
            cols: columns.get(),
            ..PtySize::default()
        };
        let pair = native_pty_system()
            .openpty(size)
            .expect("a terminal can be opened");
        let shown: Shown = Arc::new((Mutex::new(Drawn::new((rows, columns))), Condvar::new()));
        let is_over = Arc::new(AtomicBool::new(false));
        let mut output = pair
            .master
            .try_clone_reader()
            .expect("a new terminal can be read");
        let reader = std::thread::spawn({
            let (shown, is_over) = (Arc::clone(&shown), Arc::clone(&is_over));
            move || {
                let mut chunk = [0; 4096];
                while let Ok(count @ 1..) = output.read(&mut chunk) {
                    shown
                        .0
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .take(&chunk[..count]);
                    shown.1.notify_all();
                    if is_over.load(Ordering::Acquire) {
                        return;
                    }
                }
            }
        });
        let seat = Self {
            keys: pair
                .master
                .take_writer()
                .expect("a new terminal can be written to"),
            pty: pair.master,
            shown,
            is_over,
            reader,
        };
        (seat, pair.slave)
    }

    /// A program in a terminal of its own, as a shell would start it.
    pub fn start(size: Size, program: &str, arguments: &[&str]) -> (Self, Box<dyn Child + Send + Sync>) {
        let (seat, terminal) = Self::open(size);
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        for (name, value) in ENVIRONMENT {
            command.env(name, value);
        }
        let child = terminal.spawn_command(command).expect("the program starts in it");
        (seat, child)
    }

    /// The name of the terminal, for who starts the program otherwise.
    pub fn name(&self) -> std::path::PathBuf {
        self.pty.tty_name().expect("a terminal has a name")
    }

    /// Types.
    pub fn types(&mut self, keys: &str) {
        self.keys
            .write_all(keys.as_bytes())
            .expect("the terminal takes keys");
        self.keys.flush().expect("the terminal takes keys");
    }

    /// Waits until the screen shows a text.
    #[track_caller]
    pub fn sees(&self, text: &str) {
        self.waits(&format!("to see {text:?}"), |screen| {
            screen.contents().contains(text)
        });
    }

    /// Waits until the screen is as it should be; what is looked at are whole frames.
    #[track_caller]
    pub fn waits(&self, what: &str, is_so: impl Fn(&vt100::Screen) -> bool) {
        let is_not_so = |drawn: &mut Drawn| !(drawn.is_whole && is_so(drawn.parser.screen()));
        let drawn = self.shown.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.shown.1.wait_timeout_while(drawn, DEADLINE, is_not_so);
        let (drawn, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(
            !timeout.timed_out(),
            "waited {what}, and saw\n{}",
            drawn.parser.screen().contents()
        );
    }

    /// How much the program has written so far.
    pub fn written(&self) -> Written {
        self.shown
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .written
    }

    /// Waits until the program has drawn more frames than so many.
    #[track_caller]
    pub fn draws(&self, more_than: u64) {
        let drawn = self.shown.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_not_so = |drawn: &mut Drawn| drawn.written.frames <= more_than;
        let waited = self.shown.1.wait_timeout_while(drawn, DEADLINE, is_not_so);
        let timeout = waited.unwrap_or_else(PoisonError::into_inner).1;
        assert!(!timeout.timed_out(), "waited for a frame after {more_than}");
    }

    /// What the screen shows, once that is a whole frame.
    pub fn shown<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        let drawn = self.shown.0.lock().unwrap_or_else(PoisonError::into_inner);
        let whole = self
            .shown
            .1
            .wait_timeout_while(drawn, DEADLINE, |drawn| !drawn.is_whole);
        look(whole.unwrap_or_else(PoisonError::into_inner).0.parser.screen())
    }

    /// Closes the terminal, as a broken connection does, and says when that was.
    pub fn close(self) -> Instant {
        self.is_over.store(true, Ordering::Release);
        drop((self.keys, self.pty));
        // The reader holds the terminal too; it looks up at the next thing that is written.
        self.reader.join().expect("the reader does not panic");
        Instant::now()
    }
}

/// An environment in which a program looks the same everywhere.
pub const ENVIRONMENT: [(&str, &str); 6] = [
    ("TERM", "xterm-256color"),
    ("COLORTERM", "truecolor"),
    ("LANG", "C.UTF-8"),
    ("LC_ALL", "C.UTF-8"),
    ("USER", "ada"),
    ("XDG_CONFIG_HOME", "/nowhere"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_whole_once_its_end_has_come_in_however_many_pieces() {
        let size = NonZero::new(10).unwrap();
        let mut drawn = Drawn::new((size, size));
        for byte in b"a\x1b[?2026hb" {
            drawn.take(&[*byte]);
        }
        assert!(!drawn.is_whole);
        drawn.take(b"c\x1b[?20");
        assert!(!drawn.is_whole);
        drawn.take(b"26ld");
        assert!(drawn.is_whole);
        drawn.take(b"\x1b[?2026h\x1b[?2026l\x1b[?2026h");
        assert!(!drawn.is_whole, "the last mark counts");
        drawn.take(END);
        drawn.take(END);
        assert_eq!(drawn.written, Written { bytes: 60, frames: 3 });
    }
}
