//! The routes of a service, asked without a socket.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt as _;

/// The routes of a service, as it would serve them.
#[derive(Debug, Clone)]
pub struct Routes(pub Router);

/// What a route answered.
#[derive(Debug)]
pub struct Answered {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Routes {
    /// Sends a request and waits for the whole answer.
    pub async fn send(&self, request: Request<Body>) -> Answered {
        let Ok(response) = self.0.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await;
        Answered {
            status: parts.status,
            headers: parts.headers,
            body: body.unwrap_or_else(|error| panic!("the body broke off: {error}")),
        }
    }

    /// `GET path`.
    pub async fn get(&self, path: &str) -> Answered {
        self.send(request(Request::get(path), Body::empty())).await
    }

    /// `POST path` with headers and a body.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answered {
        self.send(request(with(Request::post(path), headers), body.into()))
            .await
    }

    /// `PUT path` with headers and a body.
    pub async fn put(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answered {
        self.send(request(with(Request::put(path), headers), body.into()))
            .await
    }
}

impl Answered {
    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Asserts a problem of this status and code, and gives its body.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let body = self.json();
        assert_eq!(
            (self.status.as_u16(), body["code"].as_str()),
            (status, Some(code)),
            "{body}"
        );
        assert_eq!(self.headers["content-type"], "application/problem+json");
        body
    }

    /// Asserts a problem of this status and code, and gives its detail.
    #[track_caller]
    pub fn detail(&self, status: u16, code: &str) -> String {
        let body = self.problem(status, code);
        body["detail"].as_str().unwrap_or_default().to_owned()
    }

    /// Asserts 200, and gives the body.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        self.json()
    }

    /// Asserts 201, and gives the body.
    #[track_caller]
    pub fn created(&self) -> Value {
        assert_eq!(self.status, StatusCode::CREATED, "{self:?}");
        self.json()
    }

    /// A header that must be there.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers[name]
            .to_str()
            .unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}

fn with(builder: axum::http::request::Builder, headers: &[(&str, &str)]) -> axum::http::request::Builder {
    let with =
        |builder: axum::http::request::Builder, (name, value): &(&str, &str)| builder.header(*name, *value);
    headers.iter().fold(builder, with)
}

fn request(builder: axum::http::request::Builder, body: Body) -> Request<Body> {
    builder
        .body(body)
        .unwrap_or_else(|error| panic!("no request: {error}"))
}
