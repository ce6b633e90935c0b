//! The arguments that every program has.

use std::{
    io::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
};
use tokio::net::TcpListener;

/// What is logged where nobody says otherwise. The client of NATS tells each of its attempts to connect, four a
/// second while there is no server; that there is none, and that it is back, is told once by who holds it.
const DEFAULT_FILTER: &str = "info,async_nats=warn";

/// What to log and how; part of [`ServiceArgs`], alone in programs that do not listen.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Logging")]
pub struct LogArgs {
    /// What to log: `info`, `debug`, `info,conductor=debug` (tracing's filter syntax)
    #[arg(long, env = "ORCHESTRA_LOG", default_value = DEFAULT_FILTER, value_name = "FILTER")]
    pub log: String,
    /// How to write the log to standard error
    #[arg(long, env = "ORCHESTRA_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

/// The form of a line of log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people; in colour on a terminal unless `NO_COLOR` is set.
    Text,
    /// One JSON object per line, for collectors.
    Json,
}

/// The arguments of a service whose default port is `PORT`; flatten it into the program's own.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Service")]
pub struct ServiceArgs<const PORT: u16> {
    /// Where to listen; port 0 takes a free one
    #[arg(long, env = "ORCHESTRA_LISTEN", default_value_t = SocketAddr::from(([127, 0, 0, 1], PORT)), value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Written once the service listens and is ready, as one line of JSON: {"listen":"127.0.0.1:40123"}
    #[arg(long, env = "ORCHESTRA_READY_FILE", value_name = "PATH")]
    pub ready_file: Option<PathBuf>,
    /// The log.
    #[command(flatten)]
    pub log: LogArgs,
}

/// Why a service could not start to listen, or to say that it does.
#[derive(Debug, thiserror::Error)]
pub enum ArgsError {
    /// Somebody else listens there, or the address is not ours.
    #[error("cannot listen on {address}; another address is given with --listen")]
    Bind {
        /// Where it was tried.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The directory is missing, full or not ours.
    #[error("cannot write the ready file {}", path.display())]
    ReadyFile {
        /// The file of `--ready-file`.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl<const PORT: u16> ServiceArgs<PORT> {
    /// Listens on the address of `--listen`.
    ///
    /// # Errors
    /// [`ArgsError::Bind`] with the address and the flag that moves it.
    pub async fn bind(&self) -> Result<TcpListener, ArgsError> {
        let address = self.listen;
        TcpListener::bind(address)
            .await
            .map_err(|source| ArgsError::Bind { address, source })
    }

    /// Logs where the service listens and writes the ready file, whole or not at all.
    ///
    /// # Errors
    /// [`ArgsError::ReadyFile`] if the file cannot be written.
    pub fn tell_ready(&self, address: SocketAddr) -> Result<(), ArgsError> {
        tracing::info!(listen = %address, "ready, listening on http://{address}");
        let Some(path) = &self.ready_file else {
            return Ok(());
        };
        let line = format!("{{\"listen\":\"{address}\"}}\n");
        write_whole(path, line.as_bytes()).map_err(|source| ArgsError::ReadyFile {
            path: path.clone(),
            source,
        })
    }
}

impl<const PORT: u16> AsRef<LogArgs> for ServiceArgs<PORT> {
    fn as_ref(&self) -> &LogArgs {
        &self.log
    }
}

impl AsRef<LogArgs> for LogArgs {
    fn as_ref(&self) -> &LogArgs {
        self
    }
}

/// Writes beside the file and renames, so that a reader never sees half a line.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}", std::process::id()));
    let beside = PathBuf::from(beside);
    let mut file = std::fs::File::create(&beside)?;
    file.write_all(bytes)?;
    std::fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory as _, Parser as _};

    #[derive(Debug, clap::Parser)]
    struct Program {
        #[command(flatten)]
        service: ServiceArgs<5001>,
    }

    #[test]
    fn the_definition_is_sound_and_help_shows_port_and_variable() {
        Program::command().debug_assert();
        let help = Program::command().render_long_help().to_string();
        assert!(
            help.contains("127.0.0.1:5001") && help.contains("ORCHESTRA_LISTEN"),
            "{help}"
        );
    }

    #[tokio::test]
    async fn a_port_in_use_names_the_flag_that_moves_it() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let program = Program::parse_from(["program", "--listen", &address]);
        let error = program.service.bind().await.unwrap_err().to_string();
        assert!(error.contains(&address) && error.contains("--listen"), "{error}");
    }

    #[test]
    fn the_ready_file_is_one_line_of_json() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ready");
        let program = Program::parse_from(["program", "--ready-file", path.to_str().unwrap()]);
        program
            .service
            .tell_ready("127.0.0.1:40123".parse().unwrap())
            .unwrap();
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            "{\"listen\":\"127.0.0.1:40123\"}\n"
        );
        assert_eq!(
            std::fs::read_dir(directory.path()).unwrap().count(),
            1,
            "nothing is left beside it"
        );
    }
}
