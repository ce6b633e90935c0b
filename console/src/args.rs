//! The command line.

mod acts;
mod looks;
mod screen;
mod values;

pub(crate) use acts::BOOST;
pub use acts::{
    Acknowledge, Announce, Backfill, Extend, Grace, Graph, Note, OnCells, Provider, PutGraph, Raise, Retry,
    Trigger, Which,
};
pub use looks::{Check, List, Notes, Product, Report, Runs, Show, Status, Timeline, Watch};
pub use screen::{Colour, Remap, ScreenArgs, Signs};

use clap::{Parser, Subcommand};
use clap_complete::Shell;
use url::Url;
use values::http_url;

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
    /// Have a product made that is new in the graph, in observations that are over
    Backfill(Backfill),
    /// Try failed cells again
    Retry(Retry),
    /// Give cells up: nothing of them starts before they are retried or asked for
    Cancel(OnCells),
    /// Let nothing new of cells start until they are released
    Hold(OnCells),
    /// Let cells go on that are held
    Release(OnCells),
    /// Let cells begin that await approval
    Approve(OnCells),
    /// Let cells, and what must still be made for them, go before others
    Raise(Raise),
    /// Do not wait for optional inputs, or wait for longer
    #[command(subcommand)]
    Grace(Grace),
    /// Say that you have seen why cells failed, or what an alert stands for
    Acknowledge(Acknowledge),
    /// Leave a note about an observation, a product or a provider
    Note(Note),
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
    /// List what calls for a human now
    Alerts,
    /// Print the hand-over of the shift
    Report(Report),
    /// List what operators found worth knowing
    Notes(Notes),
    /// List the providers: how they are, and what waits for them
    Providers,
    /// Send a provider nothing new, until it is resumed
    Pause(Provider),
    /// The same, to stop or replace it once what it has is over
    Drain(Provider),
    /// Let a provider go on that is paused or drained
    Resume(Provider),
    /// Put another graph in force, or print the one that is
    #[command(subcommand)]
    Graph(Graph),
    /// Draw a product, or write it to a file
    Product(Product),
    /// Show which services are alive, and how they are
    Status(Status),
    /// Say in a line whether the orchestra is well, for Nagios and its kin
    ///
    /// Exit codes: 0 OK, 1 WARNING, 2 CRITICAL.
    Check(Check),
    /// Print what the keys of the screen do
    Keys(Remap),
    /// Print the completions of a shell
    ///
    /// For this session of bash: `source <(orchestra-console completions bash)`.
    Completions {
        /// Which shell
        shell: Shell,
    },
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
        assert!(wrong("runs --since yesterday").contains("is no time: write 2h, 04:00"));
        assert!(wrong("list --limit 0").contains("1..=1000"));
        for url in ["127.0.0.1:5002", "localhost:5002", "ftp://h/", "here"] {
            let line = format!("list --conductor {url}");
            let said = wrong(&line);
            assert!(said.contains("such as http://127.0.0.1:5002"), "{said}");
        }
    }
}
