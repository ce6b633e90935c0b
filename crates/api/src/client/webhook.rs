//! Calls to whoever wants to be told of alerts.

use super::http::{Call, Http};
use crate::ApiError;
use crate::conductor::Notice;
use reqwest::Method;
use std::time::Duration;
use url::Url;

/// Who takes a notice puts it into a queue of his own.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// A client of one webhook.
#[derive(Debug, Clone)]
pub struct WebhookClient {
    http: Http,
    url: Url,
}

impl WebhookClient {
    /// A client of the webhook at exactly this URL.
    pub fn new(http: Http, url: Url) -> Self {
        Self { http, url }
    }

    /// POSTs a notice; any answer of the 2xx family says that it was taken.
    pub async fn tell(&self, notice: &Notice) -> Result<(), ApiError> {
        let call = Call::new(Method::POST, self.url.clone(), CALL_TIMEOUT).json(notice)?;
        self.http.call(call).await.map(drop)
    }
}
