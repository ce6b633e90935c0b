//! Calls to the conductor.

use super::http::{Call, Http, at};
use crate::conductor::{
    AcknowledgeRequest, Acknowledged, AlertView, BackfillRequest, CellView, EventView, GraceRequest,
    GraphChange, GraphQuery, GraphView, ManualAnswer, ManualRequest, NoteQuery, NoteRequest, NoteView,
    ObservationItem, ObservationQuery, ObservationView, PriorityRequest, ProviderRequest, ProviderView,
    ReportFormat, ReportQuery, ReportView, RunQuery, RunView, Selector, TimelineView, Touched,
};
use crate::{ApiError, Items, PageQuery};
use domain::{ObsId, ProductName, ProviderName, RunId, Sha256};
use jiff::Timestamp;
use reqwest::{Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use std::time::Duration;
use url::Url;

/// A person waits for the answer; the conductor reads a few rows for it.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The items of a page for which no limit is asked (`docs/protocol.md` section 3).
const DEFAULT_LIMIT: u32 = 100;

/// How often a list is asked on for one page: each answer looks through some thousands, so this is the end of any that
/// there is.
const MAX_ANSWERS: usize = 10_000;

/// A client of one conductor.
#[derive(Debug, Clone)]
pub struct ConductorClient {
    http: Http,
    base: Url,
}

impl ConductorClient {
    /// A client of the conductor at this URL; `http` says who acts.
    pub fn new(http: Http, base: Url) -> Self {
        Self { http, base }
    }

    /// `GET /observations`, asked on while the page is not full.
    pub async fn observations(&self, query: &ObservationQuery) -> Result<Items<ObservationItem>, ApiError> {
        let on = |limit, cursor| ObservationQuery {
            limit: Some(limit),
            cursor: Some(cursor),
            ..query.clone()
        };
        self.filled("observations", query, query.limit, on).await
    }

    /// `GET /observations/{obs_id}`.
    pub async fn observation(&self, obs_id: &ObsId) -> Result<ObservationView, ApiError> {
        self.http
            .get(
                at(&self.base, &["observations", &obs_id.to_string()])?,
                CALL_TIMEOUT,
            )
            .await
    }

    /// `GET /observations/{obs_id}/products/{product}`: the cell and why it is as it is.
    pub async fn cell(&self, obs_id: &ObsId, product: &ProductName) -> Result<CellView, ApiError> {
        let path = ["observations", &obs_id.to_string(), "products", product.as_str()];
        self.http.get(at(&self.base, &path)?, CALL_TIMEOUT).await
    }

    /// `GET /observations/{obs_id}/timeline`: where its time went.
    pub async fn timeline(&self, obs_id: &ObsId) -> Result<TimelineView, ApiError> {
        let path = ["observations", &obs_id.to_string(), "timeline"];
        self.http.get(at(&self.base, &path)?, CALL_TIMEOUT).await
    }

    /// `POST /processing`: the run that makes the product, and whether it was there before.
    pub async fn process(&self, request: &ManualRequest) -> Result<(ManualAnswer, bool), ApiError> {
        let url = at(&self.base, &["processing"])?;
        let answer = self
            .http
            .call(Call::new(Method::POST, url, CALL_TIMEOUT).json(request)?)
            .await?;
        Ok((answer.json()?, answer.status == StatusCode::OK))
    }

    /// `POST /backfill`.
    pub async fn backfill(&self, request: &BackfillRequest) -> Result<Touched, ApiError> {
        self.act("backfill", request).await
    }

    /// `POST /retry`.
    pub async fn retry(&self, selector: &Selector) -> Result<Touched, ApiError> {
        self.act("retry", selector).await
    }

    /// `POST /cancel`.
    pub async fn cancel(&self, selector: &Selector) -> Result<Touched, ApiError> {
        self.act("cancel", selector).await
    }

    /// `POST /hold`.
    pub async fn hold(&self, selector: &Selector) -> Result<Touched, ApiError> {
        self.act("hold", selector).await
    }

    /// `POST /release`.
    pub async fn release(&self, selector: &Selector) -> Result<Touched, ApiError> {
        self.act("release", selector).await
    }

    /// `POST /approve`.
    pub async fn approve(&self, selector: &Selector) -> Result<Touched, ApiError> {
        self.act("approve", selector).await
    }

    /// `POST /priority`.
    pub async fn raise(&self, request: &PriorityRequest) -> Result<Touched, ApiError> {
        self.act("priority", request).await
    }

    /// `POST /grace`.
    pub async fn grace(&self, request: &GraceRequest) -> Result<Touched, ApiError> {
        self.act("grace", request).await
    }

    async fn act(&self, route: &str, request: &impl Serialize) -> Result<Touched, ApiError> {
        self.http
            .post(at(&self.base, &[route])?, request, CALL_TIMEOUT)
            .await
    }

    /// `POST /acknowledge`.
    pub async fn acknowledge(&self, request: &AcknowledgeRequest) -> Result<Acknowledged, ApiError> {
        self.http
            .post(at(&self.base, &["acknowledge"])?, request, CALL_TIMEOUT)
            .await
    }

    /// `GET /alerts`, the worst first; the first page.
    pub async fn alerts(&self) -> Result<Items<AlertView>, ApiError> {
        self.http.get(at(&self.base, &["alerts"])?, CALL_TIMEOUT).await
    }

    /// `GET /report`.
    pub async fn report(&self, since: Option<Timestamp>) -> Result<ReportView, ApiError> {
        let query = ReportQuery { since, format: None };
        self.http
            .query(at(&self.base, &["report"])?, &query, CALL_TIMEOUT)
            .await
    }

    /// `GET /report`, as Markdown.
    pub async fn report_in_words(&self, since: Option<Timestamp>) -> Result<String, ApiError> {
        let query = ReportQuery {
            since,
            format: Some(ReportFormat::Markdown),
        };
        self.http
            .text(
                at(&self.base, &["report"])?,
                &query,
                "text/markdown",
                CALL_TIMEOUT,
            )
            .await
    }

    /// `POST /notes`: the note, as it was left.
    pub async fn leave_note(&self, request: &NoteRequest) -> Result<NoteView, ApiError> {
        self.http
            .post(at(&self.base, &["notes"])?, request, CALL_TIMEOUT)
            .await
    }

    /// `GET /notes`, the last one first; the first page.
    pub async fn notes(&self, query: &NoteQuery) -> Result<Items<NoteView>, ApiError> {
        self.http
            .query(at(&self.base, &["notes"])?, query, CALL_TIMEOUT)
            .await
    }

    /// `GET /providers`.
    pub async fn providers(&self, page: &PageQuery) -> Result<Items<ProviderView>, ApiError> {
        self.http
            .query(at(&self.base, &["providers"])?, page, CALL_TIMEOUT)
            .await
    }

    /// `POST /providers/{name}/pause`: the provider, as it is now.
    pub async fn pause(
        &self,
        name: &ProviderName,
        request: &ProviderRequest,
    ) -> Result<ProviderView, ApiError> {
        self.steer(name, "pause", request).await
    }

    /// `POST /providers/{name}/drain`: the provider, as it is now.
    pub async fn drain(
        &self,
        name: &ProviderName,
        request: &ProviderRequest,
    ) -> Result<ProviderView, ApiError> {
        self.steer(name, "drain", request).await
    }

    /// `POST /providers/{name}/resume`: the provider, as it is now.
    pub async fn resume(
        &self,
        name: &ProviderName,
        request: &ProviderRequest,
    ) -> Result<ProviderView, ApiError> {
        self.steer(name, "resume", request).await
    }

    async fn steer(
        &self,
        name: &ProviderName,
        verb: &str,
        request: &ProviderRequest,
    ) -> Result<ProviderView, ApiError> {
        let path = ["providers", name.as_str(), verb];
        self.http
            .post(at(&self.base, &path)?, request, CALL_TIMEOUT)
            .await
    }

    /// `GET /runs`, newest first, asked on while the page is not full.
    pub async fn runs(&self, query: &RunQuery) -> Result<Items<RunView>, ApiError> {
        let on = |limit, cursor| RunQuery {
            limit: Some(limit),
            cursor: Some(cursor),
            ..query.clone()
        };
        self.filled("runs", query, query.limit, on).await
    }

    /// `GET /runs/{run_id}`.
    pub async fn run(&self, run_id: &RunId) -> Result<RunView, ApiError> {
        self.http
            .get(at(&self.base, &["runs", run_id.as_str()])?, CALL_TIMEOUT)
            .await
    }

    /// `GET /graph`.
    pub async fn graph(&self) -> Result<GraphView, ApiError> {
        self.http.get(at(&self.base, &["graph"])?, CALL_TIMEOUT).await
    }

    /// `PUT /graph`: puts another graph in force, given as it is written, or tells what it would change.
    pub async fn put_graph(&self, document: String, query: &GraphQuery) -> Result<GraphChange, ApiError> {
        self.http
            .put(at(&self.base, &["graph"])?, query, None, document, CALL_TIMEOUT)
            .await
    }

    /// The same in the place of the graph with this checksum only: `graph-changed` if another is in force.
    pub async fn replace_graph(
        &self,
        replaces: Sha256,
        document: String,
        query: &GraphQuery,
    ) -> Result<GraphChange, ApiError> {
        let (url, tag) = (at(&self.base, &["graph"])?, replaces.to_string());
        self.http
            .put(url, query, Some(&tag), document, CALL_TIMEOUT)
            .await
    }

    /// `GET /events`: the audit log, newest first.
    pub async fn events(&self, page: &PageQuery) -> Result<Items<EventView>, ApiError> {
        self.http
            .query(at(&self.base, &["events"])?, page, CALL_TIMEOUT)
            .await
    }

    /// A page of a list of which the conductor looks only at a part for one answer: asked on until the page is full or
    /// the list ends.
    async fn filled<T: DeserializeOwned, Q: Serialize>(
        &self,
        list: &str,
        query: &Q,
        limit: Option<u32>,
        on: impl Fn(u32, String) -> Q,
    ) -> Result<Items<T>, ApiError> {
        let url = at(&self.base, &[list])?;
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        let mut page: Items<T> = self.http.query(url.clone(), query, CALL_TIMEOUT).await?;
        for _ in 1..MAX_ANSWERS {
            let found = u32::try_from(page.items.len()).unwrap_or(u32::MAX);
            let left = limit.saturating_sub(found);
            let Some(cursor) = page.next.take_if(|_| left > 0) else {
                break;
            };
            let more: Items<T> = self
                .http
                .query(url.clone(), &on(left, cursor), CALL_TIMEOUT)
                .await?;
            page.items.extend(more.items);
            page.next = more.next;
        }
        Ok(page)
    }
}
