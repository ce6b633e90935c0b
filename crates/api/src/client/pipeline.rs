//! Calls to pipelines.

use super::http::{Call, Http, at};
use crate::codes;
use crate::pipeline::{
    CancelAnswer, Posted, ProcessingQuery, ProcessingRequest, ProcessingRun, ProductOffer, RunAnswer,
};
use crate::{ApiError, Items};
use domain::RunId;
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use std::time::Duration;
use url::Url;

/// A pipeline only puts the run into its queue; one that takes longer than this hangs.
const POST_TIMEOUT: Duration = Duration::from_secs(10);

/// A question is answered from memory; the asker has others to ask.
const ASK_TIMEOUT: Duration = Duration::from_secs(5);

/// A client for any number of pipelines: each call says at which base URL.
#[derive(Debug, Clone, Default)]
pub struct PipelineClient {
    http: Http,
}

impl PipelineClient {
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

    /// `POST {base}/processing`: any 2xx is a yes, whatever its body.
    pub async fn post(&self, base: &Url, request: &ProcessingRequest) -> Result<Posted, ApiError> {
        let call = Call::new(Method::POST, at(base, &["processing"])?, POST_TIMEOUT).json(request)?;
        let answer = self.http.call(call).await?;
        let said: LenientReply = answer.json().unwrap_or_default();
        Ok(Posted {
            existing: answer.status == StatusCode::OK && said.run_id.is_some(),
            run_id: said.run_id.and_then(|value| serde_json::from_value(value).ok()),
            state: said.state.and_then(|value| serde_json::from_value(value).ok()),
        })
    }

    /// `GET {base}/processing/{run_id}`.
    pub async fn run(&self, base: &Url, run_id: &RunId) -> Result<RunAnswer, ApiError> {
        let url = at(base, &["processing", run_id.as_str()])?;
        match self.http.get::<ProcessingRun>(url, ASK_TIMEOUT).await {
            Ok(run) => Ok(RunAnswer::Known(Box::new(run))),
            Err(error) if error.is_code(codes::UNKNOWN_RUN) => Ok(RunAnswer::Unknown),
            Err(error) if error.is_not_offered() => Ok(RunAnswer::NotOffered),
            Err(error) => Err(error),
        }
    }

    /// `GET {base}/processing`: a page of its runs; `None` if it does not offer them.
    pub async fn runs(
        &self,
        base: &Url,
        query: &ProcessingQuery,
    ) -> Result<Option<Items<ProcessingRun>>, ApiError> {
        let url = at(base, &["processing"])?;
        offered(self.http.query(url, query, ASK_TIMEOUT).await)
    }

    /// `DELETE {base}/processing/{run_id}`.
    pub async fn cancel(&self, base: &Url, run_id: &RunId) -> Result<CancelAnswer, ApiError> {
        let url = at(base, &["processing", run_id.as_str()])?;
        match self.http.call(Call::new(Method::DELETE, url, ASK_TIMEOUT)).await {
            Ok(_) => Ok(CancelAnswer::Accepted),
            Err(error) if error.is_code(codes::UNKNOWN_RUN) => Ok(CancelAnswer::Unknown),
            Err(error) if error.is_not_offered() => Ok(CancelAnswer::NotOffered),
            Err(error) => Err(error),
        }
    }

    /// `GET {base}/products`: what it can make; `None` if it does not say.
    pub async fn products(&self, base: &Url) -> Result<Option<Vec<ProductOffer>>, ApiError> {
        let url = at(base, &["products"])?;
        offered(self.http.get(url, ASK_TIMEOUT).await)
    }
}

/// What may be read in the reply of a pipeline that we know nothing of.
#[derive(Default, Deserialize)]
struct LenientReply {
    #[serde(default)]
    run_id: Option<serde_json::Value>,
    #[serde(default)]
    state: Option<serde_json::Value>,
}

fn offered<T>(answer: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_not_offered() => Ok(None),
        Err(error) => Err(error),
    }
}
