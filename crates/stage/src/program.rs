//! One program: what to run, where it listens, how to see that it is ready.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

/// One program of a stage.
#[derive(Debug, Clone)]
pub struct Program {
    /// The name in the log, in `just status` and for `just start`.
    pub name: String,
    /// What to run.
    pub executable: PathBuf,
    /// Its arguments, without those of [`Readiness::Service`].
    pub args: Vec<OsString>,
    /// What it gets on top of the environment of the stage.
    pub env: Vec<(String, String)>,
    /// Where it listens.
    pub listen: SocketAddr,
    /// The flag of the stage that moves its port, named when the port is in use.
    pub port_flag: Option<&'static str>,
    /// How to see that it is ready.
    pub readiness: Readiness,
}

/// How a program shows that it is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// A nats-server: greets each connection with an `INFO` line that says `JetStream` is on.
    Nats,
    /// One of our services: takes `--listen` and `--ready-file`, writes the file, and answers 200 on
    /// `/health/ready`.
    Service,
}

impl Program {
    /// A service of ours without further arguments.
    pub fn service(name: &str, executable: impl Into<PathBuf>, listen: SocketAddr) -> Self {
        Self {
            name: name.to_owned(),
            executable: executable.into(),
            args: Vec::new(),
            env: Vec::new(),
            listen,
            port_flag: None,
            readiness: Readiness::Service,
        }
    }

    /// With one more argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// With a flag and its value.
    #[must_use]
    pub fn option(self, flag: &str, value: impl Into<OsString>) -> Self {
        self.arg(flag).arg(value)
    }

    /// With one more variable in its environment.
    #[must_use]
    pub fn env(mut self, key: &str, value: &str) -> Self {
        self.env.push((key.to_owned(), value.to_owned()));
        self
    }

    /// Where it is reached: `nats://127.0.0.1:4222`, `http://127.0.0.1:5001`.
    pub fn url(&self) -> String {
        match self.readiness {
            Readiness::Nats => format!("nats://{}", self.listen),
            Readiness::Service => format!("http://{}", self.listen),
        }
    }
}
