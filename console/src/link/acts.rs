//! Acts, sent, and what came of them.
//!
//! Each request carries its own `Idempotency-Key`, so that a repeat on the way does nothing twice. None is repeated
//! here: after a time-out nobody knows, and an operator is told so.

use super::inlet::Inlet;
use super::said::{made, taken};
use super::{Act, CellVerb, Steer};
use crate::model::{ActId, CellId, Ending, Outcome, Update};
use api::conductor::{ProviderRequest, Selector, TouchedCell, Why};
use api::pipeline::Posted;
use api::{ApiError, ConductorClient, Http, PipelineClient};
use domain::RunId;
use futures_util::{StreamExt as _, stream};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use url::Url;

/// After so long without an answer an operator should look for himself.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Acts under way at once: one that hangs holds up no other.
const ACTS_AT_ONCE: usize = 8;
/// Requests of one act under way at once.
const REQUESTS_AT_ONCE: usize = 4;

/// Sends acts.
#[derive(Debug)]
pub(super) struct Acts {
    pub(super) http: Http,
    pub(super) conductor: Url,
    pub(super) pipelines: PipelineClient,
}

/// What one request came to.
#[derive(Debug, Default)]
struct Reply {
    touched: Vec<TouchedCell>,
    run_id: Option<RunId>,
    /// For a person.
    said: Option<String>,
}

/// Why one request came to nothing.
#[derive(Debug)]
struct Refusal {
    why: String,
    /// The tree of reasons, where the conductor tells one.
    tree: Option<Box<Why>>,
    /// Whether it may have been done all the same.
    is_open: bool,
}

impl Acts {
    pub(super) async fn run(
        self,
        asked: mpsc::Receiver<(ActId, Act)>,
        inlet: Inlet,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let asked = stream::unfold(asked, async |mut asked| {
            let act = asked.recv().await?;
            Some((act, asked))
        });
        let acts = asked.for_each_concurrent(ACTS_AT_ONCE, async |(id, act): (ActId, Act)| {
            let outcome = self.carry_out(id, act).await;
            // Without a screen nobody wants to know.
            inlet.put(Update::Outcome(Box::new(outcome))).await.ok();
        });
        tokio::select! {
            () = acts => Ok(()),
            () = stop.cancelled() => Ok(()),
        }
    }

    async fn carry_out(&self, id: ActId, act: Act) -> Outcome {
        let (verb, dry_run) = (act.name().to_owned(), act.is_dry_run());
        let replies: Vec<(Option<CellId>, Result<Reply, Refusal>)> = match act {
            Act::Cells {
                verb,
                cells,
                note,
                dry_run,
            } => self.to_cells(&id, &verb, cells, note, dry_run).await,
            Act::Selected { verb, selector } => vec![(None, self.to_selected(&id.0, &verb, selector).await)],
            Act::Process(request) => {
                let process = async |conductor: ConductorClient| conductor.process(&request).await;
                let answer = self.ask(&id.0, process).await;
                let run = |(answer, known)| Reply {
                    said: Some(made(&request, &answer, known, "force")),
                    run_id: Some(answer.run_id),
                    ..Reply::default()
                };
                vec![(None, answer.map(run))]
            }
            Act::Straight { url, request } => {
                let posted = in_time(self.pipelines.post(&url, &request)).await;
                let run = |posted: Posted| Reply {
                    said: Some(taken(&request, &posted)),
                    run_id: posted.run_id,
                    ..Reply::default()
                };
                vec![(None, posted.map(run))]
            }
            Act::Note(request) => {
                let leave = async |conductor: ConductorClient| conductor.leave_note(&request).await;
                vec![(None, self.ask(&id.0, leave).await.map(|_| Reply::default()))]
            }
            Act::Acknowledge(request) => {
                let acknowledge = async |conductor: ConductorClient| conductor.acknowledge(&request).await;
                let cells = |answer: api::conductor::Acknowledged| Reply {
                    touched: answer.items,
                    ..Reply::default()
                };
                vec![(None, self.ask(&id.0, acknowledge).await.map(cells))]
            }
            Act::Steer { verb, provider, note } => {
                let request = ProviderRequest { note };
                let steer = async |conductor: ConductorClient| match verb {
                    Steer::Pause => conductor.pause(&provider, &request).await,
                    Steer::Drain => conductor.drain(&provider, &request).await,
                    Steer::Resume => conductor.resume(&provider, &request).await,
                };
                vec![(None, self.ask(&id.0, steer).await.map(|_| Reply::default()))]
            }
        };
        outcome(id, verb, dry_run, replies)
    }

    async fn to_cells(
        &self,
        id: &ActId,
        verb: &CellVerb,
        cells: Vec<CellId>,
        note: Option<String>,
        dry_run: bool,
    ) -> Vec<(Option<CellId>, Result<Reply, Refusal>)> {
        let requests = cells.into_iter().enumerate().map(|(number, cell)| {
            let selector = Selector {
                obs_id: Some(cell.obs_id.clone()),
                product: Some(cell.product.clone()),
                dry_run,
                note: note.clone(),
                ..Selector::default()
            };
            async move {
                let reply = self
                    .to_selected(&format!("{}-{number}", id.0), verb, selector)
                    .await;
                let reply = reply.and_then(|reply| {
                    if reply.touched.is_empty() {
                        return Err(Refusal::of(format!("nothing to {} any more", verb.name())));
                    }
                    Ok(reply)
                });
                (Some(cell), reply)
            }
        });
        stream::iter(requests).buffered(REQUESTS_AT_ONCE).collect().await
    }

    async fn to_selected(&self, key: &str, verb: &CellVerb, selector: Selector) -> Result<Reply, Refusal> {
        let send = async |conductor: ConductorClient| verb.send(&conductor, selector).await;
        let touched = self.ask(key, send).await?;
        Ok(Reply {
            touched: touched.items,
            ..Reply::default()
        })
    }

    /// One request to the conductor under its own key.
    async fn ask<T>(
        &self,
        key: &str,
        request: impl AsyncFnOnce(ConductorClient) -> Result<T, ApiError>,
    ) -> Result<T, Refusal> {
        let http = self
            .http
            .keyed(key)
            .map_err(|error| Refusal::of(error.to_string()))?;
        in_time(request(ConductorClient::new(http, self.conductor.clone()))).await
    }
}

impl Refusal {
    fn of(why: String) -> Self {
        Self {
            why,
            tree: None,
            is_open: false,
        }
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        let is_open = matches!(
            error,
            ApiError::Timeout { .. } | ApiError::Interrupted { .. } | ApiError::Malformed { .. }
        );
        Self {
            why: error.to_string(),
            tree: error.problem().and_then(api::Problem::why).map(Box::new),
            is_open,
        }
    }
}

async fn in_time<T>(request: impl Future<Output = Result<T, ApiError>>) -> Result<T, Refusal> {
    match timeout(TIMEOUT, request).await {
        Ok(answer) => answer.map_err(Refusal::from),
        Err(_) => Err(Refusal {
            why: format!(
                "no answer within {} s; it may have been done or not",
                TIMEOUT.as_secs()
            ),
            tree: None,
            is_open: true,
        }),
    }
}

fn outcome(
    act: ActId,
    verb: String,
    dry_run: bool,
    replies: Vec<(Option<CellId>, Result<Reply, Refusal>)>,
) -> Outcome {
    let (mut touched, mut problems) = (vec![], vec![]);
    let (mut said, mut reasons, mut run_id, mut accepted, mut is_open) = (None, None, None, 0, false);
    for (cell, reply) in replies {
        match reply {
            Ok(reply) => {
                accepted += 1;
                touched.extend(reply.touched);
                run_id = reply.run_id.or(run_id);
                said = reply.said.or(said);
            }
            Err(refusal) => {
                is_open |= refusal.is_open;
                reasons = refusal.tree.or(reasons);
                problems.push((cell, refusal.why));
            }
        }
    }
    let ending = match (accepted, problems.is_empty(), is_open) {
        (_, true, _) => Ending::Accepted,
        (0, false, true) => Ending::NoAnswer,
        (0, false, false) => Ending::Refused,
        (_, false, _) => Ending::Partly,
    };
    Outcome {
        act,
        verb,
        dry_run,
        touched,
        run_id,
        said,
        why: reasons.map(|why: Box<Why>| *why),
        ending,
        problems,
    }
}
