//! Extractors whose rejections are problems: bodies, paths, queries, and who acts.

use crate::Problem;
use axum::{
    body::Bytes,
    extract::{
        FromRequest, FromRequestParts, Request,
        path::ErrorKind,
        rejection::{BytesRejection, FailedToBufferBody, PathRejection},
    },
    http::{StatusCode, request::Parts},
};
use serde::de::DeserializeOwned;

/// A JSON object as the body, whatever its `Content-Type`: clients written with `curl -d` send a form's.
///
/// 413 `too-large` over the router's body limit (2 MiB unless it sets `DefaultBodyLimit`), else 422.
#[derive(Debug, Clone, Copy)]
pub struct ApiJson<T>(pub T);

/// The body as it is.
///
/// 413 `too-large` over the router's body limit (2 MiB unless it sets `DefaultBodyLimit`).
#[derive(Debug, Clone)]
pub struct ApiBytes(pub Bytes);

/// The parameters of the path.
#[derive(Debug, Clone, Copy)]
pub struct ApiPath<T>(pub T);

/// The parameters of the query.
#[derive(Debug, Clone, Copy)]
pub struct ApiQuery<T>(pub T);

/// Who acts: the header `X-Operator`, `anonymous` without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator(String);

/// Fields with a code of their own; a mistake anywhere else is `invalid-request`.
const CODE_OF_FIELD: [(&str, &str); 1] = [("obs_id", "invalid-obs-id")];

/// The longest name of an operator, in characters: it is a column on screen and in the audit trail.
const MAX_OPERATOR_CHARS: usize = 64;

impl<S: Send + Sync> FromRequest<S> for ApiBytes {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state).await;
        bytes.map(Self).map_err(|error| unreadable(&error))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for ApiJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let ApiBytes(bytes) = ApiBytes::from_request(request, state).await?;
        Self::from_bytes(&bytes)
    }
}

impl<T: DeserializeOwned> ApiJson<T> {
    /// Reads a body that is already there.
    ///
    /// No body is an empty object: who has nothing to say need not say so. An array is refused: serde would take
    /// its items as the fields in their order, and `[42]` would act on what nobody named.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Problem> {
        let bytes = match bytes.trim_ascii_start() {
            [] => b"{}",
            [b'[', ..] => return Err(invalid("", "the body is a JSON array; a JSON object is expected")),
            _ => bytes,
        };
        serde_json::from_slice(bytes)
            .map(Self)
            .map_err(|error| explain_json::<T>(bytes, &error))
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for ApiPath<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(path) => Ok(Self(path.0)),
            Err(PathRejection::FailedToDeserializePathParams(failure)) => {
                let detail = failure.body_text();
                Err(match failure.into_kind() {
                    ErrorKind::DeserializeError { key, message, .. } => invalid(&key, message),
                    ErrorKind::ParseErrorAtKey { key, .. } | ErrorKind::InvalidUtf8InPathParam { key } => {
                        invalid(&key, detail)
                    }
                    ErrorKind::UnsupportedType { .. } | ErrorKind::WrongNumberOfParameters { .. } => {
                        Problem::internal(anyhow::anyhow!(detail))
                    }
                    ErrorKind::ParseErrorAtIndex { .. }
                    | ErrorKind::ParseError { .. }
                    | ErrorKind::Message(_)
                    | _ => invalid("", detail),
                })
            }
            Err(other) => Err(Problem::internal(anyhow::anyhow!(other.body_text()))),
        }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for ApiQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        match axum::extract::Query::try_from_uri(&parts.uri) {
            Ok(query) => Ok(Self(query.0)),
            Err(rejection) => {
                let text = rejection.body_text();
                let text = text
                    .strip_prefix("Failed to deserialize query string: ")
                    .unwrap_or(&text);
                let (field, reason) = text.split_once(": ").unwrap_or(("", text));
                Err(invalid(field, reason))
            }
        }
    }
}

impl Operator {
    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Operator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get("x-operator") else {
            return Ok(Self("anonymous".to_owned()));
        };
        let name = std::str::from_utf8(value.as_bytes())
            .map(str::trim)
            .unwrap_or_default();
        let printable = !name.is_empty() && !name.chars().any(char::is_control);
        if !printable || name.chars().count() > MAX_OPERATOR_CHARS {
            let detail = format!("X-Operator is a name of 1 to {MAX_OPERATOR_CHARS} printable characters");
            return Err(invalid("X-Operator", detail));
        }
        Ok(Self(name.to_owned()))
    }
}

/// Reads the body a second time, to say where the mistake is; the first, fast reading does not know.
fn explain_json<T: DeserializeOwned>(bytes: &[u8], first: &serde_json::Error) -> Problem {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
        Err(error) if error.inner().is_data() => {
            let path = error.path().to_string();
            let path = if path == "." { "" } else { &path };
            invalid(path, error.inner().to_string())
        }
        Ok(_) | Err(_) => invalid("", format!("the body is not JSON: {first}")),
    }
}

fn invalid(field: &str, reason: impl Into<String>) -> Problem {
    let reason: String = reason.into();
    let code = CODE_OF_FIELD
        .iter()
        .find(|(name, _)| *name == field)
        .map_or("invalid-request", |(_, code)| *code);
    let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, "The request is not valid");
    if field.is_empty() {
        return problem.with_detail(reason);
    }
    problem
        .with_detail(format!("{field}: {reason}"))
        .with("field", field)
}

fn unreadable(rejection: &BytesRejection) -> Problem {
    if let BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) = rejection {
        return Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "The body is too large",
        );
    }
    Problem::new(
        StatusCode::BAD_REQUEST,
        "body-incomplete",
        "The body could not be read to its end",
    )
}
