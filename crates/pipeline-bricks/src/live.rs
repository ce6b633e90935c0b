//! What a run at work says about itself: progress and lines of log.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::sync::Notify;

/// How many lines of log a run keeps: enough to see why it failed, on one screen.
const MAX_LINES: usize = 50;
/// The longest line, in characters; a program may print a whole table without a line break.
const MAX_LINE_CHARS: usize = 500;

/// Shared by the task, which writes, and the server, which tells.
#[derive(Debug, Default)]
pub(crate) struct Live {
    said: Mutex<Said>,
    /// Somebody may want to hear of the progress.
    pub(crate) changed: Notify,
    /// Somebody has asked to cancel the run; a stop of the process is no such wish.
    unwanted: AtomicBool,
}

/// What was said so far.
#[derive(Debug, Default, Clone)]
pub(crate) struct Said {
    pub(crate) progress: Option<f64>,
    pub(crate) message: Option<String>,
    pub(crate) log: VecDeque<String>,
}

impl Live {
    /// Progress is cut to 0..=1; what is no number leaves it as it was.
    pub(crate) fn progress(&self, fraction: f64, message: Option<String>) {
        let mut said = self.lock();
        if !fraction.is_nan() {
            said.progress = Some(fraction.clamp(0.0, 1.0));
        }
        said.message = message
            .map(|text| shortened(&text))
            .or_else(|| said.message.take());
        drop(said);
        self.changed.notify_one();
    }

    pub(crate) fn log(&self, line: &str) {
        let mut said = self.lock();
        for line in line.lines() {
            if said.log.len() == MAX_LINES {
                said.log.pop_front();
            }
            said.log.push_back(shortened(line));
        }
    }

    /// Notes that somebody has asked to cancel the run.
    pub(crate) fn unwant(&self) {
        self.unwanted.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_unwanted(&self) -> bool {
        self.unwanted.load(Ordering::Relaxed)
    }

    pub(crate) fn said(&self) -> Said {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_LINE_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_talkative_run_keeps_its_last_lines() {
        let live = Live::default();
        for line in 0..1000 {
            live.log(&format!("line {line}\nand {}", "é".repeat(1000)));
        }
        let log = live.said().log;
        assert_eq!(log.len(), MAX_LINES);
        assert_eq!(log[MAX_LINES - 2], "line 999");
        assert_eq!(log[MAX_LINES - 1].chars().count(), MAX_LINE_CHARS + 1);
    }

    #[test]
    fn progress_is_between_nothing_and_all() {
        let live = Live::default();
        live.progress(0.5, Some("folding".to_owned()));
        live.progress(f64::NAN, None);
        assert_eq!(
            (live.said().progress, live.said().message.as_deref()),
            (Some(0.5), Some("folding"))
        );
        live.progress(7.0, None);
        assert_eq!(live.said().progress, Some(1.0));
    }
}
