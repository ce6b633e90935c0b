//! The console at a terminal, looked at with a clock.

use crate::scene::Scene;
use anyhow::{Context as _, Result};
use bench::figure::{Times, rate};
use bench::usage;
use portable_pty::Child;
use stage::{CONDUCTOR, SDB};
use std::num::NonZero;
use std::time::{Duration, Instant};
use testkit::seat::{Seat, Size};

/// A terminal as most are at a console.
pub(crate) const SIZE: Size = (NonZero::new(36).unwrap(), NonZero::new(120).unwrap());

/// Somebody at the console.
pub(crate) struct Desk {
    pub(crate) seat: Seat,
    console: Box<dyn Child + Send + Sync>,
    pub(crate) opened: Instant,
}

/// What a while cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// Of a core, in percent.
    pub(crate) cpu: f64,
    /// To the terminal, per second.
    pub(crate) bytes: f64,
    /// Per second.
    pub(crate) frames: f64,
}

impl Desk {
    /// Opens the console of a scene.
    pub(crate) fn open(scene: &Scene) -> Self {
        let orchestra = &scene.orchestra;
        Self::at(
            &orchestra.nats_url(),
            orchestra.url(CONDUCTOR).as_ref(),
            orchestra.url(SDB).as_ref(),
        )
    }

    /// Opens a console of services that are there.
    pub(crate) fn at(nats: &str, conductor: &str, sdb: &str) -> Self {
        Self::start(
            env!("CARGO_BIN_EXE_orchestra-console"),
            &["--conductor", conductor, "--nats", nats, "--sdb", sdb],
        )
    }

    /// The same as seen over ssh, by an environment that says so.
    pub(crate) fn remote(scene: &Scene) -> Self {
        let orchestra = &scene.orchestra;
        let console = env!("CARGO_BIN_EXE_orchestra-console");
        let (nats, conductor) = (orchestra.nats_url(), orchestra.url(CONDUCTOR));
        Self::start(
            "/usr/bin/env",
            &[
                "SSH_TTY=/dev/pts/0",
                console,
                "--conductor",
                conductor.as_ref(),
                "--nats",
                &nats,
            ],
        )
    }

    fn start(program: &str, arguments: &[&str]) -> Self {
        let opened = Instant::now();
        let (seat, console) = Seat::start(SIZE, program, arguments);
        Self {
            seat,
            console,
            opened,
        }
    }

    /// The console's process.
    pub(crate) fn pid(&self) -> Result<u32> {
        self.console.process_id().context("the console has ended")
    }

    /// Waits until all that the conductor knows is there, and its head says so.
    pub(crate) fn is_synced(&self) {
        self.seat.waits("until all is there", |screen| {
            let shown = screen.contents();
            shown.contains("synced ") && !shown.contains("not synced") && !shown.contains("RESYNC")
        });
    }

    /// Presses keys, and gives how long it took until a frame was there that was drawn after them.
    pub(crate) fn answers(&mut self, keys: &str) -> Duration {
        let frames = self.seat.written().frames;
        let pressed = Instant::now();
        self.seat.types(keys);
        self.seat.draws(frames);
        pressed.elapsed()
    }

    /// Presses keys, and gives how long it took until a text was seen, or not seen any more.
    pub(crate) fn shows(&mut self, keys: &str, text: &str, is_there: bool) -> Duration {
        let pressed = Instant::now();
        self.seat.types(keys);
        self.seat
            .waits(text, |screen| screen.contents().contains(text) == is_there);
        pressed.elapsed()
    }

    /// Opens and closes the help for so long, and gives how long each took to be seen.
    pub(crate) fn presses_for(&mut self, time: Duration, apart: Duration) -> Times {
        let mut times = Times::default();
        let began = Instant::now();
        while began.elapsed() < time {
            times.push(self.shows("?", HELP, true));
            std::thread::sleep(apart);
            times.push(self.shows("x", HELP, false));
            std::thread::sleep(apart);
        }
        times
    }

    /// What a while costs in which `meanwhile` happens.
    pub(crate) async fn costs<T>(&self, meanwhile: impl Future<Output = Result<T>>) -> Result<Cost> {
        let pid = self.pid()?;
        let (began, cpu, written) = (Instant::now(), usage::cpu(pid)?, self.seat.written());
        meanwhile.await?;
        let time = began.elapsed();
        let (used, now) = (usage::cpu(pid)?.saturating_sub(cpu), self.seat.written());
        let per_second = |count: u64| Ok::<_, anyhow::Error>(rate(usize::try_from(count)?, time));
        Ok(Cost {
            cpu: 100.0 * used.as_secs_f64() / time.as_secs_f64(),
            bytes: per_second(now.bytes - written.bytes)?,
            frames: per_second(now.frames - written.frames)?,
        })
    }

    /// What it holds in memory, in MiB.
    pub(crate) fn memory(&self) -> Result<f64> {
        usage::resident_mib(self.pid()?)
    }

    /// Closes the terminal, and gives how long the console outlives it.
    pub(crate) fn loses_terminal(mut self) -> Result<Duration> {
        let closed = self.seat.close();
        self.console.wait()?;
        Ok(closed.elapsed())
    }

    /// Leaves as an operator does.
    pub(crate) fn leaves(mut self) -> Result<()> {
        self.seat.types("\x03\x03");
        self.console.wait()?;
        Ok(())
    }
}

/// The last line of the help.
const HELP: &str = "any other key closes";
