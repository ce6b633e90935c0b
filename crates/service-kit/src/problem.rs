//! Errors over HTTP: RFC 9457 `application/problem+json`, plus a stable `code` for programs.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};
use std::borrow::Cow;
use utoipa::{PartialSchema, ToSchema, openapi};

/// What went wrong, for the client. Its `type` is always `about:blank`: the `code` tells problems apart.
///
/// Problems of 5xx say that something is wrong with us, never what: that goes to the log.
#[derive(Debug, Clone)]
pub struct Problem(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: Option<String>,
    members: Map<String, Value>,
    retry_after: Option<u64>,
}

impl Problem {
    /// A problem with its status, its stable code (`unknown-product`) and a sentence that goes with the code.
    pub fn new(status: StatusCode, code: &'static str, title: &'static str) -> Self {
        Self(Box::new(Inner {
            status,
            code,
            title,
            detail: None,
            members: Map::new(),
            retry_after: None,
        }))
    }

    /// 500 `internal`: the error goes to the log with its chain, the client hears only that it happened.
    pub fn internal(error: impl Into<anyhow::Error>) -> Self {
        let error: anyhow::Error = error.into();
        tracing::error!(error = format!("{error:#}"), "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something is wrong with the service",
        )
    }

    /// What was wrong this time: where, and what would be right.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// An extension member (RFC 9457, section 3.2) for programs to read.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.0.members.insert(member.to_owned(), value.into());
        self
    }

    /// Asks the client to come back in so many seconds (`Retry-After`).
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    fn body(&self) -> Value {
        let mut body = self.0.members.clone();
        body.insert("type".to_owned(), "about:blank".into());
        body.insert("title".to_owned(), self.0.title.into());
        body.insert("status".to_owned(), self.0.status.as_u16().into());
        body.insert("code".to_owned(), self.0.code.into());
        if let Some(detail) = &self.0.detail {
            body.insert("detail".to_owned(), detail.as_str().into());
        }
        Value::Object(body)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.0.status.as_u16(), self.0.code, self.0.title)?;
        match &self.0.detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.0.status, self.body().to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = self.0.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl PartialSchema for Problem {
    fn schema() -> openapi::RefOr<openapi::schema::Schema> {
        Body::schema()
    }
}

impl ToSchema for Problem {
    fn name() -> Cow<'static, str> {
        "Problem".into()
    }
}

/// RFC 9457 problem details with a stable `code`; further members depend on the code.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "only its schema is used: the body is built in Problem::body"
)]
struct Body {
    /// Always `about:blank`; the code tells problems apart.
    r#type: String,
    /// A sentence that goes with the code.
    title: String,
    /// The HTTP status.
    status: u16,
    /// A stable word for programs.
    code: String,
    /// What was wrong this time.
    detail: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_problem_has_its_members_its_type_and_its_delay() {
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "busy", "The queue is full")
            .with_detail("64 runs wait")
            .with("queued", 64)
            .retry_after(2);
        let response = problem.into_response();
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "application/problem+json"
        );
        assert_eq!(response.headers()[header::RETRY_AFTER], "2");
        let body = axum::body::to_bytes(response.into_body(), 4096).await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            body,
            serde_json::json!({
                "type": "about:blank", "title": "The queue is full", "status": 429,
                "code": "busy", "detail": "64 runs wait", "queued": 64
            })
        );
    }

    #[test]
    fn an_internal_error_keeps_its_text_to_itself() {
        let problem = Problem::internal(std::io::Error::other("password is 1234"));
        assert!(!problem.body().to_string().contains("1234"));
    }
}
