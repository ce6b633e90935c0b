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
type Shown = Arc<(Mutex<vt100::Parser>, Condvar)>;

/// A terminal, and the program that was started in it.
pub struct Seat {
    pty: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    shown: Shown,
    is_over: Arc<AtomicBool>,
    reader: JoinHandle<()>,
}

impl std::fmt::Debug for Seat {
    /// What it shows: the rest is the system's.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown(vt100::Screen::contents))
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
        let shown: Shown = Arc::new((Mutex::new(vt100::Parser::new(rows, columns, 0)), Condvar::new()));
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
                        .process(&chunk[..count]);
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

    /// Waits until the screen is as it should be.
    #[track_caller]
    pub fn waits(&self, what: &str, is_so: impl Fn(&vt100::Screen) -> bool) {
        let parser = self.shown.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_not_so = |parser: &mut vt100::Parser| !is_so(parser.screen());
        let waited = self.shown.1.wait_timeout_while(parser, DEADLINE, is_not_so);
        let (parser, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(
            !timeout.timed_out(),
            "waited {what}, and saw\n{}",
            parser.screen().contents()
        );
    }

    /// What the screen shows now.
    pub fn shown<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(
            self.shown
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .screen(),
        )
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
