//! The command line.

use service_kit::{LogArgs, ServiceArgs};
use std::path::PathBuf;
use url::Url;

/// Replays real bursts as VHF packets.
///
/// Without a verb it serves: packets over HTTP, announcements on data.vhf.
#[derive(Debug, clap::Parser)]
#[command(name = "orchestra-mock-vhf", version, args_conflicts_with_subcommands = true)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub verb: Option<Verb>,
    /// How to serve.
    #[command(flatten)]
    pub serve: ServeArgs,
}

/// The verbs.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Serve; the same as without a verb
    Serve(Box<ServeArgs>),
    /// Show the bursts that can be replayed
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Ask a running mock-vhf for a replay, and follow it to its end
    Replay(ReplayArgs),
}

/// How to serve.
#[derive(Debug, clap::Args)]
pub struct ServeArgs {
    /// The part that all services have.
    #[command(flatten)]
    pub service: ServiceArgs<5003>,
    /// The NATS servers, separated by commas
    #[arg(
        long,
        env = "ORCHESTRA_NATS",
        default_value = "nats://127.0.0.1:4222",
        value_name = "URL,.."
    )]
    pub nats: String,
    /// Where the feed and the progress of replays are kept
    #[arg(
        long,
        env = "ORCHESTRA_DATA_DIR",
        default_value = "var/mock-vhf",
        value_name = "PATH"
    )]
    pub data_dir: PathBuf,
    /// Where others fetch packets, if not at the address of --listen
    #[arg(long, env = "ORCHESTRA_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<Url>,
    /// Start with a replay of all bursts, once for each --data-dir: a restart goes on with it
    #[arg(long, env = "ORCHESTRA_REPLAY_ALL")]
    pub replay_all: bool,
    /// The pace of --replay-all.
    #[command(flatten)]
    pub pace: Pace,
}

/// How fast a replay goes.
#[derive(Debug, Clone, clap::Args)]
pub struct Pace {
    /// What the delays within a burst are divided by
    #[arg(long, env = "ORCHESTRA_SPEED", default_value_t = 1.0, value_name = "FACTOR")]
    pub speed: f64,
    /// From the last message of a burst to the first of the next: 2s, 250ms
    #[arg(long, env = "ORCHESTRA_GAP", default_value = "2s", value_name = "DURATION")]
    pub gap: String,
}

/// What to replay.
#[derive(Debug, clap::Args)]
pub struct ReplayArgs {
    /// Which bursts.
    #[command(flatten)]
    pub which: Which,
    /// How fast.
    #[command(flatten)]
    pub pace: Pace,
    /// Where mock-vhf serves
    #[arg(
        long,
        env = "ORCHESTRA_VHF",
        default_value = "http://127.0.0.1:5003",
        value_name = "URL"
    )]
    pub url: Url,
    /// Ask for it and leave
    #[arg(long)]
    pub no_wait: bool,
    /// As JSON, a line per change
    #[arg(long)]
    pub json: bool,
    /// The log.
    #[command(flatten)]
    pub log: LogArgs,
}

/// One burst, or all.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// One burst, as `list` names it
    #[arg(long, value_name = "ID")]
    pub burst: Option<String>,
    /// Every burst, in the order of reality
    #[arg(long)]
    pub all: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory as _, Parser as _};

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn serving_needs_no_verb() {
        let args = Args::parse_from([
            "orchestra-mock-vhf",
            "--data-dir",
            "/d",
            "--replay-all",
            "--speed",
            "600",
        ]);
        assert!(args.verb.is_none() && args.serve.replay_all);
        let args = Args::parse_from(["orchestra-mock-vhf", "serve", "--listen", "127.0.0.1:0"]);
        assert!(matches!(args.verb, Some(Verb::Serve(serve)) if serve.service.listen.port() == 0));
    }

    #[test]
    fn a_replay_is_of_one_burst_or_of_all() {
        let replay =
            |more: &[&str]| Args::try_parse_from(["orchestra-mock-vhf", "replay"].iter().chain(more));
        assert!(replay(&["--burst", "sb26022501"]).is_ok());
        assert!(replay(&["--all", "--speed", "600", "--gap", "0s"]).is_ok());
        assert!(replay(&[]).is_err());
        assert!(replay(&["--all", "--burst", "sb26022501"]).is_err());
    }
}
