//! The command line.

use crate::canary::Pace;
use crate::listen::feed::From;
use crate::targets::{ProviderUrl, SourceUrl, http_url};
use clap::{Parser, ValueEnum};
use service_kit::ServiceArgs;
use std::path::PathBuf;
use url::Url;

/// Decides what can be made now and by whom, sends the requests, and sees each run to its end.
#[derive(Debug, Parser)]
#[command(name = "orchestra-conductor", version)]
pub struct Args {
    /// What every service has.
    #[command(flatten)]
    pub service: ServiceArgs<5002>,
    /// The NATS servers; without one nothing new is heard, and all is caught up with when it is back
    #[arg(
        long,
        env = "ORCHESTRA_NATS",
        value_delimiter = ',',
        default_value = "nats://127.0.0.1:4222",
        value_name = "URL"
    )]
    pub nats: Vec<String>,
    /// What is made of what, and by whom
    #[arg(
        long,
        env = "ORCHESTRA_GRAPH",
        default_value = "graph.json",
        value_name = "FILE"
    )]
    pub graph: PathBuf,
    /// Where it is remembered what was done: a file, made if it is not there
    #[arg(
        long,
        env = "ORCHESTRA_LEDGER",
        default_value = "var/conductor/ledger.db",
        value_name = "FILE"
    )]
    pub ledger: PathBuf,
    /// The mission database
    #[arg(long, env = "ORCHESTRA_SDB", default_value = "http://127.0.0.1:5001", value_parser = http_url, value_name = "URL")]
    pub sdb: Url,
    /// A further source with a feed at URL/events, read when the stream missed something: vhf=http://127.0.0.1:5003
    #[arg(
        long = "source",
        env = "ORCHESTRA_SOURCE",
        value_delimiter = ',',
        value_name = "NAME=URL"
    )]
    pub sources: Vec<SourceUrl>,
    /// Where a provider is, in place of the graph's url: NAME=URL, or *=URL for all others, with {provider} in it
    #[arg(
        long = "provider-url",
        env = "ORCHESTRA_PROVIDER_URL",
        value_delimiter = ',',
        value_name = "NAME=URL"
    )]
    pub provider_urls: Vec<ProviderUrl>,
    /// Where a new ledger begins to read the feeds
    #[arg(long, env = "ORCHESTRA_FROM", value_enum, default_value_t = From::Head)]
    pub from: From,
    /// How often the canary goes round, to see that the whole loop works, or off: it is announced on NATS, made by a
    /// pipeline in the conductor, and imported into the SDB; while it does not come back, the service is degraded
    #[arg(long, env = "ORCHESTRA_CANARY", default_value = "1m", value_name = "DURATION")]
    pub canary: Pace,
    /// Whom to tell of alerts: each is POSTed there as JSON, again until it is taken
    #[arg(long, env = "ORCHESTRA_NOTIFY_WEBHOOK", value_parser = http_url, value_name = "URL")]
    pub notify_webhook: Option<Url>,
    /// What to run for each alert, in a shell: it gets it as JSON on its standard input, and in variables
    #[arg(long, env = "ORCHESTRA_NOTIFY_COMMAND", value_name = "CMD")]
    pub notify_command: Option<String>,
    /// Only read this graph, report all its mistakes, and leave: 0 if there are none, 64 if there are
    #[arg(long, value_name = "FILE", help_heading = "Graphs")]
    pub check: Option<PathBuf>,
    /// With --check: print the graph as a drawing instead of its summary
    #[arg(long, value_enum, requires = "check", help_heading = "Graphs")]
    pub draw: Option<Drawing>,
}

/// The languages in which a graph is drawn.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Drawing {
    /// Graphviz: `| dot -Tsvg`
    Dot,
    /// Mermaid, as Markdown viewers show it
    Mermaid,
}

#[cfg(test)]
mod tests {
    use super::Args;
    use clap::{CommandFactory as _, Parser as _};

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn overrides_and_sources_may_be_many() {
        let args = Args::parse_from([
            "orchestra-conductor",
            "--provider-url",
            "*=http://127.0.0.1:5000/{provider}",
            "--provider-url",
            "q=http://here:1/x,r=http://there:2/y",
            "--source",
            "vhf=http://127.0.0.1:5003",
        ]);
        assert_eq!((args.provider_urls.len(), args.sources.len()), (3, 1));
    }
}
