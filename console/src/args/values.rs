//! What is typed after a flag, read.

use domain::{JsonObject, RunState, Version};
use jiff::Timestamp;
use std::time::Duration;
use url::Url;

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

pub(super) fn since(text: &str) -> Result<Since, String> {
    if let Ok(ago) = humantime::parse_duration(text) {
        return Ok(Since::Ago(ago));
    }
    text.parse()
        .map(Since::At)
        .map_err(|_| "neither a duration (2h) nor a time (2026-11-24T04:00:00Z)".to_owned())
}

pub(super) fn http_url(text: &str) -> Result<Url, String> {
    let url: Option<Url> = text.parse().ok();
    url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| "not the URL of a service, such as http://127.0.0.1:5002".to_owned())
}

pub(super) fn version(text: &str) -> Result<Version, String> {
    text.parse()
        .map(Version)
        .map_err(|_| "not a whole number".to_owned())
}

pub(super) fn object(text: &str) -> Result<JsonObject, String> {
    serde_json::from_str(text).map_err(|error| format!("not a JSON object: {error}"))
}

pub(super) fn run_state(text: &str) -> Result<RunState, String> {
    serde_json::from_value(text.into()).map_err(|_| {
        "a run is queued, requested, running, retrying, succeeded, failed, cancelled or superseded".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_given_or_so_long_ago() {
        let now: Timestamp = "2026-11-24T04:00:00Z".parse().unwrap();
        let earlier: Timestamp = "2026-11-24T02:00:00Z".parse().unwrap();
        assert_eq!(since("2h").unwrap().at(now), earlier);
        assert_eq!(since("2026-11-24T02:00:00Z").unwrap().at(now), earlier);
    }
}
