//! Carries out what was decided: POSTs, and questions to providers and to the SDB.
//!
//! Each call is a task of its own, so that a slow provider delays nobody else. How many POSTs to one provider
//! are open at once is bounded by a window: the writer admits no more than there is [`Dispatcher::room`] for,
//! and what has no room stays in its provider's queue, in order.

mod answer;
mod ask;
mod reach;
mod retract;

pub(crate) use ask::unexplained;

use crate::in_force::Addresses;
use crate::inbox::{Call, Lanes, Word};
use api::pipeline::ProcessingRequest;
use api::{ApiError, Http, PipelineClient, SdbClient};
use conductor_core::{Answer, Command, Event, Order};
use domain::{ErrorClass, ObsId, ProcessingError, ProductName, ProviderName, ServiceName};
use jiff::Timestamp;
use product_graph::RequestForm;
use reach::Reach;
use service_kit::{Clock, Shutdown};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// POSTs to one provider that are open at once: enough to keep any busy, and as many idle connections as the
/// HTTP client keeps.
const WINDOW: usize = 64;

/// Carries out commands; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Dispatcher(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    pipelines: PipelineClient,
    sdb: SdbClient,
    sdb_name: ServiceName,
    addresses: Addresses,
    lanes: Lanes,
    clock: Clock,
    shutdown: Shutdown,
    open: Mutex<BTreeMap<ProviderName, usize>>,
    reach: Reach,
    room: Notify,
}

impl Dispatcher {
    /// A dispatcher whose answers go into the words lane.
    pub(crate) fn new(
        http: Http,
        sdb: SdbClient,
        sdb_name: ServiceName,
        addresses: Addresses,
        lanes: Lanes,
        clock: Clock,
        shutdown: Shutdown,
    ) -> Self {
        Self(Arc::new(Inner {
            pipelines: PipelineClient::new(http),
            sdb,
            sdb_name,
            addresses,
            lanes,
            clock,
            shutdown,
            open: Mutex::new(BTreeMap::new()),
            reach: Reach::default(),
            room: Notify::new(),
        }))
    }

    /// How many more runs a provider can be sent at once.
    pub(crate) fn room(&self, provider: &ProviderName) -> usize {
        self.with_open(|open| WINDOW.saturating_sub(open.get(provider).copied().unwrap_or(0)))
    }

    /// Waits until a provider that had no room has some again.
    pub(crate) async fn roomier(&self) {
        self.0.room.notified().await;
    }

    /// Starts to carry out a command; what it leads to comes back through the words lane.
    /// A POST passes on the trace of the message that led to it.
    pub(crate) fn carry_out(&self, obs_id: ObsId, command: Command, traceparent: Option<String>) {
        let this = self.clone();
        match command {
            Command::Post(order) => {
                self.with_open(|open| *open.entry(order.provider.clone()).or_default() += 1);
                if !obs_id.is_canary() {
                    metrics::counter!("conductor_posts_total").increment(1);
                }
                self.0.shutdown.spawn("post", async move {
                    this.post(*order, traceparent).await;
                    Ok(())
                });
            }
            Command::Ask {
                provider,
                product,
                asked,
                run_id,
                attempt,
            } => self.0.shutdown.spawn("ask", async move {
                let (report, call) = this.ask(&provider, &product, &asked, attempt).await;
                let event = Event::Reported {
                    product,
                    run_id,
                    attempt,
                    report,
                };
                this.tell(obs_id, vec![event], call).await;
                Ok(())
            }),
            Command::Cancel {
                provider,
                product,
                asked,
                ..
            } => self.0.shutdown.spawn("cancel", async move {
                this.cancel(&provider, &product, &asked).await;
                Ok(())
            }),
            Command::Retract {
                product,
                version,
                reason,
            } => self.0.shutdown.spawn("retract", async move {
                if this.retract(&obs_id, &product, version, &reason).await {
                    let told = Event::RetractionTold { product, version };
                    this.tell(obs_id, vec![told], None).await;
                }
                Ok(())
            }),
            Command::AskSdb { product, run_id } => self.0.shutdown.spawn("ask-sdb", async move {
                let events = this.ask_sdb(&obs_id, product, run_id).await;
                this.tell(obs_id, events, None).await;
                Ok(())
            }),
            // The writer's own: they never come here.
            Command::Enqueue(_)
            | Command::Withdraw { .. }
            | Command::Release { .. }
            | Command::Occupy { .. }
            | Command::Busy { .. }
            | Command::Remark { .. } => {}
        }
    }

    async fn post(&self, order: Order, traceparent: Option<String>) {
        let targets = self.0.addresses.now();
        let (answer, over, mut call) = match targets.of_run(&order.product, &order.provider) {
            Some(target) => {
                let pipelines = self.0.pipelines.traced(traceparent.as_deref());
                let posted = pipelines
                    .post(&target.url, &request(&order, target.form, self.0.clock.now()))
                    .await;
                service_kit::crash::point("after-post");
                let call = self.0.reach.news(&order.provider, &posted);
                (answer::of_post(&order, &posted), answer::is_over(&posted), call)
            }
            None => (Some(Answer::Refused(not_in_graph(&order.product))), false, None),
        };
        let Order {
            provider,
            product,
            obs_id,
            run_id,
            attempt,
            ..
        } = order;
        self.close_window(provider.clone());
        let mut events = Vec::new();
        if let Some(answer) = answer {
            tracing::debug!(%obs_id, %product, %run_id, %attempt, ?answer, "posted");
            events.push(Event::Answered {
                product,
                run_id,
                attempt,
                answer,
            });
        } else if over {
            // Sent before, and ended since: what was said of it then was not heard.
            let (report, asked) = self.ask(&provider, &product, &run_id, attempt).await;
            call = asked.or(call);
            events.push(Event::Reported {
                product,
                run_id,
                attempt,
                report,
            });
        }
        if !events.is_empty() || call.is_some() {
            self.tell(obs_id, events, call).await;
        }
    }

    /// A POST is answered; whoever waits for room is woken.
    fn close_window(&self, provider: ProviderName) {
        let full = self.with_open(|open| {
            let open = open.entry(provider).or_default();
            *open = open.saturating_sub(1);
            *open + 1 == WINDOW
        });
        if full {
            self.0.room.notify_one();
        }
    }

    /// Into the words lane; a conductor that stops has no more use for it.
    async fn tell(&self, obs_id: ObsId, events: Vec<Event>, call: Option<Call>) {
        let _ = self.0.lanes.words.send(Word::Runs { obs_id, events, call }).await;
    }

    fn with_open<T>(&self, act: impl FnOnce(&mut BTreeMap<ProviderName, usize>) -> T) -> T {
        act(&mut self.0.open.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn request(order: &Order, form: RequestForm, now: Timestamp) -> ProcessingRequest {
    let least = ProcessingRequest::of(order.product.clone(), order.obs_id.clone());
    if form == RequestForm::Minimal {
        return least;
    }
    ProcessingRequest {
        run_id: Some(order.run_id.clone()),
        attempt: Some(order.attempt),
        params: order.params.clone(),
        inputs: Some(order.inputs.clone()),
        missing: order.missing.clone(),
        deadline: Some(order.deadline),
        deadline_s: Some(seconds_left(order.deadline, now)),
        trigger: Some(order.trigger.clone()),
        ..least
    }
}

/// Rounded up: a run is not given up before its time.
fn seconds_left(deadline: Timestamp, now: Timestamp) -> u64 {
    let left = Duration::try_from(deadline.duration_since(now)).unwrap_or_default();
    left.as_secs() + u64::from(left.subsec_nanos() > 0)
}

fn not_in_graph(product: &ProductName) -> ProcessingError {
    ProcessingError {
        class: ErrorClass::Permanent,
        code: "not-in-graph".into(),
        message: format!("the graph does not make {product} any more"),
    }
}

/// A failure of a call as an error of a run.
fn error(class: ErrorClass, code: &str, error: &ApiError) -> ProcessingError {
    ProcessingError {
        class,
        code: code.into(),
        message: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_that_is_left_is_rounded_up_and_never_less_than_none() {
        let now = Timestamp::UNIX_EPOCH;
        let after = |ms| seconds_left(now + jiff::SignedDuration::from_millis(ms), now);
        assert_eq!([600_000, 600_001, 1, 0, -1].map(after), [600, 601, 1, 0, 0]);
    }
}
