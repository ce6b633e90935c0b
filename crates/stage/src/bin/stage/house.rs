//! Where things are in this checkout.

use anyhow::Context as _;
use clap::Args;
use std::path::{Path, PathBuf};

/// Where things are; the recipes need none of these.
#[derive(Debug, Clone, Args)]
pub(crate) struct HouseArgs {
    /// The checkout
    #[arg(long, env = "ORCHESTRA_ROOT", default_value = ".", global = true)]
    root: PathBuf,
    /// The folder of all data and logs, in the checkout unless it is absolute
    #[arg(long, env = "ORCHESTRA_VAR", default_value = "var", global = true)]
    var: PathBuf,
    /// The folder of our binaries; by default that of this program
    #[arg(long, env = "ORCHESTRA_BINARIES", global = true)]
    binaries: Option<PathBuf>,
    /// The nats-server to run, 2.11 or later; by default that of the PATH or of .tools/
    #[arg(long, env = "ORCHESTRA_NATS_SERVER", global = true)]
    nats_server: Option<PathBuf>,
    /// The product graph
    #[arg(long, env = "ORCHESTRA_GRAPH", default_value = "graph.json", global = true)]
    graph: PathBuf,
}

/// The checkout, entered: its root is the working folder.
#[derive(Debug, Clone)]
pub(crate) struct House {
    pub(crate) var: PathBuf,
    pub(crate) graph: PathBuf,
    pub(crate) binaries: PathBuf,
    pub(crate) launcher: PathBuf,
    nats_server: Option<PathBuf>,
}

impl HouseArgs {
    /// Makes the root the working folder, so that all paths below it are short: the control socket's must fit
    /// into 108 bytes wherever the checkout is.
    pub(crate) fn enter(self) -> anyhow::Result<House> {
        let absolute = |path: PathBuf| std::path::absolute(&path).with_context(|| path.display().to_string());
        let launcher = std::env::current_exe().context("this program has no path")?;
        let beside = launcher.parent().map_or_else(PathBuf::new, Path::to_owned);
        let binaries = self.binaries.map(absolute).transpose()?.unwrap_or(beside);
        let nats_server = self.nats_server.map(absolute).transpose()?;
        std::env::set_current_dir(&self.root)
            .with_context(|| format!("cannot go to {}", self.root.display()))?;
        Ok(House {
            var: self.var,
            graph: self.graph,
            binaries,
            launcher,
            nats_server,
        })
    }
}

impl House {
    /// The same checkout with its data elsewhere.
    pub(crate) fn with_var(&self, var: PathBuf) -> Self {
        Self { var, ..self.clone() }
    }

    /// The usual orchestra of this checkout.
    pub(crate) fn cast(&self, ports: stage::Ports) -> Result<stage::Cast, stage::StageError> {
        Ok(stage::Cast {
            binaries: self.binaries.clone(),
            nats_server: stage::find_server(self.nats_server.as_deref(), Path::new("."))?,
            graph: self.graph.clone(),
            var: self.var.clone(),
            ports,
            args: std::collections::BTreeMap::new(),
            env: std::collections::BTreeMap::new(),
        })
    }

    /// Where the running stage is spoken to.
    pub(crate) fn socket(&self) -> PathBuf {
        self.var.join("stage.sock")
    }

    /// What one stage at a time holds.
    pub(crate) fn lock(&self) -> PathBuf {
        self.var.join("stage.lock")
    }

    /// The data of the demo, all of which each demo begins by forgetting.
    pub(crate) fn demo_var(&self) -> PathBuf {
        self.var.join("demo")
    }

    /// What one demo at a time holds.
    pub(crate) fn demo_lock(&self) -> PathBuf {
        self.var.join("demo.lock")
    }
}
