//! The runs of one provider on disk, so that a restarted process tells the truth about them.
//!
//! One line of JSON per acceptance and per end: the run as it is told to others. A later line of a run
//! replaces an earlier one. The file is written afresh at start and when it has grown. Nothing is synced:
//! after a power cut the SDB's idempotency keys still keep a repeated run from making its product twice.

use api::pipeline::ProcessingRun;
use domain::{ErrorClass, ProcessingError, ProcessingState, ProviderName, RunId};
use jiff::Timestamp;
use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::{BufRead as _, BufReader, BufWriter, Write as _},
    path::{Path, PathBuf},
};

/// How many lines are appended, beyond one per run that is known, before the file is written afresh.
const SLACK_LINES: usize = 10_000;

/// What a line usually takes, in bytes, to write it without growing the buffer.
const LINE_BYTES: usize = 1024;

/// The file of one provider.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    lines: usize,
    /// The last write failed and may have left half a line.
    cut: bool,
}

/// What a journal held when it was opened.
#[derive(Debug)]
pub(crate) struct Recovered {
    /// Every run, oldest first; those that were active are now failed with `restarted`.
    pub(crate) runs: Vec<ProcessingRun>,
    /// Those that were active when the process died.
    pub(crate) interrupted: Vec<ProcessingRun>,
}

/// The stable code of a run that was active when its pipeline died.
pub(crate) const RESTARTED: &str = "restarted";

impl Journal {
    /// Opens `{directory}/{provider}.jsonl`, reads it and writes it afresh.
    pub(crate) fn open(
        directory: &Path,
        provider: &ProviderName,
        now: Timestamp,
    ) -> std::io::Result<(Self, Recovered)> {
        let path = directory.join(format!("{provider}.jsonl"));
        let mut runs = read(&path)?;
        let mut interrupted = Vec::new();
        for run in &mut runs {
            if !run.state.is_ended() {
                run.state = ProcessingState::Failed;
                run.ended_at = Some(now);
                run.error = Some(ProcessingError {
                    class: ErrorClass::Retriable,
                    code: RESTARTED.into(),
                    message: "the pipeline was restarted while the run was active".to_owned(),
                });
                interrupted.push(run.clone());
            }
        }
        let file = rewrite(&path, runs.iter().cloned())?;
        let lines = runs.len();
        Ok((
            Self {
                path,
                file,
                lines,
                cut: false,
            },
            Recovered { runs, interrupted },
        ))
    }

    /// Notes a run as it is now.
    pub(crate) fn write(&mut self, run: &ProcessingRun) -> std::io::Result<()> {
        let mut line = Vec::with_capacity(LINE_BYTES);
        if self.cut {
            line.push(b'\n');
        }
        serde_json::to_writer(&mut line, run)?;
        line.push(b'\n');
        self.lines += 1;
        let written = self.file.write_all(&line);
        self.cut = written.is_err();
        written
    }

    /// Whether the file holds much more than `known` runs need.
    pub(crate) fn has_grown(&self, known: usize) -> bool {
        self.lines > known + SLACK_LINES
    }

    /// Writes the file afresh.
    pub(crate) fn compact(&mut self, runs: impl Iterator<Item = ProcessingRun>) -> std::io::Result<()> {
        let mut lines = 0;
        self.file = rewrite(&self.path, runs.inspect(|_| lines += 1))?;
        self.lines = lines;
        self.cut = false;
        Ok(())
    }
}

/// The last line of each run, in the order of these lines. What is no line of ours is left out and logged: a
/// process that was killed may leave half a line.
fn read(path: &Path) -> std::io::Result<Vec<ProcessingRun>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut latest: HashMap<RunId, (usize, ProcessingRun)> = HashMap::new();
    let mut unreadable = 0;
    for (number, line) in BufReader::new(file).split(b'\n').enumerate() {
        let line = line?;
        match serde_json::from_slice::<ProcessingRun>(&line) {
            Ok(run) => {
                latest.insert(run.run_id.clone(), (number, run));
            }
            Err(_) => unreadable += 1,
        }
    }
    if unreadable > 0 {
        tracing::warn!(path = %path.display(), lines = unreadable, "lines of the journal cannot be read and are left out");
    }
    let mut runs: Vec<_> = latest.into_values().collect();
    runs.sort_unstable_by_key(|(number, _)| *number);
    Ok(runs.into_iter().map(|(_, run)| run).collect())
}

/// Writes all runs beside the file and renames, so that no moment has only half of them.
fn rewrite(path: &Path, runs: impl Iterator<Item = ProcessingRun>) -> std::io::Result<File> {
    let beside = path.with_extension("jsonl.new");
    let file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .open(&beside)?;
    let mut writer = BufWriter::new(file);
    for run in runs {
        serde_json::to_writer(&mut writer, &run)?;
        writer.write_all(b"\n")?;
    }
    let file = writer.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    std::fs::rename(&beside, path)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::Order;
    use api::pipeline::ProcessingRequest;
    use domain::Attempt;

    fn run(run_id: &str, state: ProcessingState) -> ProcessingRun {
        let request = ProcessingRequest::of("QPO_ECL".parse().unwrap(), 42.try_into().unwrap());
        let order = Order::new(request, now(), run_id.parse().unwrap(), Attempt::FIRST);
        ProcessingRun {
            state,
            ..order.accepted(now())
        }
    }

    fn now() -> Timestamp {
        "2026-11-24T04:09:00Z".parse().unwrap()
    }

    fn open(directory: &Path) -> (Journal, Recovered) {
        Journal::open(directory, &"qpo_pipeline".parse().unwrap(), now()).unwrap()
    }

    #[test]
    fn what_was_active_is_failed_after_a_restart_and_the_rest_is_as_it_was() {
        let directory = tempfile::tempdir().unwrap();
        let (mut journal, recovered) = open(directory.path());
        assert!(recovered.runs.is_empty());
        journal.write(&run("a", ProcessingState::Accepted)).unwrap();
        journal.write(&run("b", ProcessingState::Accepted)).unwrap();
        journal.write(&run("a", ProcessingState::Succeeded)).unwrap();
        drop(journal);

        for opening in 1..=2 {
            let (_, recovered) = open(directory.path());
            let told: Vec<_> = recovered
                .runs
                .iter()
                .map(|run| (run.run_id.as_str(), run.state))
                .collect();
            assert_eq!(
                told,
                [("b", ProcessingState::Failed), ("a", ProcessingState::Succeeded)]
            );
            assert_eq!(recovered.runs[0].error.as_ref().unwrap().code, RESTARTED);
            assert_eq!(
                recovered.interrupted.len(),
                usize::from(opening == 1),
                "it is interrupted once"
            );
        }
    }

    #[test]
    fn half_a_line_at_the_end_costs_only_itself() {
        let directory = tempfile::tempdir().unwrap();
        let (mut journal, _) = open(directory.path());
        journal.write(&run("a", ProcessingState::Succeeded)).unwrap();
        journal
            .file
            .write_all(b"{\"run_id\":\"b\",\"state\":\"succ")
            .unwrap();
        drop(journal);
        let (mut journal, recovered) = open(directory.path());
        assert_eq!(recovered.runs.len(), 1);
        journal.write(&run("c", ProcessingState::Succeeded)).unwrap();
        drop(journal);
        assert_eq!(
            open(directory.path()).1.runs.len(),
            2,
            "what follows starts on a line of its own"
        );
    }

    #[test]
    fn a_grown_file_is_written_afresh() {
        let directory = tempfile::tempdir().unwrap();
        let (mut journal, _) = open(directory.path());
        for _ in 0..=SLACK_LINES + 1 {
            journal.write(&run("a", ProcessingState::Succeeded)).unwrap();
        }
        assert!(journal.has_grown(1));
        journal
            .compact([run("a", ProcessingState::Succeeded)].into_iter())
            .unwrap();
        assert!(!journal.has_grown(1));
        journal.write(&run("b", ProcessingState::Succeeded)).unwrap();
        drop(journal);
        assert_eq!(open(directory.path()).1.runs.len(), 2);
    }
}
