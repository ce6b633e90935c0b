//! What the verbs take that only look.

use super::values::{run_state, version};
use crate::since::Since;
use domain::{CellState, ObsId, ProductName, ProviderName, RunId, RunState, Version};
use std::path::PathBuf;
use std::time::Duration;

/// `show`.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The observation: 42, sb26022501
    pub obs_id: ObsId,
    /// One product of it
    pub product: Option<ProductName>,
    /// Also the cells that are not expected
    #[arg(long)]
    pub all: bool,
}

/// `timeline`.
#[derive(Debug, clap::Args)]
pub struct Timeline {
    /// The observation: 42, sb26022501
    pub obs_id: ObsId,
    /// One product of it, segment by segment
    pub product: Option<ProductName>,
}

/// `list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// With a cell in this state
    #[arg(long, value_name = "STATE")]
    pub state: Option<CellState>,
    /// With a cell of this product
    #[arg(long, value_name = "NAME")]
    pub product: Option<ProductName>,
    /// Whose id contains this text
    #[arg(long, value_name = "TEXT")]
    pub q: Option<String>,
    /// That changed since: 2h, 04:00, 2026-11-24 or 2026-11-24T04:00Z
    #[arg(long, value_name = "TIME")]
    pub since: Option<Since>,
    /// How many at most
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000), value_name = "N")]
    pub limit: u32,
}

/// `watch`.
#[derive(Debug, clap::Args)]
pub struct Watch {
    /// Only this observation
    pub obs_id: Option<ObsId>,
}

/// `runs`.
#[derive(Debug, clap::Args)]
pub struct Runs {
    /// One run, whole
    pub run_id: Option<RunId>,
    /// In this state
    #[arg(long, value_parser = run_state, value_name = "STATE")]
    pub state: Option<RunState>,
    /// Of this provider
    #[arg(long, value_name = "NAME")]
    pub provider: Option<ProviderName>,
    /// Decided since: 2h, 04:00, 2026-11-24 or 2026-11-24T04:00Z
    #[arg(long, value_name = "TIME")]
    pub since: Option<Since>,
    /// How many at most, the newest
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000), value_name = "N")]
    pub limit: u32,
}

/// `product`.
#[derive(Debug, clap::Args)]
pub struct Product {
    /// The observation: 42, sb26022501
    pub obs_id: ObsId,
    /// The product: `QPO_ECL`
    pub product: ProductName,
    /// Which version; the latest that was not withdrawn if it is left out
    #[arg(long, value_parser = version, value_name = "N")]
    pub version: Option<Version>,
    /// Write the bytes to a file instead, or to standard output if it is -
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Draw it all the same
    #[arg(long)]
    pub view: bool,
}

/// `status`.
#[derive(Debug, clap::Args)]
pub struct Status {
    /// How long to listen to services that did not speak lately; they do every 5 s
    #[arg(long, default_value = "5500ms", value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub wait: Duration,
}

/// `report`.
#[derive(Debug, clap::Args)]
pub struct Report {
    /// Since when: 8h, 04:00, 2026-11-24 or 2026-11-24T04:00Z; the last 8 hours if it is left out
    #[arg(long, value_name = "TIME")]
    pub since: Option<Since>,
    /// As Markdown, which is what is printed without `--json` anyway
    #[arg(long)]
    pub markdown: bool,
}

/// `notes`.
#[derive(Debug, clap::Args)]
pub struct Notes {
    /// About this observation
    #[arg(long, visible_alias = "obs", value_name = "ID")]
    pub obs_id: Option<ObsId>,
    /// About this product
    #[arg(long, value_name = "NAME")]
    pub product: Option<ProductName>,
    /// About this provider
    #[arg(long, value_name = "NAME")]
    pub provider: Option<ProviderName>,
}

/// `check`.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// How long to listen to services that did not speak lately; they do every 5 s
    #[arg(long, default_value = "5500ms", value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub wait: Duration,
    /// More failed cells that nobody has acknowledged are a warning
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub warn_failed: u64,
    /// More of them are critical
    #[arg(long, default_value_t = 9, value_name = "N")]
    pub crit_failed: u64,
    /// More overdue products are a warning
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub warn_overdue: u64,
    /// More of them are critical
    #[arg(long, default_value_t = 4, value_name = "N")]
    pub crit_overdue: u64,
    /// More providers that are not reached are a warning
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub warn_lost: u64,
    /// More of them are critical
    #[arg(long, default_value_t = 2, value_name = "N")]
    pub crit_lost: u64,
}
