//! The command line.

use clap::Parser;
use service_kit::ServiceArgs;
use std::path::PathBuf;
use url::Url;

/// The mission database: stores products, gives them out, and announces them on data.sdb.
#[derive(Debug, Parser)]
#[command(name = "orchestra-sdb", version)]
pub struct Args {
    /// What every service has.
    #[command(flatten)]
    pub service: ServiceArgs<5001>,
    /// The NATS servers; without one imports are taken all the same and announced when it is back
    #[arg(
        long,
        env = "ORCHESTRA_NATS",
        value_delimiter = ',',
        default_value = "nats://127.0.0.1:4222",
        value_name = "URL"
    )]
    pub nats: Vec<String>,
    /// Where everything is kept
    #[arg(
        long,
        env = "ORCHESTRA_DATA_DIR",
        default_value = "var/sdb",
        value_name = "DIRECTORY"
    )]
    pub data_dir: PathBuf,
    /// The largest product: bytes, or with KiB, MiB, GiB, TiB
    #[arg(long, env = "ORCHESTRA_MAX_BODY", default_value = "16GiB", value_parser = parse_size, value_name = "SIZE")]
    pub max_body: u64,
    /// The base of the addresses in records and announcements; default `http://` and the listen address
    #[arg(long, env = "ORCHESTRA_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<Url>,
    /// Give the feed a new name and end: after a backup was restored, before the service is started, so that
    /// its readers know that their positions are void
    #[arg(long)]
    pub renew_feed: bool,
}

fn parse_size(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text:?} is no size such as 1048576, 512KiB, 64MiB or 16GiB");
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let shift = match unit.trim() {
        "" | "B" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        "TiB" => 40,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(1 << shift).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(parse_size("16GiB"), Ok(16 << 30));
        assert_eq!(parse_size("1000"), Ok(1000));
        for wrong in ["", "GiB", "1GB", "-1", "99999999999TiB"] {
            assert!(parse_size(wrong).is_err(), "{wrong:?}");
        }
    }
}
