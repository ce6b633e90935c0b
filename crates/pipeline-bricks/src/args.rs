//! The arguments of a program that serves pipelines, beside those of every service.

use std::{path::PathBuf, time::Duration};
use url::Url;

/// Flatten it into the program's own arguments.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Pipeline")]
pub struct HostArgs {
    /// Where the SDB is
    #[arg(
        long,
        env = "ORCHESTRA_SDB",
        default_value = "http://127.0.0.1:5001",
        value_parser = http,
        value_name = "URL"
    )]
    pub sdb: Url,
    /// The NATS servers, to say there how runs go; an empty value says nothing
    #[arg(
        long,
        env = "ORCHESTRA_NATS",
        default_value = "nats://127.0.0.1:4222",
        value_delimiter = ',',
        value_name = "URL"
    )]
    pub nats: Vec<String>,
    /// Where runs are remembered across restarts, and products kept that could not be imported; without it that is
    /// forgotten with the process
    #[arg(long, env = "ORCHESTRA_STATE_DIR", value_name = "DIRECTORY")]
    pub state_dir: Option<PathBuf>,
    /// Runs at work at once, for each provider
    #[arg(long, env = "ORCHESTRA_WORKERS", default_value_t = 4, value_parser = workers, value_name = "N")]
    pub workers: usize,
    /// Runs that wait for a worker, for each provider; one more is answered 429
    #[arg(long, env = "ORCHESTRA_QUEUE", default_value_t = 64, value_name = "N")]
    pub queue: usize,
    /// How long runs at work may go on after a stop; then they end as failed, to be tried again
    #[arg(long, env = "ORCHESTRA_DRAIN", default_value = "10s", value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub drain: Duration,
}

fn http(text: &str) -> Result<Url, String> {
    let right = "right is http://127.0.0.1:5001";
    let url: Url = text.parse().map_err(|error| format!("{error}; {right}"))?;
    match url.scheme() {
        "http" => Ok(url),
        scheme => Err(format!("{scheme}: is not spoken here; {right}")),
    }
}

/// More would not be work at once but a queue that nobody sees.
const MAX_WORKERS: usize = 4096;

fn workers(text: &str) -> Result<usize, String> {
    let workers: usize = text.parse().map_err(|error| format!("{error}"))?;
    if (1..=MAX_WORKERS).contains(&workers) {
        return Ok(workers);
    }
    Err(format!("it takes 1 to {MAX_WORKERS} workers"))
}

impl HostArgs {
    /// How long after the stop the program must be given: the drain, the leave of what is then interrupted, and
    /// the last words.
    pub fn grace(&self) -> Duration {
        self.drain + Duration::from_secs(10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_of_an_sdb_is_refused_with_what_would_be_right() {
        assert!(http("http://sdb:5001/").is_ok());
        for wrong in ["sdb:5001", "127.0.0.1:5001", "mailto:sdb@x", ""] {
            assert!(
                http(wrong).unwrap_err().contains("http://127.0.0.1:5001"),
                "{wrong}"
            );
        }
    }
}
