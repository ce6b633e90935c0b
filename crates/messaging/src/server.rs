//! Whether the server can do what is needed: its version, and `JetStream` for our account.

use crate::bus::Bus;
use async_nats::client::{Request, RequestErrorKind};
use async_nats::jetstream::ErrorCode;
use bytes::Bytes;
use serde::Deserialize;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The oldest server that the orchestra works with: older ones ignore several requests silently.
pub const MIN_SERVER: ServerVersion = ServerVersion {
    major: 2,
    minor: 11,
    patch: 0,
};

/// A server answers this in a millisecond; no answer means that it is not allowed, or overwhelmed.
const CHECK_TIMEOUT: Duration = Duration::from_secs(3);
/// Between two questions to a cluster that has no leader yet.
const RETRY: Duration = Duration::from_millis(250);
/// The account's own state, `$JS.API.INFO`.
const ACCOUNT_INFO: &str = "$JS.API.INFO";

/// The version of a nats-server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServerVersion {
    /// The first number.
    pub major: u64,
    /// The second.
    pub minor: u64,
    /// The third.
    pub patch: u64,
}

/// A text that is no version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no version of a nats-server; an example is 2.11.0")]
pub struct VersionError(String);

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for ServerVersion {
    type Err = VersionError;

    /// Reads `2.11.0`, `v2.11.0` and `2.12.0-RC.1`.
    fn from_str(text: &str) -> Result<Self, VersionError> {
        let wrong = || VersionError(text.to_owned());
        let numbers = text.strip_prefix('v').unwrap_or(text);
        let numbers = numbers
            .split_once(['-', '+'])
            .map_or(numbers, |(numbers, _)| numbers);
        let mut parts = numbers
            .split('.')
            .map(|part| part.parse::<u64>().map_err(|_| wrong()));
        let mut next = || parts.next().unwrap_or_else(|| Err(wrong()));
        let version = Self {
            major: next()?,
            minor: next()?,
            patch: next()?,
        };
        if parts.next().is_some() {
            return Err(wrong());
        }
        Ok(version)
    }
}

/// Why a server that answers cannot be used; waiting does not help, an operator must act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// An older server.
    #[error("the nats-server at {server} is version {version}; the orchestra needs {MIN_SERVER} or later")]
    TooOld {
        /// Where it is.
        server: String,
        /// What it says it is.
        version: String,
    },
    /// `JetStream` is off.
    #[error(
        "the nats-server at {server} runs without JetStream; start it with `nats-server --jetstream --store_dir DIR` \
         (a distribution's package often starts one without it on the default port 4222)"
    )]
    NoJetStream {
        /// Where it is.
        server: String,
    },
    /// `JetStream` is on, but not for the account that this service belongs to.
    #[error("the nats-server at {server} has JetStream, but not for this account; enable it there: {reason}")]
    NotForAccount {
        /// Where it is.
        server: String,
        /// What it says.
        reason: String,
    },
    /// The user may not ask.
    #[error("the nats-server at {server} does not let this user use JetStream: {event}")]
    Denied {
        /// Where it is.
        server: String,
        /// What it says.
        event: String,
    },
    /// Another answer that ends the matter.
    #[error("the nats-server at {server} refuses JetStream: {reason}")]
    Refused {
        /// Where it is.
        server: String,
        /// What it says.
        reason: String,
    },
}

#[derive(Deserialize)]
struct AccountInfo {
    error: Option<AccountError>,
}

#[derive(Deserialize)]
struct AccountError {
    #[serde(default)]
    err_code: u64,
    #[serde(default)]
    description: String,
}

/// Waits for a server, and says if it cannot be used.
pub(crate) async fn check(bus: &Bus) -> Result<(), Unfit> {
    loop {
        bus.connected().await;
        if let Some(verdict) = ask(bus).await {
            return verdict;
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// A verdict, or none if the server has gone or has not made up its mind.
async fn ask(bus: &Bus) -> Option<Result<(), Unfit>> {
    let client = bus.client();
    let info = client.try_server_info()?;
    let server = format!("{}:{}", info.host, info.port);
    let version = info.version.parse::<ServerVersion>();
    if !version.is_ok_and(|version| version >= MIN_SERVER) {
        return Some(Err(Unfit::TooOld {
            server,
            version: info.version,
        }));
    }
    let complaints_before = bus.health().borrow().complaints;
    let request = Request::new().payload(Bytes::new()).timeout(Some(CHECK_TIMEOUT));
    match client.send_request(ACCOUNT_INFO, request).await {
        Ok(answer) => judge(server, &answer.payload),
        Err(error) => match error.kind() {
            RequestErrorKind::NoResponders => Some(Err(Unfit::NoJetStream { server })),
            RequestErrorKind::TimedOut => {
                // The server drops what is not allowed and says so only beside the request.
                let health = bus.health();
                let health = health.borrow();
                let event = health
                    .last_error
                    .clone()
                    .filter(|_| health.complaints != complaints_before);
                if event.is_none() {
                    tracing::warn!(%server, "the server does not answer {ACCOUNT_INFO}; it is asked again");
                }
                let event = event?;
                Some(Err(Unfit::Denied { server, event }))
            }
            RequestErrorKind::InvalidSubject
            | RequestErrorKind::MaxPayloadExceeded
            | RequestErrorKind::Other => None,
        },
    }
}

fn judge(server: String, answer: &[u8]) -> Option<Result<(), Unfit>> {
    let info: AccountInfo = match serde_json::from_slice(answer) {
        Ok(info) => info,
        Err(error) => {
            return Some(Err(Unfit::Refused {
                server,
                reason: format!("its answer is not readable: {error}"),
            }));
        }
    };
    let Some(error) = info.error else {
        return Some(Ok(()));
    };
    if error.err_code == ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT.0 {
        return Some(Err(Unfit::NotForAccount {
            server,
            reason: error.description,
        }));
    }
    if error.err_code == ErrorCode::JETSTREAM_NOT_ENABLED.0 {
        return Some(Err(Unfit::NoJetStream { server }));
    }
    if error.err_code == ErrorCode::CLUSTER_NOT_AVAILABLE.0 {
        tracing::info!(%server, reason = error.description, "JetStream is not ready yet");
        return None;
    }
    Some(Err(Unfit::Refused {
        server,
        reason: error.description,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_ordered() {
        for (text, new_enough) in [
            ("2.9.10", false),
            ("2.10.29", false),
            ("2.11.0", true),
            ("v2.11.0", true),
            ("2.12.0-RC.1", true),
            ("2.15.1", true),
            ("3.0.0", true),
        ] {
            assert_eq!(
                text.parse::<ServerVersion>().unwrap() >= MIN_SERVER,
                new_enough,
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_version_is_named() {
        for text in ["", "2", "2.11", "2.x.0", "2.11.0.1", "latest"] {
            let error = text.parse::<ServerVersion>().unwrap_err().to_string();
            assert_eq!(
                error,
                format!("{text:?} is no version of a nats-server; an example is 2.11.0")
            );
        }
    }

    #[test]
    fn each_answer_has_its_verdict() {
        let verdict = |answer: &str| judge("here:4222".to_owned(), answer.as_bytes());
        assert_eq!(verdict(r#"{"memory":0,"streams":3}"#), Some(Ok(())));
        let text = |answer| verdict(answer).unwrap().unwrap_err().to_string();
        let not_for_account =
            r#"{"error":{"code":503,"err_code":10039,"description":"not enabled for account"}}"#;
        assert!(text(not_for_account).contains("but not for this account"));
        assert!(text(r#"{"error":{"code":503,"err_code":10076}}"#).contains("runs without JetStream"));
        assert!(text("nonsense").contains("not readable"));
        assert_eq!(
            verdict(r#"{"error":{"code":503,"err_code":10008}}"#),
            None,
            "a cluster without a leader"
        );
    }
}
