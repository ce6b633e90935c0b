//! A terminal with the console in it: what an operator sees and types.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read as _, Write};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Nothing that is waited for takes this long, even on a machine that is busy with other tests.
const DEADLINE: Duration = Duration::from_secs(30);

/// As small as a terminal usually is.
pub(crate) const ROWS: NonZero<u16> = NonZero::new(24).unwrap();
pub(crate) const COLUMNS: NonZero<u16> = NonZero::new(80).unwrap();

/// What is shown, and a bell for whoever waits for it.
type Shown = Arc<(Mutex<vt100::Parser>, Condvar)>;

/// A terminal, and the console that was started in it.
pub(crate) struct Seat {
    pty: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    shown: Shown,
    is_over: Arc<AtomicBool>,
    reader: JoinHandle<()>,
}

impl Seat {
    /// Opens a terminal of 80x24.
    pub(crate) fn open() -> (Self, Box<dyn portable_pty::SlavePty + Send>) {
        let size = PtySize {
            rows: ROWS.get(),
            cols: COLUMNS.get(),
            ..PtySize::default()
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let shown: Shown = Arc::new((Mutex::new(vt100::Parser::new(ROWS, COLUMNS, 0)), Condvar::new()));
        let is_over = Arc::new(AtomicBool::new(false));
        let mut output = pair.master.try_clone_reader().unwrap();
        let reader = std::thread::spawn({
            let (shown, is_over) = (Arc::clone(&shown), Arc::clone(&is_over));
            move || {
                let mut chunk = [0; 4096];
                while let Ok(count @ 1..) = output.read(&mut chunk) {
                    shown.0.lock().unwrap().process(&chunk[..count]);
                    shown.1.notify_all();
                    if is_over.load(Ordering::Acquire) {
                        return;
                    }
                }
            }
        });
        let seat = Self {
            keys: pair.master.take_writer().unwrap(),
            pty: pair.master,
            shown,
            is_over,
            reader,
        };
        (seat, pair.slave)
    }

    /// The console in a terminal of its own, as a shell would start it.
    pub(crate) fn start(arguments: &[&str]) -> (Self, Box<dyn Child + Send + Sync>) {
        let (seat, terminal) = Self::open();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_orchestra-console"));
        command.args(arguments);
        for (name, value) in ENVIRONMENT {
            command.env(name, value);
        }
        let child = terminal.spawn_command(command).unwrap();
        (seat, child)
    }

    /// The name of the terminal, for who starts the console otherwise.
    pub(crate) fn name(&self) -> std::path::PathBuf {
        self.pty.tty_name().unwrap()
    }

    /// Types.
    pub(crate) fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits until the screen shows a text.
    pub(crate) fn sees(&self, text: &str) {
        self.waits(&format!("to see {text:?}"), |screen| {
            screen.contents().contains(text)
        });
    }

    /// Waits until the screen is as it should be.
    pub(crate) fn waits(&self, what: &str, is_so: impl Fn(&vt100::Screen) -> bool) {
        let parser = self.shown.0.lock().unwrap();
        let is_not_so = |parser: &mut vt100::Parser| !is_so(parser.screen());
        let waited = self.shown.1.wait_timeout_while(parser, DEADLINE, is_not_so);
        let (parser, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(
            !timeout.timed_out(),
            "waited {what}, and saw\n{}",
            parser.screen().contents()
        );
    }

    /// Closes the terminal, as a broken connection does, and says when that was.
    pub(crate) fn close(self) -> Instant {
        self.is_over.store(true, Ordering::Release);
        drop((self.keys, self.pty));
        // The reader holds the terminal too; it looks up at the next thing that is written.
        self.reader.join().unwrap();
        Instant::now()
    }
}

/// An environment in which the console looks the same everywhere.
pub(crate) const ENVIRONMENT: [(&str, &str); 6] = [
    ("TERM", "xterm-256color"),
    ("COLORTERM", "truecolor"),
    ("LANG", "C.UTF-8"),
    ("LC_ALL", "C.UTF-8"),
    ("USER", "ada"),
    ("XDG_CONFIG_HOME", "/nowhere"),
];

/// Waits until something is there, looking often.
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < DEADLINE, "waited for {what}");
        std::thread::yield_now();
    }
}
