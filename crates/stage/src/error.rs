//! Why a program could not be started.

use crate::process::Ending;
use std::path::PathBuf;
use std::time::Duration;

/// Why a stage could not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// Something else listens where a program wants to.
    #[error("port {port} is in use, so {program} cannot listen there{}", moved_by(.program, *.flag))]
    PortInUse {
        /// The port.
        port: u16,
        /// The program that wants it.
        program: String,
        /// The flag that gives the program another one.
        flag: Option<&'static str>,
    },
    /// A binary is not where it should be.
    #[error("{} is missing; `cargo build --workspace --bins` makes the programs of the orchestra", .path.display())]
    NotBuilt {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// No nats-server that would do.
    #[error("{0}")]
    NoNatsServer(String),
    /// A program ended when it should have become ready.
    #[error("{program} died before it was ready ({ending}); its last lines:\n{last_lines}")]
    DiedEarly {
        /// The program.
        program: String,
        /// How it ended.
        ending: Ending,
        /// The end of its log, indented.
        last_lines: String,
    },
    /// A program runs and does not become ready.
    #[error(
        "{program} was not ready within {}: {reason}; its last lines:\n{last_lines}",
        humantime::format_duration(*.within)
    )]
    NotReady {
        /// The program.
        program: String,
        /// How long it had.
        within: Duration,
        /// What it still lacked.
        reason: String,
        /// The end of its log, indented.
        last_lines: String,
    },
    /// It is there already.
    #[error("{program} already runs (pid {pid})")]
    AlreadyRuns {
        /// The program.
        program: String,
        /// Its process.
        pid: u32,
    },
    /// Nobody has that name.
    #[error("there is no {name:?} on this stage; there are {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// The stage is on its way out.
    #[error("the orchestra is being stopped")]
    Stopping,
    /// The operating system said no.
    #[error("cannot {action}")]
    Io {
        /// What was tried, with its path.
        action: String,
        /// What it answered.
        source: std::io::Error,
    },
}

impl StageError {
    pub(crate) fn io(action: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let action = action.into();
        move |source| Self::Io { action, source }
    }
}

fn moved_by(program: &str, flag: Option<&str>) -> String {
    flag.map_or_else(String::new, |flag| {
        format!("; stop what uses it, or move {program} with `{flag} PORT`")
    })
}
