//! What can come of a call.

use crate::conductor::Why;
use domain::JsonObject;
use serde::Deserialize;
use std::time::Duration;

/// Why a call gave no result.
///
/// The kinds differ in what the caller knows: after [`Unreachable`](Self::Unreachable) nothing was sent,
/// after [`Problem`](Self::Problem) the service decided, after the others the request may or may not have
/// been acted upon: read back, or repeat what is idempotent.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// Nobody listens there: the connection was refused, or the name does not resolve.
    #[error("{url} cannot be reached")]
    Unreachable {
        /// What was called.
        url: String,
        /// Why not.
        #[source]
        source: reqwest::Error,
    },
    /// No answer in time.
    #[error("{url} did not answer within {} s", .after.as_secs_f64())]
    Timeout {
        /// What was called.
        url: String,
        /// How long we waited.
        after: Duration,
    },
    /// The connection broke before the whole answer was there.
    #[error("the connection to {url} broke")]
    Interrupted {
        /// What was called.
        url: String,
        /// How.
        #[source]
        source: reqwest::Error,
    },
    /// The service answered with an error.
    #[error("{0}")]
    Problem(Box<Problem>),
    /// The service answered with something that we cannot read.
    #[error("{url} answered with something unexpected: {what}")]
    Malformed {
        /// What was called.
        url: String,
        /// What is wrong with the answer.
        what: String,
    },
    /// The request cannot be sent as it is; nothing was.
    #[error("{0}")]
    Invalid(String),
}

impl ApiError {
    /// Whether nobody listens there (refused, or no such name); a time-out is no sign of that.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }

    /// Whether no answer came in time.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout { .. })
    }

    /// What the service decided, if it did.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            Self::Unreachable { .. }
            | Self::Timeout { .. }
            | Self::Interrupted { .. }
            | Self::Malformed { .. }
            | Self::Invalid(_) => None,
        }
    }

    /// The HTTP status of an error answer.
    pub fn status(&self) -> Option<u16> {
        self.problem().map(|problem| problem.status)
    }

    /// Whether the service answered with this stable `code`.
    pub fn is_code(&self, code: &str) -> bool {
        self.problem().is_some_and(|problem| problem.code == code)
    }

    /// Whether the service has no such route: 404, 405 or 501 to an optional one, never a failure.
    pub fn is_not_offered(&self) -> bool {
        matches!(self.status(), Some(404 | 405 | 501))
    }

    /// When the service wants to be asked again.
    pub fn retry_after(&self) -> Option<Duration> {
        self.problem().and_then(|problem| problem.retry_after)
    }
}

/// An error answer: RFC 9457 as far as the service speaks it, and what can be told of it otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// The stable word for programs; empty if the service gave none.
    pub code: String,
    /// What happened, the same for each such problem.
    pub title: String,
    /// What happened here.
    pub detail: Option<String>,
    /// `Retry-After`, when it was given in seconds.
    pub retry_after: Option<Duration>,
    /// Further fields of the problem.
    pub fields: JsonObject,
}

#[derive(Deserialize)]
struct ProblemBody {
    #[serde(default)]
    code: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    detail: Option<String>,
    #[serde(flatten)]
    fields: JsonObject,
}

/// How much of an answer that is no problem body is repeated, in characters: a line of log.
const EXCERPT_CHARS: usize = 200;

impl Problem {
    /// Reads an error answer, whatever it is.
    pub(crate) fn read(status: u16, retry_after: Option<Duration>, body: &[u8]) -> Self {
        let mut problem = match serde_json::from_slice::<ProblemBody>(body) {
            Ok(body) => Self {
                status,
                code: body.code,
                title: body.title,
                detail: body.detail,
                retry_after,
                fields: body.fields,
            },
            Err(_) => Self {
                status,
                code: String::new(),
                title: String::new(),
                detail: excerpt(body),
                retry_after,
                fields: JsonObject::new(),
            },
        };
        for told in ["status", "type"] {
            problem.fields.remove(told);
        }
        if problem.title.is_empty() {
            problem.title = format!("HTTP status {status}");
        }
        problem
    }

    /// The tree that a 409 [`INPUTS_MISSING`](crate::codes::INPUTS_MISSING) of the conductor carries.
    pub fn why(&self) -> Option<Why> {
        self.fields.get("why").and_then(|why| Why::deserialize(why).ok())
    }
}

fn excerpt(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let line: String = text.trim().chars().take(EXCERPT_CHARS).collect();
    (!line.is_empty()).then_some(line)
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.title)?;
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        match self.code.as_str() {
            "" => write!(f, " ({})", self.status),
            code => write!(f, " ({} {code})", self.status),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_body_is_read_with_its_extra_fields() {
        let body = br#"{"type":"about:blank","status":409,"code":"inputs-missing","title":"Inputs are missing","detail":"EclTmVhfAlert","why":{"text":"waits"}}"#;
        let problem = Problem::read(409, None, body);
        assert_eq!(
            problem.to_string(),
            "Inputs are missing: EclTmVhfAlert (409 inputs-missing)"
        );
        assert_eq!(problem.why().unwrap().text, "waits");
    }

    #[test]
    fn an_answer_of_somebody_else_is_shown_as_it_is() {
        let problem = Problem::read(502, None, b"<html>Bad Gateway</html>\n");
        assert_eq!(
            problem.to_string(),
            "HTTP status 502: <html>Bad Gateway</html> (502)"
        );
        assert_eq!(Problem::read(500, None, b"").to_string(), "HTTP status 500 (500)");
        assert_eq!(Problem::read(500, None, b"[]").code, "");
    }
}
