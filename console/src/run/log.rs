//! The log of the screen: to a file, since the terminal is the screen's.

use anyhow::Context as _;
use std::fs::File;
use std::path::Path;
use std::sync::Mutex;
use tracing_subscriber::filter::LevelFilter;

/// Appends to a file from now on. A full disk silences the log and nothing else.
///
/// # Errors
/// The file cannot be opened.
pub(super) fn begin(path: &Path) -> anyhow::Result<()> {
    let file = File::options().create(true).append(true).open(path);
    let file = file.with_context(|| format!("the log {}", path.display()))?;
    let log = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::INFO)
        .with_ansi(false)
        .log_internal_errors(false)
        .with_writer(Mutex::new(file));
    log.try_init()
        .map_err(|error| anyhow::anyhow!("the log: {error}"))
}
