//! What the verbs take that change something.

use super::values::{http_url, object, version};
use crate::since::Since;
use api::conductor::Selector;
use domain::{CellState, JsonObject, ObsId, ProductName, ProviderName, ServiceName, Sha256, Version};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// Higher than what a graph gives its alerts.
pub(crate) const BOOST: i32 = 100;

/// `announce`.
#[derive(Debug, clap::Args)]
pub struct Announce {
    /// The input or product: `EclTmVhfAlert`
    pub product: ProductName,
    /// The observation: 42, sb26022501
    pub obs_id: ObsId,
    /// Who says so: the second token of the subject
    #[arg(long, default_value = "vhf", value_name = "NAME")]
    pub source: ServiceName,
    /// The source's number of the datum
    #[arg(long, value_parser = version, value_name = "N")]
    pub version: Option<Version>,
    /// Where the bytes are
    #[arg(long, value_name = "URL")]
    pub href: Option<Url>,
    /// The checksum of the bytes
    #[arg(long, value_name = "HEX")]
    pub sha256: Option<Sha256>,
    /// The burst that the observation follows
    #[arg(long, value_name = "ID")]
    pub burst_id: Option<String>,
    /// Anything else, a JSON object
    #[arg(long, value_parser = object, value_name = "JSON")]
    pub meta: Option<JsonObject>,
    /// Withdraw the version, or all that are known
    #[arg(long, conflicts_with = "absent")]
    pub retracted: bool,
    /// Say that it will not come
    #[arg(long)]
    pub absent: bool,
}

/// `trigger`.
#[derive(Debug, clap::Args)]
pub struct Trigger {
    /// The product: `QPO_ECL`
    pub product: ProductName,
    /// The observation: 42, sb26022501
    pub obs_id: ObsId,
    /// Also if it is done, and also if mandatory inputs are missing
    #[arg(long)]
    pub force: bool,
    /// Parameters for the pipeline, a JSON object
    #[arg(long, value_parser = object, value_name = "JSON")]
    pub params: Option<JsonObject>,
    /// Why, for the audit trail
    #[arg(long, value_name = "TEXT", conflicts_with = "direct")]
    pub note: Option<String>,
    /// Only show how it is and what it waits for
    #[arg(long, conflicts_with = "direct")]
    pub dry_run: bool,
    /// Ask the pipeline itself, also while the conductor is down, which finds out later: at the graph's url, or at
    /// this one
    #[arg(long, value_parser = http_url, value_name = "URL", num_args = 0..=1, conflicts_with = "force")]
    pub direct: Option<Option<Url>>,
}

/// `backfill`.
#[derive(Debug, clap::Args)]
pub struct Backfill {
    /// The product: `QPO_ECL`
    pub product: ProductName,
    /// Of observations that changed since: 30d, 04:00, 2026-11-24 or 2026-11-24T04:00Z; the last 30 days if it is left out
    #[arg(long, value_name = "TIME")]
    pub since: Option<Since>,
    /// Why, for the audit trail
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Only show which observations these are
    #[arg(long)]
    pub dry_run: bool,
}

/// `retry`.
#[derive(Debug, clap::Args)]
pub struct Retry {
    /// Which cells, and why.
    #[command(flatten)]
    pub on: OnCells,
    /// Also if they are done, and also if mandatory inputs are missing
    #[arg(long)]
    pub force: bool,
    /// Other parameters for the pipeline, a JSON object
    #[arg(long, value_parser = object, value_name = "JSON")]
    pub params: Option<JsonObject>,
}

/// `raise`.
#[derive(Debug, clap::Args)]
pub struct Raise {
    /// Which cells, and why.
    #[command(flatten)]
    pub on: OnCells,
    /// Higher first; nothing is lowered
    #[arg(long, default_value_t = BOOST, allow_negative_numbers = true, value_name = "N")]
    pub priority: i32,
}

/// `grace`.
#[derive(Debug, clap::Subcommand)]
pub enum Grace {
    /// Begin now, without the optional inputs that are not there
    End(OnCells),
    /// Wait for the optional inputs for longer
    Extend(Extend),
}

/// `graph`.
#[derive(Debug, clap::Subcommand)]
pub enum Graph {
    /// Print the graph in force, as it was written
    Get,
    /// Put a graph in force, or tell what it would change
    ///
    /// It stays in force over a restart of the conductor, until another is put or the file of its --graph is changed.
    /// Exit code 64: the graph has mistakes, and the one in force stays.
    Put(PutGraph),
}

/// `graph put`.
#[derive(Debug, clap::Args)]
pub struct PutGraph {
    /// The graph, or - for standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Only tell what would change
    #[arg(long)]
    pub dry_run: bool,
    /// Only in the place of the graph with this checksum, so that nobody's change is lost; --dry-run says of which
    #[arg(long, value_name = "CHECKSUM")]
    pub if_match: Option<Sha256>,
    /// Why, for the audit trail
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

/// `grace extend`.
#[derive(Debug, clap::Args)]
pub struct Extend {
    /// Which cells, and why.
    #[command(flatten)]
    pub on: OnCells,
    /// By how long, at most 24h
    #[arg(long, default_value = "5m", value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub by: Duration,
}

/// `acknowledge`.
#[derive(Debug, clap::Args)]
pub struct Acknowledge {
    /// Which cells, and why.
    #[command(flatten)]
    pub on: OnCells,
    /// What failed for this cause, or this alert: as `alerts --json` names it
    #[arg(long, group = "Which", value_name = "FINGERPRINT")]
    pub fingerprint: Option<String>,
    /// For how long, at most 31 days
    #[arg(long = "for", default_value = "8h", value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub lasting: Duration,
}

/// `note`.
#[derive(Debug, clap::Args)]
pub struct Note {
    /// What is worth knowing
    pub text: String,
    /// About what; about what is in all that is given.
    #[command(flatten)]
    pub which: Which,
}

/// What every act on cells takes.
#[derive(Debug, clap::Args)]
pub struct OnCells {
    /// Which cells; all that is given must hold.
    #[command(flatten)]
    pub which: Which,
    /// Cells in this state instead of those that the verb is usually about
    #[arg(long, value_name = "STATE")]
    pub state: Option<CellState>,
    /// Only show which, and what would become of them
    #[arg(long)]
    pub dry_run: bool,
    /// Why, for the audit trail
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

impl OnCells {
    /// The same for the conductor.
    pub fn selector(self) -> Selector {
        Selector {
            obs_id: self.which.obs_id,
            product: self.which.product,
            provider: self.which.provider,
            state: self.state,
            dry_run: self.dry_run,
            note: self.note,
            ..Selector::default()
        }
    }
}

/// At least one: nobody retries everything by saying nothing.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
pub struct Which {
    /// Cells of this observation
    #[arg(long, visible_alias = "obs", value_name = "ID")]
    pub obs_id: Option<ObsId>,
    /// Cells of this product
    #[arg(long, value_name = "NAME")]
    pub product: Option<ProductName>,
    /// Cells that this provider makes
    #[arg(long, value_name = "NAME")]
    pub provider: Option<ProviderName>,
}

/// `pause`, `drain`, `resume`.
#[derive(Debug, clap::Args)]
pub struct Provider {
    /// The provider: `qpo_ecl_pipeline`
    pub name: ProviderName,
    /// Why, for the audit trail and for whoever asks why nothing moves
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}
