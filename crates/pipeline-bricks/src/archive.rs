//! The SDB as a task sees it: every call is repeated until it works, is refused, or time is up.

use crate::{Failure, order::Order, parcel::Parcel, provenance};
use api::{ApiError, FetchClient, Http, PageQuery, SdbClient, codes, sdb::ProductRecord};
use backon::{BackoffBuilder as _, ExponentialBuilder};
use bytes::Bytes;
use domain::{InputRef, ObsId, ProductName, RunId, Version};
use service_kit::in_full;
use std::{future::Future, time::Duration};
use tokio::time::Instant;
use url::Url;

/// From a blink, for an SDB that restarts, to a pause that a dead one hardly notices.
const BACKOFF: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(100))
    .with_max_delay(Duration::from_secs(10))
    .without_max_times()
    .with_jitter();

/// An input that is not there may be on its way: an announcement can be faster than its bytes.
const MAX_WAIT_FOR_INPUT: Duration = Duration::from_secs(10);

/// The largest input that is read into memory as a whole.
const MAX_INPUT_BYTES: usize = 1024 * 1024 * 1024;

/// How many versions of one cell are looked through for one of ours, newest first.
const MAX_VERSIONS: u32 = 1000;

/// Clients that belong together; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Archive {
    sdb: SdbClient,
    fetch: FetchClient,
}

/// An input's bytes.
#[derive(Debug, Clone)]
pub struct Input {
    /// The bytes.
    pub bytes: Bytes,
    /// What the source calls them.
    pub content_type: Option<String>,
    /// Which version of the SDB they are, where they come from it.
    pub version: Option<Version>,
}

impl Archive {
    pub(crate) fn new(http: Http, sdb: Url) -> Self {
        Self {
            sdb: SdbClient::new(http.clone(), sdb),
            fetch: FetchClient::new(http),
        }
    }

    /// The same, passing on the order's trace.
    pub(crate) fn traced(&self, trace: Option<&str>) -> Self {
        match trace {
            Some(_) => Self {
                sdb: self.sdb.traced(trace),
                fetch: self.fetch.traced(trace),
            },
            None => self.clone(),
        }
    }

    /// Imports; a key that was used with other bytes means that an earlier attempt of the run got there first,
    /// and its record is the answer.
    pub(crate) async fn import(
        &self,
        order: &Order,
        parcel: &Parcel,
        until: Instant,
    ) -> Result<ProductRecord, Failure> {
        let (obs_id, product, import) = (&order.obs_id, &parcel.product, &parcel.import);
        let send = || self.sdb.import(obs_id, product, parcel.bytes.clone(), import);
        let error = match patiently(until, send).await {
            Ok(record) => return Ok(record),
            Err(error) => error,
        };
        if error.is_code(codes::IDEMPOTENCY_KEY_REUSED)
            && let Some(record) = self
                .stored_by(obs_id, product, &order.run_id, parcel.is_preliminary(), until)
                .await?
        {
            return Ok(record);
        }
        if is_passing(&error) {
            return Err(Failure::retriable("sdb-unavailable", in_full(&error)));
        }
        match import.provenance.as_ref().and_then(provenance::excess) {
            Some(excess) => Err(Failure::permanent(provenance::TOO_LARGE, excess)),
            None => Err(Failure::permanent("import-refused", in_full(&error))),
        }
    }

    /// The newest version of the cell that this run has stored, if any.
    pub(crate) async fn stored_by(
        &self,
        obs_id: &ObsId,
        product: &ProductName,
        run_id: &RunId,
        preliminary: bool,
        until: Instant,
    ) -> Result<Option<ProductRecord>, Failure> {
        let page = PageQuery {
            limit: Some(MAX_VERSIONS),
            cursor: None,
        };
        let ours = |record: &ProductRecord| {
            let by = record
                .provenance
                .as_ref()
                .and_then(|provenance| provenance.run_id.as_ref());
            by == Some(run_id) && is_preliminary(record.meta.as_ref()) == preliminary
        };
        match patiently(until, || self.sdb.versions(obs_id, product, &page)).await {
            Ok(versions) => Ok(versions.items.into_iter().find(ours)),
            Err(error) if error.status() == Some(404) => Ok(None),
            Err(error) => Err(Failure::retriable("sdb-unavailable", in_full(&error))),
        }
    }

    /// The bytes of an input: where its announcement says they are, else in the SDB.
    pub(crate) async fn input(
        &self,
        obs_id: &ObsId,
        input: &InputRef,
        until: Instant,
    ) -> Result<Input, Failure> {
        let product = &input.product;
        // Only the SDB's own numbers are versions of the SDB.
        let from_sdb = input
            .source
            .as_ref()
            .is_none_or(|source| source.as_str() == "sdb");
        let version = input.version.filter(|_| from_sdb);
        let href = match &input.href {
            Some(href) => Some(self.sdb.base().join(href).map_err(|error| {
                Failure::permanent(
                    "input-unreadable",
                    format!("the href {href:?} of {product} is no URL: {error}"),
                )
            })?),
            None => None,
        };
        let read = || async {
            let download = match &href {
                Some(href) => self.fetch.fetch(href).await?,
                None => self.sdb.export(obs_id, product, version).await?,
            };
            let content_type = download.content_type().map(ToOwned::to_owned);
            let stored = download.header("content-location").and_then(version_of);
            Ok(Input {
                bytes: download.bytes(MAX_INPUT_BYTES).await?,
                content_type,
                version: version.or(stored).filter(|_| href.is_none()),
            })
        };
        let soon = until.min(Instant::now() + MAX_WAIT_FOR_INPUT);
        let patience = |error: &ApiError| if error.status() == Some(404) { soon } else { until };
        match repeat(
            patience,
            |error| is_passing(error) || error.status() == Some(404),
            read,
        )
        .await
        {
            Ok(input) => Ok(input),
            Err(error) if error.status() == Some(410) => Err(Failure::permanent(
                "input-retracted",
                format!("{product}: {}", in_full(&error)),
            )),
            Err(error) => Err(Failure::retriable(
                "input-unavailable",
                format!("{product}: {}", in_full(&error)),
            )),
        }
    }
}

/// The version that the SDB names in the address of what it exports, `/products/42/RAW?version=3`.
fn version_of(location: &str) -> Option<Version> {
    let (_, version) = location.rsplit_once("version=")?;
    version.parse().ok().map(Version)
}

/// Whether a product's `meta` says that a better one follows.
pub(crate) fn is_preliminary(meta: Option<&domain::JsonObject>) -> bool {
    meta.is_some_and(|meta| meta.get("preliminary") == Some(&true.into()))
}

async fn patiently<T, F>(until: Instant, call: impl Fn() -> F) -> Result<T, ApiError>
where
    F: Future<Output = Result<T, ApiError>>,
{
    repeat(|_| until, is_passing, call).await
}

/// Calls until it works, fails for good, or the next call would come too late.
async fn repeat<T, F>(
    patience: impl Fn(&ApiError) -> Instant,
    is_worth_it: impl Fn(&ApiError) -> bool,
    call: impl Fn() -> F,
) -> Result<T, ApiError>
where
    F: Future<Output = Result<T, ApiError>>,
{
    let mut pauses = None;
    loop {
        let error = match call().await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let pause = pauses
            .get_or_insert_with(|| BACKOFF.build())
            .next()
            .unwrap_or_default();
        let pause = error.retry_after().unwrap_or_default().max(pause);
        if !is_worth_it(&error) || Instant::now() + pause >= patience(&error) {
            return Err(error);
        }
        tracing::debug!(error = in_full(&error), ?pause, "trying again");
        tokio::time::sleep(pause).await;
    }
}

/// Whether the same call may work later.
fn is_passing(error: &ApiError) -> bool {
    match error {
        ApiError::Unreachable { .. }
        | ApiError::Timeout { .. }
        | ApiError::Interrupted { .. }
        | ApiError::Malformed { .. } => true,
        ApiError::Problem(problem) => problem.status >= 500 || matches!(problem.status, 408 | 429),
        ApiError::Invalid(_) => false,
    }
}
