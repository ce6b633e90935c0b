//! What the source must not forget: an append-only file of JSON lines, synced before anybody sees them.

use domain::Announcement;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// The file in `--data-dir`.
const FILE: &str = "journal.jsonl";

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum Entry {
    /// The first line: the feed that everything after it belongs to.
    Feed {
        /// A uuid.
        feed: String,
    },
    /// A replay was asked for.
    Replay(ReplayEntry),
    /// A step of a replay was announced.
    Announced(Box<AnnouncedEntry>),
    /// The stream has everything up to `n`. Not synced: what it saves is only a repeat.
    Published {
        /// The last number.
        n: u64,
    },
    /// Somebody stopped a replay.
    Stopped {
        /// Which.
        replay: u64,
        /// When.
        at: Timestamp,
    },
}

/// A replay as it was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReplayEntry {
    /// Its number, from 1.
    pub replay: u64,
    /// Its bursts.
    pub bursts: Vec<String>,
    /// What delays are divided by.
    pub speed: f64,
    /// Between two bursts, in milliseconds.
    pub gap_ms: u64,
    /// When it was asked for.
    pub at: Timestamp,
}

/// One announcement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnnouncedEntry {
    /// Its place in the feed, from 1.
    pub n: u64,
    /// The replay that it is a step of.
    pub replay: u64,
    /// Which of the burst's messages it carries.
    pub message: usize,
    /// The instrument's count of the input; none for a withdrawal.
    pub seq: Option<u64>,
    /// What is published.
    pub announcement: Announcement,
}

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The directory or the file cannot be read or made.
    #[error("the journal {} cannot be opened; another directory is given with --data-dir", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process has it.
    #[error("the journal {} belongs to a running mock-vhf", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// A line that is none of ours.
    #[error("line {line} of the journal {} cannot be read: {what}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// The disk is full, for example.
    #[error("the journal cannot be written")]
    Write(#[source] io::Error),
}

/// The open file; whoever holds it is the only writer.
#[derive(Debug)]
pub struct Journal {
    file: File,
    length: u64,
}

impl Journal {
    /// Opens or makes the journal of a directory and reads what it says. A last line that a crash cut off
    /// was never seen by anybody and is removed.
    ///
    /// # Errors
    /// See [`JournalError`].
    pub fn open(directory: &Path) -> Result<(Self, Vec<Entry>), JournalError> {
        let path = directory.join(FILE);
        let failed = |source| JournalError::Open {
            path: path.clone(),
            source,
        };
        std::fs::create_dir_all(directory).map_err(failed)?;
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        if file.try_lock().is_err() {
            return Err(JournalError::InUse { path });
        }
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(failed)?;
        let whole = text
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |last| last + 1);
        let entries = read(&text[..whole]).map_err(|(line, what)| JournalError::Corrupt {
            path: path.clone(),
            line,
            what,
        })?;
        let mut journal = Self {
            file,
            length: whole as u64,
        };
        journal.cut().map_err(failed)?;
        // A new file is safe only when its directory knows it.
        File::open(directory)
            .and_then(|directory| directory.sync_all())
            .map_err(failed)?;
        Ok((journal, entries))
    }

    /// Appends entries; when this returns well, they survive a power cut.
    ///
    /// # Errors
    /// [`JournalError::Write`]; nothing of them is left in the file.
    pub fn append(&mut self, entries: &[Entry]) -> Result<(), JournalError> {
        self.write(entries, true)
    }

    /// Appends an entry that may be lost.
    ///
    /// # Errors
    /// [`JournalError::Write`].
    pub fn note(&mut self, entry: &Entry) -> Result<(), JournalError> {
        self.write(std::slice::from_ref(entry), false)
    }

    fn write(&mut self, entries: &[Entry], sync: bool) -> Result<(), JournalError> {
        let mut lines = Vec::new();
        for entry in entries {
            serde_json::to_writer(&mut lines, entry).map_err(|error| JournalError::Write(error.into()))?;
            lines.push(b'\n');
        }
        let written = self.file.write_all(&lines);
        let written = if sync {
            written.and_then(|()| self.file.sync_data())
        } else {
            written
        };
        match written {
            Ok(()) => self.length += lines.len() as u64,
            Err(error) => {
                // Half a line must not stand before the next one; if even this fails, the next start cuts it.
                self.cut().ok();
                return Err(JournalError::Write(error));
            }
        }
        Ok(())
    }

    /// Removes what stands after the last whole line.
    fn cut(&mut self) -> io::Result<()> {
        self.file.set_len(self.length)?;
        self.file.seek(SeekFrom::Start(self.length)).map(drop)
    }
}

fn read(text: &[u8]) -> Result<Vec<Entry>, (usize, String)> {
    text.split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .enumerate()
        .map(|(index, line)| serde_json::from_slice(line).map_err(|error| (index + 1, error.to_string())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(n: u64) -> Entry {
        Entry::Published { n }
    }

    #[test]
    fn what_was_appended_is_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let (mut journal, entries) = Journal::open(&directory.path().join("new")).unwrap();
        assert_eq!(entries, []);
        journal.append(&[entry(1), entry(2)]).unwrap();
        journal.note(&entry(3)).unwrap();
        drop(journal);
        let (_, entries) = Journal::open(&directory.path().join("new")).unwrap();
        assert_eq!(entries, [entry(1), entry(2), entry(3)]);
    }

    #[test]
    fn a_line_that_a_crash_cut_off_is_forgotten_and_the_next_one_is_whole() {
        let directory = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(directory.path()).unwrap();
        journal.append(&[entry(1)]).unwrap();
        journal.file.write_all(br#"{"entry":"publ"#).unwrap();
        drop(journal);
        let (mut journal, entries) = Journal::open(directory.path()).unwrap();
        assert_eq!(entries, [entry(1)]);
        journal.append(&[entry(2)]).unwrap();
        drop(journal);
        assert_eq!(Journal::open(directory.path()).unwrap().1, [entry(1), entry(2)]);
    }

    #[test]
    fn a_line_that_is_none_of_ours_is_named() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(
            directory.path().join(FILE),
            "{\"entry\":\"published\",\"n\":1}\nhello\n",
        )
        .unwrap();
        let error = Journal::open(directory.path()).unwrap_err().to_string();
        assert!(
            error.starts_with("line 2 of the journal") && error.contains("expected value"),
            "{error}"
        );
    }

    #[test]
    fn two_processes_do_not_write_one_journal() {
        let directory = tempfile::tempdir().unwrap();
        let _first = Journal::open(directory.path()).unwrap();
        assert!(matches!(
            Journal::open(directory.path()),
            Err(JournalError::InUse { .. })
        ));
    }
}
