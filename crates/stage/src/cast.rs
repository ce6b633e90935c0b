//! Which programs make an orchestra, on which ports and with which data.

use crate::StageError;
use crate::nats;
use crate::port::{Reservation, local};
use crate::program::{Program, Readiness};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// The messages: nats-server.
pub const NATS: &str = "nats";
/// The mission database.
pub const SDB: &str = "sdb";
/// The conductor.
pub const CONDUCTOR: &str = "conductor";
/// The source of VHF packets.
pub const MOCK_VHF: &str = "mock-vhf";
/// The pipelines, all providers of the graph in one process.
pub const MOCK_PIPELINE: &str = "mock-pipeline";

/// The port of each program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// Of nats-server.
    pub nats: u16,
    /// Of the SDB.
    pub sdb: u16,
    /// Of the conductor.
    pub conductor: u16,
    /// Of the VHF source.
    pub vhf: u16,
    /// Of the pipelines.
    pub pipeline: u16,
}

impl Default for Ports {
    /// Those of the protocol, section 4.
    fn default() -> Self {
        Self {
            nats: 4222,
            sdb: 5001,
            conductor: 5002,
            vhf: 5003,
            pipeline: 5000,
        }
    }
}

impl Ports {
    /// Free ones, for as long as the reservations are kept.
    ///
    /// # Errors
    /// As [`Reservation::new`].
    pub fn free() -> Result<(Self, Vec<Reservation>), StageError> {
        let held = (0..5)
            .map(|_| Reservation::new())
            .collect::<Result<Vec<_>, _>>()?;
        let ports = Self {
            nats: held[0].port(),
            sdb: held[1].port(),
            conductor: held[2].port(),
            vhf: held[3].port(),
            pipeline: held[4].port(),
        };
        Ok((ports, held))
    }
}

/// The whole orchestra: nats-server, the SDB, the conductor, the VHF source, and the pipelines.
#[derive(Debug, Clone)]
pub struct Cast {
    /// Where our binaries are.
    pub binaries: PathBuf,
    /// The nats-server to run, see [`crate::find_server`].
    pub nats_server: PathBuf,
    /// The product graph.
    pub graph: PathBuf,
    /// Where the data goes.
    pub var: PathBuf,
    /// Where each listens.
    pub ports: Ports,
    /// More arguments of a program, by its name.
    pub args: BTreeMap<String, Vec<OsString>>,
    /// More environment of a program, by its name.
    pub env: BTreeMap<String, Vec<(String, String)>>,
}

impl Cast {
    /// With more arguments for one program.
    #[must_use]
    pub fn with_args<A: Into<OsString>>(mut self, program: &str, args: impl IntoIterator<Item = A>) -> Self {
        let list = self.args.entry(program.to_owned()).or_default();
        list.extend(args.into_iter().map(Into::into));
        self
    }

    /// With a variable in the environment of one program.
    #[must_use]
    pub fn with_env(mut self, program: &str, key: &str, value: &str) -> Self {
        let list = self.env.entry(program.to_owned()).or_default();
        list.push((key.to_owned(), value.to_owned()));
        self
    }

    /// The programs in the order of their start, after the folders and files that they need are there.
    ///
    /// # Errors
    /// [`StageError::Io`] when those cannot be made.
    pub fn programs(&self) -> Result<Vec<Program>, StageError> {
        for name in [NATS, SDB, CONDUCTOR, MOCK_VHF, MOCK_PIPELINE] {
            let folder = self.data(name);
            fs::create_dir_all(&folder)
                .map_err(StageError::io(format!("make the folder {}", folder.display())))?;
        }
        let programs = [
            self.nats()?,
            self.sdb(),
            self.conductor(),
            self.mock_vhf(),
            self.mock_pipeline(),
        ];
        Ok(programs
            .into_iter()
            .map(|program| self.with_extras(program))
            .collect())
    }

    fn nats(&self) -> Result<Program, StageError> {
        let path = self.data(NATS).join("nats.conf");
        let text = nats::configuration(self.ports.nats, &self.data(NATS));
        fs::write(&path, text).map_err(StageError::io(format!("write {}", path.display())))?;
        let program = Program {
            readiness: Readiness::Nats,
            port_flag: Some("--nats-port"),
            ..Program::service(NATS, &self.nats_server, local(self.ports.nats))
        };
        Ok(program.option("--config", path))
    }

    fn sdb(&self) -> Program {
        self.service(SDB, "orchestra-sdb", self.ports.sdb, "--sdb-port")
            .option("--data-dir", self.data(SDB))
    }

    fn conductor(&self) -> Program {
        let vhf = format!("vhf=http://{}", local(self.ports.vhf));
        let pipelines = format!("*=http://{}/{{provider}}", local(self.ports.pipeline));
        self.service(
            CONDUCTOR,
            "orchestra-conductor",
            self.ports.conductor,
            "--conductor-port",
        )
        .option("--graph", &self.graph)
        .option("--ledger", self.data(CONDUCTOR).join("ledger.db"))
        .option("--sdb", self.sdb_url())
        .option("--source", vhf)
        .option("--provider-url", pipelines)
    }

    fn mock_vhf(&self) -> Program {
        self.service(MOCK_VHF, "orchestra-mock-vhf", self.ports.vhf, "--vhf-port")
            .option("--data-dir", self.data(MOCK_VHF))
    }

    fn mock_pipeline(&self) -> Program {
        self.service(
            MOCK_PIPELINE,
            "orchestra-mock-pipeline",
            self.ports.pipeline,
            "--pipeline-port",
        )
        .option("--graph", &self.graph)
        .option("--sdb", self.sdb_url())
        .option("--state-dir", self.data(MOCK_PIPELINE))
    }

    fn service(&self, name: &str, binary: &str, port: u16, flag: &'static str) -> Program {
        let program = Program::service(name, self.binaries.join(binary), local(port));
        Program {
            port_flag: Some(flag),
            ..program
        }
        .option("--nats", format!("nats://{}", local(self.ports.nats)))
    }

    fn with_extras(&self, mut program: Program) -> Program {
        program
            .args
            .extend(self.args.get(&program.name).into_iter().flatten().cloned());
        program
            .env
            .extend(self.env.get(&program.name).into_iter().flatten().cloned());
        program
    }

    fn data(&self, name: &str) -> PathBuf {
        self.var.join(name)
    }

    fn sdb_url(&self) -> String {
        format!("http://{}", local(self.ports.sdb))
    }
}

/// Forgets all data of an orchestra that does not run.
///
/// # Errors
/// [`StageError::Io`] with the path that resisted.
pub fn forget(var: &Path) -> Result<(), StageError> {
    match fs::remove_dir_all(var) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StageError::io(format!("remove {}", var.display()))(error))
        }
        _ => Ok(()),
    }
}
