//! One shared HTTP client with its limits; every call of every client goes through here.

use crate::{ApiError, Problem};
use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, IF_MATCH, RETRY_AFTER};
use reqwest::{Method, Request, Response, StatusCode, redirect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;
use url::Url;

/// A host that accepts no connection for two seconds is down, or too far away to orchestrate.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Shorter than the five seconds after which uvicorn, the usual server of Python pipelines, closes an idle
/// connection: a POST must not meet that moment.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// Enough for every run that one provider has at once; more would only hold sockets.
const POOL_IDLE_PER_HOST: usize = 64;

/// A pipeline behind a proxy or two; more is a loop.
const MAX_REDIRECTS: usize = 5;

/// The largest answer read as a whole: a page of 1000 records whose `meta` and `provenance` are at their
/// limits of 8 KiB each, twice over.
const MAX_ANSWER_BYTES: usize = 32 * 1024 * 1024;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const X_OPERATOR: HeaderName = HeaderName::from_static("x-operator");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The shared HTTP client: keep-alive, no delay, no proxy. Cloning it is cheap and shares its connections;
/// a process needs one.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    operator: Option<HeaderValue>,
    traceparent: Option<HeaderValue>,
    idempotency_key: Option<HeaderValue>,
}

impl Default for Http {
    fn default() -> Self {
        Self::new()
    }
}

impl Http {
    /// A client with no connections yet. Panics if the process cannot have one at all (as
    /// [`reqwest::Client::new`] does).
    pub fn new() -> Self {
        let client = reqwest::Client::builder()
            .no_proxy()
            .tcp_nodelay(true)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .pool_max_idle_per_host(POOL_IDLE_PER_HOST)
            .redirect(redirect::Policy::custom(follow_unchanged))
            .build()
            .expect("an HTTP client without TLS and proxies needs nothing that can be missing");
        Self {
            client,
            operator: None,
            traceparent: None,
            idempotency_key: None,
        }
    }

    /// The same client, saying who acts (`X-Operator`).
    ///
    /// # Errors
    /// [`ApiError::Invalid`] for a name that no header can carry.
    pub fn acting_as(&self, operator: &str) -> Result<Self, ApiError> {
        let value = HeaderValue::from_bytes(operator.as_bytes()).map_err(|_| {
            ApiError::Invalid(format!(
                "{operator:?} cannot be sent as an operator's name; it takes printable characters"
            ))
        })?;
        Ok(Self {
            operator: Some(value),
            ..self.clone()
        })
    }

    /// The same client, passing on a W3C `traceparent`; one that is no header value is left out.
    #[must_use]
    pub fn traced(&self, traceparent: Option<&str>) -> Self {
        let traceparent = traceparent.and_then(|value| HeaderValue::from_str(value).ok());
        Self {
            traceparent,
            ..self.clone()
        }
    }

    /// The same client for one act (`Idempotency-Key`): a repeat of it does nothing a second time.
    ///
    /// # Errors
    /// [`ApiError::Invalid`] for a key that no header can carry.
    pub fn keyed(&self, key: &str) -> Result<Self, ApiError> {
        let value = HeaderValue::from_str(key)
            .map_err(|_| ApiError::Invalid(format!("{key:?} cannot be sent as an Idempotency-Key")))?;
        Ok(Self {
            idempotency_key: Some(value),
            ..self.clone()
        })
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, url: Url, timeout: Duration) -> Result<T, ApiError> {
        self.call(Call::new(Method::GET, url, timeout)).await?.json()
    }

    /// A GET with a query; fields that are `None` are left out.
    pub(super) async fn query<T: DeserializeOwned>(
        &self,
        url: Url,
        query: &impl Serialize,
        timeout: Duration,
    ) -> Result<T, ApiError> {
        self.asked(url, query, timeout).await?.json()
    }

    /// The same for an answer that is a text of this media type: of a text nothing else tells that it is the wanted
    /// one, and not the page of whoever else listens there.
    pub(super) async fn text(
        &self,
        url: Url,
        query: &impl Serialize,
        media_type: &str,
        timeout: Duration,
    ) -> Result<String, ApiError> {
        let answer = self.asked(url, query, timeout).await?;
        if !answer.media_type.eq_ignore_ascii_case(media_type) {
            let what = format!("{:?} instead of {media_type}", answer.media_type);
            return Err(malformed(&answer.url, &what));
        }
        Ok(String::from_utf8_lossy(&answer.body).into_owned())
    }

    async fn asked(&self, url: Url, query: &impl Serialize, timeout: Duration) -> Result<Answer, ApiError> {
        let request = self.client.get(url).query(query).build();
        let request = request.map_err(|error| ApiError::Invalid(format!("the query: {error}")))?;
        self.call(Call { request, timeout }).await
    }

    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        url: Url,
        body: &impl Serialize,
        timeout: Duration,
    ) -> Result<T, ApiError> {
        self.call(Call::new(Method::POST, url, timeout).json(body)?)
            .await?
            .json()
    }

    /// A PUT of a JSON document as it is written, with a query, in the place of what has this tag if one is given.
    pub(super) async fn put<T: DeserializeOwned>(
        &self,
        url: Url,
        query: &impl Serialize,
        if_match: Option<&str>,
        document: String,
        timeout: Duration,
    ) -> Result<T, ApiError> {
        let mut put = self.client.put(url).query(query);
        if let Some(tag) = if_match {
            put = put.header(IF_MATCH, format!("\"{tag}\""));
        }
        let request = put
            .header(CONTENT_TYPE, "application/json")
            .body(document)
            .build();
        let request = request.map_err(|error| ApiError::Invalid(format!("the query: {error}")))?;
        self.call(Call { request, timeout }).await?.json()
    }

    /// Sends, waits for the whole answer, and turns error answers into [`ApiError::Problem`].
    pub(super) async fn call(&self, call: Call) -> Result<Answer, ApiError> {
        let Call { mut request, timeout } = call;
        *request.timeout_mut() = Some(timeout);
        let url = request.url().clone();
        self.sign(request.headers_mut());
        let response = self
            .client
            .execute(request)
            .await
            .map_err(|error| failure(&url, timeout, error))?;
        Answer::read(url, timeout, response).await
    }

    /// Sends, and waits `timeout` for the head of the answer only; error answers become
    /// [`ApiError::Problem`].
    pub(super) async fn open(&self, call: Call) -> Result<(Url, Response), ApiError> {
        let Call { mut request, timeout } = call;
        let url = request.url().clone();
        self.sign(request.headers_mut());
        let response = match tokio::time::timeout(timeout, self.client.execute(request)).await {
            Ok(sent) => sent.map_err(|error| failure(&url, timeout, error))?,
            Err(_) => {
                return Err(ApiError::Timeout {
                    url: url.into(),
                    after: timeout,
                });
            }
        };
        if response.status().is_success() {
            return Ok((url, response));
        }
        let reading = Answer::read(url.clone(), timeout, response);
        match tokio::time::timeout(timeout, reading).await {
            Ok(Err(error)) => Err(error),
            Ok(Ok(_)) => Err(malformed(&url, "an error that turned into none")),
            Err(_) => Err(ApiError::Timeout {
                url: url.into(),
                after: timeout,
            }),
        }
    }

    fn sign(&self, headers: &mut HeaderMap) {
        if let Some(operator) = &self.operator {
            headers.insert(X_OPERATOR, operator.clone());
        }
        if let Some(traceparent) = &self.traceparent {
            headers.insert(TRACEPARENT, traceparent.clone());
        }
        if let Some(key) = &self.idempotency_key {
            headers.insert(IDEMPOTENCY_KEY, key.clone());
        }
    }
}

/// Follows only redirects that repeat the request as it is (307, 308); the others turn a POST into a GET.
fn follow_unchanged(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let unchanged = matches!(
        attempt.status(),
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
    );
    if unchanged && attempt.previous().len() <= MAX_REDIRECTS {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

/// A request about to be sent.
pub(super) struct Call {
    pub(super) request: Request,
    timeout: Duration,
}

impl Call {
    pub(super) fn new(method: Method, url: Url, timeout: Duration) -> Self {
        Self {
            request: Request::new(method, url),
            timeout,
        }
    }

    pub(super) fn json(mut self, body: &impl Serialize) -> Result<Self, ApiError> {
        let bytes =
            serde_json::to_vec(body).map_err(|error| ApiError::Invalid(format!("the body: {error}")))?;
        let json = HeaderValue::from_static("application/json");
        self.request.headers_mut().insert(CONTENT_TYPE, json);
        *self.request.body_mut() = Some(bytes.into());
        Ok(self)
    }

    pub(super) fn header(mut self, name: &'static str, value: &str) -> Result<Self, ApiError> {
        let value = HeaderValue::from_str(value)
            .map_err(|_| ApiError::Invalid(format!("{name}: {value:?} cannot be sent in a header")))?;
        self.request.headers_mut().insert(name, value);
        Ok(self)
    }
}

/// A whole answer of the 2xx family.
pub(super) struct Answer {
    url: Url,
    pub(super) status: StatusCode,
    /// Without its parameters; empty if none was said.
    media_type: String,
    pub(super) body: Bytes,
}

impl Answer {
    async fn read(url: Url, timeout: Duration, mut response: Response) -> Result<Self, ApiError> {
        let status = response.status();
        let retry_after = retry_after(response.headers());
        let media_type = media_type(response.headers());
        let body = read_body(&url, timeout, &mut response).await?;
        if status.is_success() {
            return Ok(Self {
                url,
                status,
                media_type,
                body,
            });
        }
        let problem = Problem::read(status.as_u16(), retry_after, &body);
        Err(ApiError::Problem(Box::new(problem)))
    }

    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        serde_json::from_slice(&self.body).map_err(|error| malformed(&self.url, &error.to_string()))
    }
}

/// The whole body, up to [`MAX_ANSWER_BYTES`]. Nearly all are one chunk, which is not copied.
async fn read_body(url: &Url, timeout: Duration, response: &mut Response) -> Result<Bytes, ApiError> {
    let mut next = async || {
        response
            .chunk()
            .await
            .map_err(|error| failure(url, timeout, error))
    };
    let Some(first) = next().await? else {
        return Ok(Bytes::new());
    };
    let Some(second) = next().await? else {
        return Ok(first);
    };
    let mut whole = BytesMut::from(first);
    whole.extend_from_slice(&second);
    while let Some(chunk) = next().await? {
        if whole.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(malformed(url, &format!("more than {MAX_ANSWER_BYTES} bytes")));
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.freeze())
}

fn media_type(headers: &HeaderMap) -> String {
    let said = headers.get(CONTENT_TYPE).and_then(|said| said.to_str().ok());
    let media_type = said.and_then(|said| said.split(';').next());
    media_type.unwrap_or_default().trim().to_owned()
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse::<f64>()
        .ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

pub(super) fn malformed(url: &Url, what: &str) -> ApiError {
    ApiError::Malformed {
        url: url.to_string(),
        what: what.to_owned(),
    }
}

/// Sorts what reqwest says by what the caller can know from it.
pub(super) fn failure(url: &Url, timeout: Duration, error: reqwest::Error) -> ApiError {
    let (url, source) = (url.to_string(), error.without_url());
    if source.is_timeout() {
        let after = if source.is_connect() {
            CONNECT_TIMEOUT
        } else {
            timeout
        };
        ApiError::Timeout { url, after }
    } else if source.is_connect() {
        ApiError::Unreachable { url, source }
    } else if source.is_builder() {
        ApiError::Invalid(format!("{url} cannot be called: {source}"))
    } else {
        ApiError::Interrupted { url, source }
    }
}

/// `{base}/{segment}/{segment}`, each segment escaped.
pub(super) fn at(base: &Url, segments: &[&str]) -> Result<Url, ApiError> {
    let mut url = base.clone();
    match url.path_segments_mut() {
        Ok(mut path) => {
            path.pop_if_empty().extend(segments);
        }
        Err(()) => return Err(ApiError::Invalid(format!("{base} is no URL of a service"))),
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_join_with_and_without_a_slash_and_escape_what_they_must() {
        for base in ["http://h:1/p", "http://h:1/p/"] {
            let url = at(&base.parse().unwrap(), &["processing", "a b/c"]).unwrap();
            assert_eq!(url.as_str(), "http://h:1/p/processing/a%20b%2Fc");
        }
        assert!(at(&"mailto:x@y".parse().unwrap(), &["a"]).is_err());
    }

    #[test]
    fn an_operator_s_name_must_fit_a_header() {
        assert!(Http::new().acting_as("ada\nevil: 1").is_err());
        assert!(Http::new().acting_as("ada").is_ok());
    }
}
