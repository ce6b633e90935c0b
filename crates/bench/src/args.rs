//! The command line.

use clap::{Parser, Subcommand, ValueEnum};
use service_kit::{LogArgs, LogFormat};
use std::path::PathBuf;
use url::Url;

/// Measures the budgets of the orchestra over real processes.
#[derive(Debug, Parser)]
#[command(name = "orchestra-bench", version, about)]
pub(crate) struct Args {
    /// Measure only these sections
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SECTION")]
    pub(crate) only: Vec<Section>,

    /// Small numbers: shows that everything works, measures nothing worth keeping
    #[arg(long)]
    pub(crate) quick: bool,

    /// Write the figures into this Markdown file, between its two markers, or make one
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,

    /// Where the programs are [default: beside this one]
    #[arg(long, value_name = "DIR")]
    pub(crate) binaries: Option<PathBuf>,

    /// The nats-server to use [default: the one on the PATH, else that of .tools/]
    #[arg(long, value_name = "PATH")]
    pub(crate) nats_server: Option<PathBuf>,

    /// Where the data of each section goes until it ends; a disk, not a file system in memory
    #[arg(long, value_name = "DIR", default_value = "target")]
    pub(crate) scratch: PathBuf,

    /// The graph of the section `footprint`
    #[arg(long, value_name = "FILE", default_value = "graph.json")]
    pub(crate) graph: PathBuf,

    /// How many observations at once in the section `work`, one series after the other
    #[arg(long, value_delimiter = ',', value_name = "N", default_values_t = [1, 20, 100, 1000])]
    pub(crate) observations: Vec<usize>,

    /// How often each series of the section `work` runs; the median counts
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) repeat: usize,

    /// How large the ledger of the section `ledger` becomes, in observations
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    pub(crate) ledger: usize,

    /// What this program itself logs; the others log into the scratch folder
    #[arg(long, default_value = "warn", value_name = "FILTER")]
    pub(crate) log: String,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What this program does for itself.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The floor, a process of its own as the conductor is: subscribes, and POSTs each message it hears
    #[command(hide = true)]
    Floor(FloorArgs),
}

/// The arguments of the floor.
#[derive(Debug, clap::Args)]
pub(crate) struct FloorArgs {
    /// The server to listen to
    #[arg(long)]
    pub(crate) nats: String,
    /// Where to POST
    #[arg(long)]
    pub(crate) sink: Url,
}

/// A group of figures that are measured on one stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Section {
    /// The floor
    Floor,
    /// The decider alone
    Core,
    /// From an arrival, or a product, to the next POST
    Latency,
    /// The peers' work
    Work,
    /// The SDB
    Sdb,
    /// Memory, CPU and start of each service
    Footprint,
    /// The start on a large ledger
    Ledger,
}

impl Section {
    /// What is measured, for the heading.
    pub(crate) fn about(self) -> &'static str {
        match self {
            Self::Floor => "a bare publish -> subscribe -> HTTP POST over the same nats-server",
            Self::Core => "the decider alone, playing the peers' graph",
            Self::Latency => "from an arrival, and from an import, to the next POST",
            Self::Work => "30 products that cost nothing, in 5 levels, per observation",
            Self::Sdb => "durable imports, exports, and one large product",
            Self::Footprint => "start, memory and CPU of each service, idle and after 50 bursts",
            Self::Ledger => "the start of a conductor whose ledger is large",
        }
    }
}

impl std::fmt::Display for Section {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = self
            .to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned());
        f.pad(&name)
    }
}

impl Args {
    /// The sections to measure, always in the same order: the floor comes first, others refer to it.
    pub(crate) fn sections(&self) -> Vec<Section> {
        let all = Section::value_variants().iter().copied();
        all.filter(|section| self.only.is_empty() || self.only.contains(section))
            .collect()
    }

    /// How to log.
    pub(crate) fn log(&self) -> LogArgs {
        LogArgs {
            log: self.log.clone(),
            log_format: LogFormat::Text,
        }
    }

    /// A number, or a tenth of it and at least one where all is to be quick.
    pub(crate) fn scaled(&self, number: usize) -> usize {
        if self.quick { (number / 10).max(1) } else { number }
    }
}
