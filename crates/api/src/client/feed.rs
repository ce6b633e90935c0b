//! Calls to a feed: the SDB's, or any source's.

use super::http::{Http, at};
use crate::ApiError;
use crate::feed::{FeedPage, FeedQuery};
use std::time::Duration;
use url::Url;

/// A page of at most 1000 rows in order.
const PAGE_TIMEOUT: Duration = Duration::from_secs(10);

/// A client of one feed.
#[derive(Debug, Clone)]
pub struct FeedClient {
    http: Http,
    base: Url,
}

impl FeedClient {
    /// A client of the feed at `{base}/events`.
    pub fn new(http: Http, base: Url) -> Self {
        Self { http, base }
    }

    /// The announcements after a position.
    ///
    /// # Errors
    /// Also the problem [`FEED_CHANGED`](crate::codes::FEED_CHANGED), if `query.feed` is not the feed any
    /// more.
    pub async fn page(&self, query: &FeedQuery) -> Result<FeedPage, ApiError> {
        self.http
            .query(at(&self.base, &["events"])?, query, PAGE_TIMEOUT)
            .await
    }
}
