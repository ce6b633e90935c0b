//! The only log subscriber and the only metrics recorder of a program.

use crate::{LogArgs, LogFormat, metrics};
use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter of `--log` is not one.
    #[error("--log {filter:?} is no filter such as info or info,conductor=debug: {source}")]
    Filter {
        /// As it was given.
        filter: String,
        /// What is wrong with it.
        source: tracing_subscriber::filter::ParseError,
    },
    /// [`init`] was called twice.
    #[error("logging is already set up")]
    Again,
}

/// Sends the log to standard error as the arguments say, panics included, and starts to record metrics.
pub fn init(args: &impl AsRef<LogArgs>) -> Result<(), TelemetryError> {
    let args = args.as_ref();
    let filter = EnvFilter::try_new(&args.log).map_err(|source| TelemetryError::Filter {
        filter: args.log.clone(),
        source,
    })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // A line that cannot be written has nowhere else to go: the default is to panic on the closed pipe,
        // and the reader of a log that goes away must not take the service with it.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    match args.log_format {
        LogFormat::Text => builder.with_ansi(wants_colour()).try_init(),
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .try_init(),
    }
    .map_err(|_| TelemetryError::Again)?;
    std::panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
    metrics::install();
    Ok(())
}

/// In colour only for eyes: a terminal, and nobody said `NO_COLOR` (<https://no-color.org>: any text but none).
fn wants_colour() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) && std::io::stderr().is_terminal()
}
