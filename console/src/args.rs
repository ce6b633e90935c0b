//! The command line.

mod screen;

pub use screen::{Colour, Remap, ScreenArgs, Signs};

use clap::{Parser, Subcommand};
use domain::{
    CellState, JsonObject, ObsId, ProductName, ProviderName, RunId, RunState, ServiceName, Sha256, Version,
};
use jiff::Timestamp;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// Opens the operator's screen, or does one thing: announces, triggers, retries, shows, watches.
#[derive(Debug, Parser)]
#[command(name = "orchestra-console", version)]
pub struct Args {
    /// What to do; without it the screen opens.
    #[command(subcommand)]
    pub verb: Option<Verb>,
    /// How the screen looks and behaves.
    #[command(flatten)]
    pub screen: ScreenArgs,
    /// Where things are, and who asks.
    #[command(flatten)]
    pub with: With,
}

/// What every verb takes.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Orchestra")]
pub struct With {
    /// The conductor
    #[arg(
        long,
        global = true,
        env = "ORCHESTRA_CONDUCTOR",
        default_value = "http://127.0.0.1:5002",
        value_parser = http_url,
        value_name = "URL"
    )]
    pub conductor: Url,
    /// The mission database: versions and bytes of products
    #[arg(
        long,
        global = true,
        env = "ORCHESTRA_SDB",
        default_value = "http://127.0.0.1:5001",
        value_parser = http_url,
        value_name = "URL"
    )]
    pub sdb: Url,
    /// The NATS servers, separated by commas
    #[arg(
        long,
        global = true,
        env = "ORCHESTRA_NATS",
        default_value = "nats://127.0.0.1:4222",
        value_name = "URL,.."
    )]
    pub nats: String,
    /// Who acts, for the audit trail; the login if it is left out
    #[arg(long, global = true, env = "ORCHESTRA_OPERATOR", value_name = "NAME")]
    pub operator: Option<String>,
    /// Print JSON, as the services say it
    #[arg(long, global = true)]
    pub json: bool,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Say on data.SOURCE that new data is available
    ///
    /// The same as a plain publish on data.SOURCE, and it waits until the stream has it.
    Announce(Box<Announce>),
    /// Ask the conductor for a product by hand
    Trigger(Trigger),
    /// Try failed cells again
    Retry(Retry),
    /// Show the cells of an observation, or one cell with its runs and why it is as it is
    Show(Show),
    /// Show where the time of an observation went: from the first packet to each product
    Timeline(Timeline),
    /// List observations
    List(List),
    /// Print a line for each change, until interrupted
    Watch(Watch),
    /// List runs, or show one
    Runs(Runs),
    /// List the providers: how they are, and what waits for them
    Providers,
    /// Send a provider nothing new, until it is resumed
    Pause(Provider),
    /// The same, to stop or replace it once what it has is over
    Drain(Provider),
    /// Let a provider go on that is paused or drained
    Resume(Provider),
    /// Draw a product, or write it to a file
    Product(Product),
    /// Show which services are alive, and how they are
    Status(Status),
    /// Print what the keys of the screen do
    Keys(Remap),
}

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
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

/// `retry`.
#[derive(Debug, clap::Args)]
pub struct Retry {
    /// Which cells; all that is given must hold.
    #[command(flatten)]
    pub which: Which,
    /// Cells in this state instead of failed
    #[arg(long, value_name = "STATE")]
    pub state: Option<CellState>,
    /// Only show which
    #[arg(long)]
    pub dry_run: bool,
    /// Also if they are done, and also if mandatory inputs are missing
    #[arg(long)]
    pub force: bool,
    /// Other parameters for the pipeline, a JSON object
    #[arg(long, value_parser = object, value_name = "JSON")]
    pub params: Option<JsonObject>,
    /// Why, for the audit trail
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

/// At least one: nobody retries everything by saying nothing.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
pub struct Which {
    /// Cells of this observation
    #[arg(long, value_name = "ID")]
    pub obs_id: Option<ObsId>,
    /// Cells of this product
    #[arg(long, value_name = "NAME")]
    pub product: Option<ProductName>,
    /// Cells that this provider makes
    #[arg(long, value_name = "NAME")]
    pub provider: Option<ProviderName>,
}

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
    /// That changed since: 2h, or 2026-11-24T04:00:00Z
    #[arg(long, value_parser = since, value_name = "TIME")]
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
    /// Decided since: 2h, or 2026-11-24T04:00:00Z
    #[arg(long, value_parser = since, value_name = "TIME")]
    pub since: Option<Since>,
    /// How many at most, the newest
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000), value_name = "N")]
    pub limit: u32,
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

/// What is done to a provider.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Steer {
    /// It is sent nothing new.
    Pause,
    /// It is sent nothing new, and somebody waits for what it has.
    Drain,
    /// It goes on.
    Resume,
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

/// A time, or so long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// So long ago.
    Ago(Duration),
    /// At this time.
    At(Timestamp),
}

impl Since {
    /// The time, as of now.
    pub fn at(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(ago) => jiff::SignedDuration::try_from(ago)
                .ok()
                .and_then(|ago| now.checked_sub(ago).ok())
                .unwrap_or(Timestamp::MIN),
        }
    }
}

fn since(text: &str) -> Result<Since, String> {
    if let Ok(ago) = humantime::parse_duration(text) {
        return Ok(Since::Ago(ago));
    }
    text.parse()
        .map(Since::At)
        .map_err(|_| "neither a duration (2h) nor a time (2026-11-24T04:00:00Z)".to_owned())
}

fn http_url(text: &str) -> Result<Url, String> {
    let url: Option<Url> = text.parse().ok();
    url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| "not the URL of a service, such as http://127.0.0.1:5002".to_owned())
}

fn version(text: &str) -> Result<Version, String> {
    text.parse()
        .map(Version)
        .map_err(|_| "not a whole number".to_owned())
}

fn object(text: &str) -> Result<JsonObject, String> {
    serde_json::from_str(text).map_err(|error| format!("not a JSON object: {error}"))
}

fn run_state(text: &str) -> Result<RunState, String> {
    serde_json::from_value(text.into()).map_err(|_| {
        "a run is queued, requested, running, retrying, succeeded, failed, cancelled or superseded".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    fn parse(line: &str) -> Result<Args, clap::Error> {
        Args::try_parse_from(std::iter::once("orchestra-console").chain(line.split(' ')))
    }

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn the_orchestra_is_named_before_or_after_the_verb() {
        for line in [
            "--conductor http://h:1 list --json",
            "list --json --conductor http://h:1",
        ] {
            let args = parse(line).unwrap();
            assert!(args.with.json && args.with.conductor.as_str() == "http://h:1/");
        }
    }

    #[test]
    fn what_is_wrong_is_said_by_the_parser() {
        let wrong = |line: &str| parse(line).unwrap_err().to_string();
        assert!(wrong("retry --dry-run").contains("--obs-id"));
        assert!(wrong("announce Ecl.Alert 42").contains("not allowed in a name"));
        assert!(wrong("announce EclTmVhfAlert ../../etc").contains("not allowed in an obs_id"));
        assert!(wrong("trigger QPO_ECL 42 --params [1]").contains("not a JSON object"));
        assert!(wrong("list --state broken").contains("no state of a cell"));
        assert!(wrong("runs --since yesterday").contains("neither a duration"));
        assert!(wrong("list --limit 0").contains("1..=1000"));
        for url in ["127.0.0.1:5002", "localhost:5002", "ftp://h/", "here"] {
            let line = format!("list --conductor {url}");
            let said = wrong(&line);
            assert!(said.contains("such as http://127.0.0.1:5002"), "{said}");
        }
    }

    #[test]
    fn a_time_is_given_or_so_long_ago() {
        let now: Timestamp = "2026-11-24T04:00:00Z".parse().unwrap();
        let earlier: Timestamp = "2026-11-24T02:00:00Z".parse().unwrap();
        assert_eq!(since("2h").unwrap().at(now), earlier);
        assert_eq!(since("2026-11-24T02:00:00Z").unwrap().at(now), earlier);
    }
}
