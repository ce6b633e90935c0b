//! What is typed after a flag, read.

use domain::{JsonObject, RunState, Version};
use url::Url;

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
