//! Calls to the mock VHF source.

use super::http::{Call, Http, at};
use crate::vhf::{Burst, Replay, ReplayRequest};
use crate::{ApiError, Items, PageQuery};
use reqwest::Method;
use std::time::Duration;
use url::Url;

/// All that is asked for is in memory.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);

/// A client of one mock VHF source.
#[derive(Debug, Clone)]
pub struct VhfClient {
    http: Http,
    base: Url,
}

impl VhfClient {
    /// A client of the source at this URL.
    pub fn new(http: Http, base: Url) -> Self {
        Self { http, base }
    }

    /// `GET /bursts`: what can be replayed.
    pub async fn bursts(&self, page: &PageQuery) -> Result<Items<Burst>, ApiError> {
        self.http
            .query(at(&self.base, &["bursts"])?, page, CALL_TIMEOUT)
            .await
    }

    /// `POST /replay`.
    pub async fn replay(&self, request: &ReplayRequest) -> Result<Replay, ApiError> {
        self.http
            .post(at(&self.base, &["replay"])?, request, CALL_TIMEOUT)
            .await
    }

    /// `GET /replays`, newest first.
    pub async fn replays(&self, page: &PageQuery) -> Result<Items<Replay>, ApiError> {
        self.http
            .query(at(&self.base, &["replays"])?, page, CALL_TIMEOUT)
            .await
    }

    /// `DELETE /replays/{id}`: stops it.
    pub async fn stop(&self, id: u64) -> Result<Replay, ApiError> {
        let url = at(&self.base, &["replays", &id.to_string()])?;
        self.http
            .call(Call::new(Method::DELETE, url, CALL_TIMEOUT))
            .await?
            .json()
    }

    /// `GET /replays/{id}`.
    pub async fn progress(&self, id: u64) -> Result<Replay, ApiError> {
        self.http
            .get(at(&self.base, &["replays", &id.to_string()])?, CALL_TIMEOUT)
            .await
    }
}
