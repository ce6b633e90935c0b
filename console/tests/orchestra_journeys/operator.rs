//! Somebody at the console, who looks and types and counts.

use crate::picture;
use portable_pty::Child;
use stage::{CONDUCTOR, SDB};
use std::num::NonZero;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use testkit::Orchestra;
use testkit::seat::{Seat, Size};

/// What anything may take that a shift does by hand, from its first key.
const IN_TIME: Duration = Duration::from_secs(30);

/// A terminal as most are at a console.
const SIZE: Size = (NonZero::new(36).unwrap(), NonZero::new(120).unwrap());

/// Somebody who works at a console.
pub(crate) struct Operator {
    seat: Seat,
    console: Box<dyn Child + Send + Sync>,
    keys: usize,
    began: Option<Instant>,
}

impl Operator {
    /// Opens the console of an orchestra.
    pub(crate) fn sits_down(orchestra: &Orchestra) -> Self {
        let (conductor, nats) = (orchestra.url(CONDUCTOR).to_string(), orchestra.nats_url());
        let sdb = orchestra.url(SDB).to_string();
        let program = env!("CARGO_BIN_EXE_orchestra-console");
        let (seat, console) = Seat::start(
            SIZE,
            program,
            &["--conductor", &conductor, "--nats", &nats, "--sdb", &sdb],
        );
        Self {
            seat,
            console,
            keys: 0,
            began: None,
        }
    }

    /// Presses keys one after the other, each a press of a finger.
    pub(crate) fn presses(&mut self, keys: &[&str]) {
        self.began.get_or_insert_with(Instant::now);
        self.keys += keys.len();
        for key in keys {
            self.seat.types(match *key {
                "Enter" => "\r",
                "Esc" => "\x1b",
                "Right" => "\x1b[C",
                "C-r" => "\x12",
                "C-s" => "\x13",
                "Tab" => "\t",
                letter => letter,
            });
        }
    }

    /// Waits until the screen shows a text.
    pub(crate) fn sees(&self, text: &str) {
        self.seat.sees(text);
        self.is_in_time();
    }

    /// Waits until the screen no longer shows a text.
    pub(crate) fn misses(&self, text: &str) {
        self.seat.waits(&format!("for {text:?} to go"), |screen| {
            !screen.contents().contains(text)
        });
        self.is_in_time();
    }

    fn is_in_time(&self) {
        let took = self.began.map(|began| began.elapsed()).unwrap_or_default();
        assert!(took < IN_TIME, "took {took:?}");
    }

    /// How many keys were pressed so far.
    pub(crate) fn keys(&self) -> usize {
        self.keys
    }

    /// Keeps what is shown, if captures are wanted.
    pub(crate) fn keeps(&self, name: &str) {
        let Some(folder) = std::env::var_os("ORCHESTRA_CAPTURES").map(PathBuf::from) else {
            return;
        };
        let (text, picture) = self
            .seat
            .shown(|screen| (format!("{}\n", screen.contents()), picture::svg(screen)));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.txt")), text).unwrap();
        std::fs::write(folder.join(format!("{name}.svg")), picture).unwrap();
    }

    /// Leaves the console.
    pub(crate) fn leaves(mut self) {
        self.seat.types(":q\r");
        assert!(self.console.wait().unwrap().success());
    }
}
