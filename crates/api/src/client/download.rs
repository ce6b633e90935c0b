//! Bytes as they come.

use super::http::{Call, Http, failure, malformed};
use crate::ApiError;
use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderMap, HeaderName};
use reqwest::{Method, Response};
use std::time::Duration;
use url::Url;

/// Until the first byte of a fetch; a source reads it from a disk or from memory.
const FETCH_TIMEOUT: Duration = Duration::from_secs(10);

/// A body that stands still for this long will not go on.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Fetches what an `href` points to.
#[derive(Debug, Clone, Default)]
pub struct FetchClient {
    http: Http,
}

impl FetchClient {
    /// A client over these connections.
    pub fn new(http: Http) -> Self {
        Self { http }
    }

    /// The same client, passing on a W3C `traceparent`.
    #[must_use]
    pub fn traced(&self, traceparent: Option<&str>) -> Self {
        Self {
            http: self.http.traced(traceparent),
        }
    }

    /// `GET` of the URL itself.
    pub async fn fetch(&self, href: &Url) -> Result<Download, ApiError> {
        Download::open(&self.http, Call::new(Method::GET, href.clone(), FETCH_TIMEOUT)).await
    }
}

/// A body that is being read; each wait for more of it is limited.
#[derive(Debug)]
pub struct Download {
    url: Url,
    response: Response,
}

impl Download {
    pub(super) async fn open(http: &Http, call: Call) -> Result<Self, ApiError> {
        let (url, response) = http.open(call).await?;
        Ok(Self { url, response })
    }

    /// `Content-Type`.
    pub fn content_type(&self) -> Option<&str> {
        text(self.response.headers(), &CONTENT_TYPE)
    }

    /// `ETag`, with its quotes.
    pub fn etag(&self) -> Option<&str> {
        text(self.response.headers(), &ETAG)
    }

    /// `Content-Length`.
    pub fn size(&self) -> Option<u64> {
        text(self.response.headers(), &CONTENT_LENGTH)?.parse().ok()
    }

    /// Any other header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// The next piece; `None` after the last.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, ApiError> {
        match tokio::time::timeout(IDLE_TIMEOUT, self.response.chunk()).await {
            Ok(chunk) => chunk.map_err(|error| failure(&self.url, IDLE_TIMEOUT, error)),
            Err(_) => Err(ApiError::Timeout {
                url: self.url.to_string(),
                after: IDLE_TIMEOUT,
            }),
        }
    }

    /// The whole body, refused when it is larger than `limit` bytes.
    pub async fn bytes(mut self, limit: usize) -> Result<Bytes, ApiError> {
        let mut whole = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            if whole.len() + chunk.len() > limit {
                return Err(malformed(
                    &self.url,
                    &format!("more than the {limit} bytes that are taken"),
                ));
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }

    /// The body as a stream of pieces.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, ApiError>> + Send {
        futures_util::stream::try_unfold(self, async |mut body| {
            let chunk = body.chunk().await?;
            Ok(chunk.map(|chunk| (chunk, body)))
        })
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}
