//! A night on file: every update as a line of JSON with its time, and the same night again.

use super::Tempo;
use super::inlet::{CAPACITY, Inlet};
use crate::model::Update;
use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use service_kit::Clock;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// One line.
#[derive(Debug, Serialize, Deserialize)]
struct Line<U> {
    at: Timestamp,
    update: U,
}

/// Writes updates to a file.
#[derive(Debug)]
pub struct Recorder(BufWriter<File>);

impl Recorder {
    /// Begins a file, in place of one that is there.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn create(path: &Path) -> io::Result<Self> {
        Ok(Self(BufWriter::new(File::create(path)?)))
    }

    /// Writes an update. A line is whole or not there: what is read is read to the last whole one.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&mut self, at: Timestamp, update: &Update) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, &Line { at, update })?;
        self.0.write_all(b"\n")
    }

    /// Hands what was written to the file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Writes what passes. A file that cannot be written any more is given up and told of; the night goes on.
pub(super) fn tee(
    recorder: Recorder,
    clock: Clock,
    mut updates: mpsc::Receiver<Update>,
) -> (
    mpsc::Receiver<Update>,
    impl Future<Output = anyhow::Result<()>> + Send + 'static,
) {
    let (sender, passed) = mpsc::channel(CAPACITY);
    let task = async move {
        let mut recorder = Some(recorder);
        let mut batch = Vec::new();
        while updates.recv_many(&mut batch, CAPACITY).await > 0 {
            if let Some(writer) = &mut recorder
                && let Err(error) = write_all(writer, clock.now(), &batch)
            {
                recorder = None;
                batch.push(Update::Trouble(format!("the recording ended: {error}")));
            }
            for update in batch.drain(..) {
                if sender.send(update).await.is_err() {
                    return Ok(());
                }
            }
        }
        Ok(())
    };
    (passed, task)
}

fn write_all(recorder: &mut Recorder, at: Timestamp, batch: &[Update]) -> io::Result<()> {
    batch.iter().try_for_each(|update| recorder.write(at, update))?;
    recorder.flush()
}

/// A recorded night.
#[derive(Debug)]
pub struct Replay {
    lines: io::Lines<BufReader<File>>,
    next: Line<Update>,
    speed: f64,
    clock: Tempo,
}

impl Replay {
    /// Opens a recording, to be seen so many times as fast as it was.
    ///
    /// # Errors
    /// The file cannot be read, or does not begin as a recording does.
    pub fn open(path: &Path, speed: f64) -> anyhow::Result<Self> {
        let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let mut lines = BufReader::new(file).lines();
        let first = lines
            .next()
            .with_context(|| format!("{} is empty", path.display()))?
            .with_context(|| format!("{} cannot be read", path.display()))?;
        let next: Line<Update> = serde_json::from_str(&first)
            .with_context(|| format!("{} is no recording of this console", path.display()))?;
        let clock = Tempo::at(next.at, speed);
        Ok(Self {
            lines,
            next,
            speed,
            clock,
        })
    }

    /// The time of the night.
    pub fn clock(&self) -> Tempo {
        self.clock
    }

    /// Gives the updates, each in its time. Ends at the end of the night, or at a line that was cut off.
    pub(super) async fn run(mut self, inlet: Inlet, stop: CancellationToken) -> anyhow::Result<()> {
        loop {
            let ahead = self.next.at.duration_since(self.clock.now());
            tokio::select! {
                () = tokio::time::sleep(shortened(ahead, self.speed)) => {}
                () = stop.cancelled() => return Ok(()),
            }
            let read = self.lines.next().transpose();
            let read = read.map_err(|error| error.to_string());
            let parse = |line: String| serde_json::from_str(&line).map_err(|error| error.to_string());
            let following = read.and_then(|line| line.map(parse).transpose());
            let end = match following {
                Ok(Some(following)) => {
                    let now = std::mem::replace(&mut self.next, following);
                    if inlet.put(now.update).await.is_err() {
                        return Ok(());
                    }
                    continue;
                }
                Ok(None) => "the recording is over".to_owned(),
                Err(error) => format!("the recording breaks off: {error}"),
            };
            if inlet.put(self.next.update).await.is_ok() {
                inlet.put(Update::Trouble(end)).await.ok();
            }
            return Ok(());
        }
    }
}

fn shortened(ahead: SignedDuration, speed: f64) -> Duration {
    Duration::try_from_secs_f64(ahead.as_secs_f64() / speed).unwrap_or(Duration::ZERO)
}
