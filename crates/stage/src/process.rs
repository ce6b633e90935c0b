//! One process: started in a group of its own, watched, ended.

use crate::StageError;
use crate::output::Output;
use crate::program::Program;
use rustix::process::{Pid, Signal, kill_process_group};
use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

/// How many signals may wait for a process: an order to stop, and one to be quick.
pub(crate) const ORDERS: usize = 4;

/// How long the output of a process that has ended is read on: its last lines are in the pipe already.
const LAST_WORDS_WITHIN: Duration = Duration::from_secs(1);

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It left, with this code.
    Code(i32),
    /// It was ended by this signal.
    Signal(i32),
}

impl std::fmt::Display for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit code {code}"),
            Self::Signal(9) => write!(f, "killed, signal 9"),
            Self::Signal(6) => write!(f, "aborted, signal 6"),
            Self::Signal(signal) => write!(f, "signal {signal}"),
        }
    }
}

impl From<ExitStatus> for Ending {
    fn from(status: ExitStatus) -> Self {
        // A status without a code has a signal (POSIX, wait).
        status
            .code()
            .map_or_else(|| Self::Signal(status.signal().unwrap_or(0)), Self::Code)
    }
}

/// A process that has been started and not been waited for.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    group: Pid,
    output: OwnedFd,
}

impl Process {
    /// Starts a program through `launcher`, the `stage` binary, which ties its life to ours (see
    /// [`become_program`]).
    pub(crate) fn spawn(
        program: &Program,
        arguments: &[OsString],
        env: &[(String, String)],
        launcher: &std::path::Path,
    ) -> Result<Self, StageError> {
        for path in [program.executable.as_path(), launcher] {
            if !path.is_file() {
                return Err(StageError::NotBuilt {
                    path: path.to_owned(),
                });
            }
        }
        let start = || -> io::Result<Self> {
            // One pipe for both, so that lines keep their order.
            let (reader, writer) = io::pipe()?;
            let child = Command::new(launcher)
                .arg("exec")
                .arg(std::process::id().to_string())
                .arg(&program.executable)
                .args(arguments)
                .envs(env.iter().map(|(key, value)| (key, value)))
                .stdin(Stdio::null())
                .stdout(writer.try_clone()?)
                .stderr(writer)
                // A Ctrl-C goes to the group of the terminal: the stage alone gets it and ends the programs
                // in order.
                .process_group(0)
                .kill_on_drop(true)
                .spawn()?;
            let group = child
                .id()
                .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?))
                .ok_or(io::ErrorKind::NotFound)?;
            Ok(Self {
                child,
                group,
                output: reader.into(),
            })
        };
        start().map_err(StageError::io(format!("start {}", program.executable.display())))
    }

    pub(crate) fn group(&self) -> Pid {
        self.group
    }

    /// Passes the orders on as signals and the output as lines, until the process has ended.
    pub(crate) async fn watch(mut self, orders: &mut mpsc::Receiver<Signal>, output: &Output) -> Ending {
        let reading = output.read(self.output);
        tokio::pin!(reading);
        let mut reads = true;
        let status = loop {
            tokio::select! {
                status = self.child.wait() => break status,
                // Sent from here only, before the process is waited for: its number cannot be another's yet.
                Some(signal) = orders.recv() => { kill_process_group(self.group, signal).ok(); }
                _ = &mut reading, if reads => reads = false,
            }
        };
        // What it had started itself does not outlive it.
        kill_process_group(self.group, Signal::KILL).ok();
        if reads {
            tokio::time::timeout(LAST_WORDS_WITHIN, reading).await.ok();
        }
        // Waiting for a child of ours fails only if somebody else has waited for it: then it is gone.
        status.map_or(Ending::Code(0), Ending::from)
    }
}

/// Ends a group at once, where nobody can wait any more.
pub(crate) fn kill_group(group: Pid) {
    kill_process_group(group, Signal::KILL).ok();
}

/// Turns this process into a program that is killed when its parent, the stage, ends in whatever way, so
/// that even `kill -9` of the stage leaves no process. Returns only if that failed.
///
/// Linux ties a child to the *thread* that started it; stages run on threads that live as long as they do.
/// Other systems have no such tie.
///
/// # Errors
/// The parent is gone already, or the program cannot be run.
pub fn become_program(parent: u32, program: &OsString, arguments: &[OsString]) -> io::Error {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::set_parent_process_death_signal(Some(Signal::KILL)) {
        return error.into();
    }
    // A parent that ended before the line above will not be told of.
    let now = rustix::process::getppid().and_then(|pid| u32::try_from(pid.as_raw_nonzero().get()).ok());
    if now != Some(parent) {
        return io::Error::other("the stage that started this has ended");
    }
    std::process::Command::new(program).args(arguments).exec()
}
