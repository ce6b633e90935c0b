//! What is asked for a view: why a cell is as it is, its versions, its bytes, runs, alerts, the report; and what a
//! pipeline offers.

use super::inlet::Inlet;
use super::way::Way;
use crate::model::{Answer, Body, CellId, MAX_BODY, Peer, Question, Update};
use api::conductor::RunQuery;
use api::pipeline::RunAnswer;
use api::{ApiError, ConductorClient, PageQuery, PipelineClient, SdbClient};
use domain::Version;
use futures_util::{StreamExt as _, stream};
use std::time::Duration;
use tokio::sync::{Mutex, mpsc};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use url::Url;

/// One answer; for bytes, until the last of those that are taken.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Questions under way at once.
const AT_ONCE: usize = 4;
/// Versions that are listed: the newest.
const MAX_VERSIONS: u32 = 50;

/// Asks.
#[derive(Debug)]
pub(super) struct Questions {
    conductor: ConductorClient,
    sdb: SdbClient,
    pipelines: PipelineClient,
    inlet: Inlet,
    way: Mutex<Way>,
}

impl Questions {
    pub(super) fn new(
        conductor: ConductorClient,
        sdb: SdbClient,
        pipelines: PipelineClient,
        inlet: Inlet,
    ) -> Self {
        Self {
            conductor,
            sdb,
            pipelines,
            inlet,
            way: Mutex::new(Way::to(Peer::Sdb)),
        }
    }

    pub(super) async fn run(
        self,
        asked: mpsc::Receiver<Question>,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let asked = stream::unfold(asked, async |mut asked| {
            let question = asked.recv().await?;
            Some((question, asked))
        });
        let answers = asked.for_each_concurrent(AT_ONCE, async |question: Question| {
            let answer = match timeout(TIMEOUT, self.answer(&question)).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(error)) => Answer::None(question, error.to_string()),
                Err(_) => Answer::None(question, format!("no answer within {} s", TIMEOUT.as_secs())),
            };
            // Without a screen nobody wants to know.
            self.inlet.put(Update::Answer(Box::new(answer))).await.ok();
        });
        tokio::select! {
            () = answers => Ok(()),
            () = stop.cancelled() => Ok(()),
        }
    }

    async fn answer(&self, question: &Question) -> Result<Answer, ApiError> {
        match question {
            Question::Cell(CellId { obs_id, product }) => {
                let view = self.conductor.cell(obs_id, product).await?;
                Ok(Answer::Cell(Box::new(view)))
            }
            Question::Timeline(obs_id) => {
                Ok(Answer::Timeline(Box::new(self.conductor.timeline(obs_id).await?)))
            }
            Question::Alerts => Ok(Answer::Alerts(self.conductor.alerts().await?.items)),
            Question::Runs(wanted) => {
                let query = RunQuery {
                    state: wanted.state,
                    provider: wanted.provider.clone(),
                    since: wanted.since,
                    limit: Some(wanted.limit),
                    ..RunQuery::default()
                };
                let runs = self.conductor.runs(&query).await?;
                Ok(Answer::Runs(wanted.clone(), runs.items, runs.next.is_some()))
            }
            Question::Report(since) => {
                let text = self.conductor.report_in_words(Some(*since)).await?;
                Ok(Answer::Report(*since, text))
            }
            Question::Versions(cell) => {
                let page = PageQuery {
                    limit: Some(MAX_VERSIONS),
                    cursor: None,
                };
                let versions = self
                    .of_sdb(self.sdb.versions(&cell.obs_id, &cell.product, &page))
                    .await?;
                Ok(Answer::Versions(cell.clone(), versions.items))
            }
            Question::Offers(url) => {
                let offers = self.pipelines.products(&base(url)?).await?;
                Ok(Answer::Offers(url.clone(), offers.unwrap_or_default()))
            }
            Question::Job(cell, url, run_id) => {
                let job = match self.pipelines.run(&base(url)?, run_id).await? {
                    RunAnswer::Known(job) => Some(job),
                    RunAnswer::Unknown | RunAnswer::NotOffered => None,
                };
                Ok(Answer::Job(cell.clone(), url.clone(), run_id.clone(), job))
            }
            Question::Bytes(cell, version) => {
                let body = self.of_sdb(self.body(cell, *version)).await?;
                Ok(Answer::Bytes(cell.clone(), *version, body))
            }
        }
    }

    /// The beginning of a product's bytes; the rest is not taken off the wire.
    async fn body(&self, cell: &CellId, version: Option<Version>) -> Result<Body, ApiError> {
        let mut download = self.sdb.export(&cell.obs_id, &cell.product, version).await?;
        let mut body = Body {
            content_type: download.content_type().map(ToOwned::to_owned),
            size: download.size(),
            bytes: Vec::new(),
            is_cut: false,
        };
        while let Some(chunk) = download.chunk().await? {
            let room = MAX_BODY - body.bytes.len();
            body.bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                body.is_cut = true;
                break;
            }
        }
        Ok(body)
    }

    /// Tells by the way whether the SDB answers.
    async fn of_sdb<T>(&self, call: impl Future<Output = Result<T, ApiError>>) -> Result<T, ApiError> {
        let answer = call.await;
        let mut way = self.way.lock().await;
        let told = match &answer {
            Err(error) if error.problem().is_none() => way.fails(&self.inlet, error.to_string()).await,
            Ok(_) | Err(_) => way.works(&self.inlet, None).await,
        };
        // The screen is gone, and with it who asked.
        told.ok();
        answer
    }
}

fn base(url: &str) -> Result<Url, ApiError> {
    url.parse()
        .map_err(|_| ApiError::Invalid(format!("{url} is no URL")))
}
