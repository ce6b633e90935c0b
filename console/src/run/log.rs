//! The log of the screen: to a file, since the terminal is the screen's.

use anyhow::Context as _;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use tracing_subscriber::filter::LevelFilter;

/// What became of the log. A full disk silences it and nothing else.
#[derive(Debug, Clone, Default)]
pub(super) struct Log {
    failed: Arc<OnceLock<String>>,
    is_told: bool,
}

/// The file, which remembers why it could not be written first.
struct Kept {
    file: File,
    failed: Arc<OnceLock<String>>,
}

impl Log {
    /// Appends to a file from now on.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub(super) fn begin(path: &Path) -> anyhow::Result<Self> {
        let file = File::options().create(true).append(true).open(path);
        let file = file.with_context(|| format!("the log {}", path.display()))?;
        let log = Self::default();
        let kept = Kept {
            file,
            failed: Arc::clone(&log.failed),
        };
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::INFO)
            .with_ansi(false)
            .log_internal_errors(false)
            .with_writer(Mutex::new(kept));
        subscriber
            .try_init()
            .map_err(|error| anyhow::anyhow!("the log: {error}"))?;
        // Whether it can be written is better known now than when something else goes wrong.
        tracing::info!(version = env!("CARGO_PKG_VERSION"), "the screen opens");
        Ok(log)
    }

    /// Why it could not be written, once.
    pub(super) fn trouble(&mut self) -> Option<String> {
        if self.is_told {
            return None;
        }
        let trouble = self.failed.get().cloned();
        self.is_told = trouble.is_some();
        trouble
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes);
        if let Err(error) = &written
            && error.kind() != io::ErrorKind::Interrupted
        {
            self.failed.get_or_init(|| error.to_string());
        }
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
