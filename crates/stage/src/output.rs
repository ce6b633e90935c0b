//! The output of a program: cut into lines, kept, remembered, shown.

use crate::log_file::LogFile;
use crate::screen::Screen;
use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe;

/// How many of the last lines are shown when a program dies.
const RECENT_LINES: usize = 20;

/// Where a line without an end is cut, in bytes: a page of text, and far beyond any log line.
const MAX_LINE_BYTES: usize = 16 * 1024;

/// What one program has said, over all its restarts.
#[derive(Debug)]
pub(crate) struct Output {
    index: usize,
    name: String,
    screen: Option<Screen>,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    log: LogFile,
    recent: VecDeque<String>,
}

impl Output {
    /// Output that goes to `folder/NAME.log` and to the screen, where `index` chooses the colour.
    pub(crate) fn open(index: usize, name: &str, folder: &Path, screen: Option<Screen>) -> io::Result<Self> {
        let log = LogFile::open(&folder.join(format!("{name}.log")))?;
        Ok(Self {
            index,
            name: name.to_owned(),
            screen,
            kept: Mutex::new(Kept {
                log,
                recent: VecDeque::with_capacity(RECENT_LINES),
            }),
        })
    }

    /// Takes one line.
    pub(crate) fn line(&self, text: &str) {
        {
            let mut kept = self.kept();
            // A full disk takes the log and not the orchestra; the services tell of it themselves.
            kept.log.write_line(text).ok();
            if kept.recent.len() == RECENT_LINES {
                kept.recent.pop_front();
            }
            kept.recent.push_back(text.to_owned());
        }
        if let Some(screen) = &self.screen {
            screen.program_line(self.index, &self.name, text);
        }
    }

    /// The last lines, indented, for a message.
    pub(crate) fn last_lines(&self) -> String {
        let kept = self.kept();
        if kept.recent.is_empty() {
            return "    (it said nothing)".to_owned();
        }
        let lines: Vec<String> = kept.recent.iter().map(|line| format!("    {line}")).collect();
        lines.join("\n")
    }

    /// Reads a pipe to its end, or until every writer is gone.
    pub(crate) async fn read(&self, pipe: OwnedFd) -> io::Result<()> {
        let mut pipe = pipe::Receiver::from_owned_fd(pipe)?;
        let mut buffer = Vec::with_capacity(MAX_LINE_BYTES);
        loop {
            let read = pipe.read_buf(&mut buffer).await?;
            self.take_lines(&mut buffer, read == 0);
            if read == 0 {
                return Ok(());
            }
        }
    }

    fn take_lines(&self, buffer: &mut Vec<u8>, at_end: bool) {
        let mut start = 0;
        while let Some(length) = buffer[start..].iter().position(|byte| *byte == b'\n') {
            self.line(&readable(&buffer[start..start + length]));
            start += length + 1;
        }
        buffer.drain(..start);
        if buffer.len() >= MAX_LINE_BYTES || (at_end && !buffer.is_empty()) {
            self.line(&readable(buffer));
            buffer.clear();
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Nothing that panics is done under this lock, and half a log is better than none.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn readable(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim_end_matches('\r').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(chunks: &[&[u8]]) -> (Vec<String>, String) {
        let folder = tempfile::tempdir().unwrap();
        let output = Output::open(0, "x", folder.path(), None).unwrap();
        let mut buffer = Vec::new();
        for chunk in chunks {
            buffer.extend_from_slice(chunk);
            output.take_lines(&mut buffer, false);
        }
        output.take_lines(&mut buffer, true);
        let recent = output.kept().recent.iter().cloned().collect();
        (
            recent,
            std::fs::read_to_string(folder.path().join("x.log")).unwrap(),
        )
    }

    #[test]
    fn lines_are_whole_however_the_pipe_cuts_them() {
        let (recent, log) = said(&[b"on", b"e\r\ntwo\nthr", b"ee"]);
        assert_eq!(recent, ["one", "two", "three"]);
        assert_eq!(log, "one\ntwo\nthree\n");
    }

    #[test]
    fn a_line_without_end_is_cut_and_nonsense_is_readable() {
        let (recent, _) = said(&[&[b'x'; MAX_LINE_BYTES], b"\xff\n"]);
        assert_eq!(
            (recent[0].len(), recent[1].as_str()),
            (MAX_LINE_BYTES, "\u{fffd}")
        );
    }

    #[test]
    fn only_the_last_lines_are_remembered() {
        let many: Vec<u8> = (0..100).flat_map(|n| format!("{n}\n").into_bytes()).collect();
        let (recent, log) = said(&[&many]);
        assert_eq!((recent.len(), recent[0].as_str()), (RECENT_LINES, "80"));
        assert_eq!(log.lines().count(), 100);
    }
}
