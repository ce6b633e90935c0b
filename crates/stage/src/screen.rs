//! What the stage shows: one line at a time, a coloured prefix per program.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

/// How many lines wait for a slow terminal. A stopped one (Ctrl-S) must not stop the orchestra, so what
/// comes on top is counted and left to the log files.
const QUEUE_LINES: usize = 10_000;

/// How much is written at once, in bytes.
const BATCH_BYTES: usize = 64 * 1024;

/// How long [`Screen::close`] waits for a terminal that takes no more lines.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

/// The width of the prefix, that of the longest name of ours.
const PREFIX_WIDTH: usize = 13;

/// Colours that read on dark and light grounds alike; a program keeps its own.
const COLOURS: [u8; 6] = [36, 32, 35, 34, 33, 96];

/// The standard output, written by a thread of its own. Clones write to the same one.
#[derive(Debug, Clone)]
pub struct Screen {
    lines: SyncSender<Line>,
    missed: Arc<AtomicU64>,
    colours: bool,
}

#[derive(Debug)]
enum Line {
    Text(String),
    /// Tells the sender once all lines before it are written.
    Flush(SyncSender<()>),
}

impl Screen {
    /// The standard output, in colour if it is a terminal and `NO_COLOR` is not set.
    pub fn stdout() -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self::new(io::stdout(), io::stdout().is_terminal() && !plain)
    }

    /// Any writer, for tests.
    pub fn new(writer: impl io::Write + Send + 'static, colours: bool) -> Self {
        let (lines, queue) = sync_channel(QUEUE_LINES);
        let missed = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&missed);
        // It ends when the last clone is dropped, or with the process.
        std::thread::spawn(move || write_lines(writer, &queue, &counter));
        Self {
            lines,
            missed,
            colours,
        }
    }

    /// Shows a line of a program.
    pub fn program_line(&self, index: usize, name: &str, text: &str) {
        let colour = COLOURS[index % COLOURS.len()];
        self.show(if self.colours {
            format!("\x1b[{colour}m{name:>PREFIX_WIDTH$} │\x1b[0m {text}")
        } else {
            format!("{name:>PREFIX_WIDTH$} | {text}")
        });
    }

    /// Shows a text of the stage itself, line by line.
    pub fn say(&self, text: &str) {
        for line in text.lines() {
            self.line_of_stage(line);
        }
    }

    /// Waits until all is written, or a second if the terminal takes nothing.
    pub fn close(&self) {
        let (done, written) = sync_channel(1);
        if self.lines.try_send(Line::Flush(done)).is_ok() {
            written.recv_timeout(CLOSE_WITHIN).ok();
        }
    }

    fn line_of_stage(&self, text: &str) {
        self.show(if self.colours {
            format!("\x1b[1m{:>PREFIX_WIDTH$} │\x1b[0m {text}", "stage")
        } else {
            format!("{:>PREFIX_WIDTH$} | {text}", "stage")
        });
    }

    fn show(&self, line: String) {
        if self.lines.try_send(Line::Text(line)).is_err() {
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Writes what waits, many lines at once. Errors are not told: a terminal that is gone is no reason to stop
/// the orchestra, and there is nobody left to tell.
fn write_lines(mut writer: impl io::Write, queue: &Receiver<Line>, missed: &AtomicU64) {
    let mut batch = String::new();
    while let Ok(first) = queue.recv() {
        let mut next = Some(first);
        let mut flushed = None;
        while let Some(line) = next {
            match line {
                Line::Text(text) => {
                    batch.push_str(&text);
                    batch.push('\n');
                }
                Line::Flush(done) => flushed = Some(done),
            }
            next = if batch.len() < BATCH_BYTES && flushed.is_none() {
                queue.try_recv().ok()
            } else {
                None
            };
        }
        let lines = missed.swap(0, Ordering::Relaxed);
        if lines > 0 {
            writeln!(batch, "... {lines} lines not shown: the log files have them").ok();
        }
        writer.write_all(batch.as_bytes()).ok();
        writer.flush().ok();
        batch.clear();
        if let Some(done) = flushed {
            done.try_send(()).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn shown(colours: bool) -> String {
        let paper = Paper::default();
        let screen = Screen::new(paper.clone(), colours);
        screen.program_line(1, "sdb", "ready");
        screen.say("one\ntwo");
        screen.close();
        String::from_utf8(paper.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn each_line_has_its_prefix_and_they_stand_in_a_column() {
        assert_eq!(
            shown(false),
            "          sdb | ready\n        stage | one\n        stage | two\n"
        );
    }

    #[test]
    fn colour_is_on_the_prefix_only() {
        assert!(shown(true).starts_with("\x1b[32m          sdb │\x1b[0m ready\n"));
    }

    #[test]
    fn a_terminal_that_takes_nothing_holds_nobody_up() {
        struct Stuck(SyncSender<()>);
        impl io::Write for Stuck {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                self.0.send(()).ok();
                loop {
                    std::thread::park();
                }
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (stuck, is_stuck) = sync_channel(1);
        let screen = Screen::new(Stuck(stuck), false);
        screen.say("first");
        is_stuck.recv().unwrap();
        for number in 0..QUEUE_LINES + 100 {
            screen.say(&number.to_string());
        }
        assert_eq!(screen.missed.load(Ordering::Relaxed), 100);
        screen.close();
    }
}
