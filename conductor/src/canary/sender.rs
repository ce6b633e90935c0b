//! Sends the canary, and says what came of it.

use super::Hop;
use super::flight::Flight;
use super::pace::limit;
use super::perch::Heard;
use crate::alerts::{Condition, Fingerprint, Lookout};
use crate::dispatch::Dispatcher;
use crate::inbox::{Inbox, Word};
use crate::ledger::{Ledger, LedgerError};
use api::{PageQuery, SdbClient};
use conductor_core::Command;
use domain::{CANARY, RunId, Severity, canary_product, canary_source};
use messaging::Bus;
use product_graph::ProductGraph;
use service_kit::{Check, Clock, Health, in_full};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval_at, sleep, timeout};
use tokio_util::sync::CancellationToken;

/// Between two attempts to announce it.
const ANNOUNCE_AGAIN: Duration = Duration::from_millis(200);

/// How long the SDB may take to say whether it has the product of a lost round.
const ASK_LIMIT: Duration = Duration::from_secs(2);

/// Who sends it, and with what.
#[derive(Debug)]
pub(super) struct Sender {
    /// From one round to the next.
    pub(super) every: Duration,
    /// Who this is among the conductors of a ledger.
    pub(super) holder: String,
    /// Where it is claimed.
    pub(super) ledger: Ledger,
    /// Where it is announced.
    pub(super) bus: Bus,
    /// What it is made by.
    pub(super) graph: Arc<ProductGraph>,
    /// Carries out what the core decides about it.
    pub(super) dispatcher: Dispatcher,
    /// Where that answers.
    pub(super) answers: Inbox,
    /// What the writer heard of it.
    pub(super) heard: Heard,
    /// What its pipeline has made.
    pub(super) made: mpsc::Receiver<RunId>,
    /// Says whether the SDB has what did not come back.
    pub(super) sdb: SdbClient,
    /// Whether the conductor is ready at all: before that it is not sent.
    pub(super) health: Health,
    /// Where it is said how it is.
    pub(super) check: Check,
    /// And who calls a human if it is broken.
    pub(super) lookout: Lookout,
    /// What time it is.
    pub(super) clock: Clock,
}

/// What came of a round.
enum Outcome {
    /// Another conductor sends it.
    NotOurs,
    /// It came back.
    Round(Duration),
    /// It did not: where, and why.
    Broken(Hop, String),
}

impl Sender {
    /// Sends it until the stop, the first time when the conductor has been ready for as long as from one round to
    /// the next.
    pub(super) async fn run(mut self, stop: CancellationToken) -> anyhow::Result<()> {
        self.check.ok();
        let flying = async {
            let mut changes = self.health.watch();
            while !self.health.is_ready() {
                changes.changed().await;
            }
            let mut tick = interval_at(tokio::time::Instant::now() + self.every, self.every);
            tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tick.tick().await;
                let outcome = self.fly().await;
                self.tell(outcome);
            }
        };
        tokio::select! {
            () = flying => {}
            () = stop.cancelled() => {}
        }
        // The ledger may be closed already; then the claim ends by itself.
        let _ = self.ledger.give_up_canary(&self.holder).await;
        Ok(())
    }

    async fn fly(&mut self) -> Outcome {
        let limit = limit(self.every);
        let late = || format!("not within {limit:?}");
        let began = Instant::now();
        let number = match timeout(limit, self.claim()).await {
            Ok(Ok(Some(number))) => number,
            Ok(Ok(None)) => return Outcome::NotOurs,
            Ok(Err(error)) => return Outcome::Broken(Hop::Claim, in_full(&error)),
            Err(_elapsed) => return Outcome::Broken(Hop::Claim, late()),
        };
        self.forget();
        let mut flight = Flight::new(Arc::clone(&self.graph), number, self.clock.now());
        let mut refused = None;
        let round = self.round(&mut flight, &mut refused);
        if timeout(limit.saturating_sub(began.elapsed()), round)
            .await
            .is_ok()
        {
            return Outcome::Round(began.elapsed());
        }
        let (hop, why) = match flight.hop() {
            Hop::Import => self.ask_sdb(&flight).await,
            Hop::Post => (Hop::Post, flight.why_not()),
            hop @ (Hop::Claim | Hop::Publish | Hop::Hear | Hop::Announce | Hop::Round) => (hop, refused),
        };
        Outcome::Broken(hop, why.unwrap_or_else(late))
    }

    /// The number of a round of ours, or none if another conductor sends it.
    async fn claim(&self) -> Result<Option<u32>, LedgerError> {
        let now = self.clock.now();
        // Whoever is late by a whole round has died.
        let until = now.saturating_add(2 * self.every).unwrap_or(now);
        self.ledger.claim_canary(&self.holder, now, until).await
    }

    /// What is left of the round before is nothing to this one.
    fn forget(&mut self) {
        while self.heard.try_recv().is_ok() {}
        while self.made.try_recv().is_ok() {}
        while self.answers.words.try_recv().is_ok() {}
    }

    /// One round; ends only when it is round.
    async fn round(&mut self, flight: &mut Flight, refused: &mut Option<String>) {
        let message_id = format!("{CANARY}-{}", self.clock.now().as_millisecond());
        let announcement = flight.announcement();
        while let Err(error) = self
            .bus
            .announce(&canary_source(), &announcement, &message_id)
            .await
        {
            *refused = Some(in_full(&error));
            sleep(ANNOUNCE_AGAIN).await;
        }
        *refused = None;
        flight.published();
        while flight.hop() != Hop::Round {
            let errands = tokio::select! {
                Some((source, announcement)) = self.heard.recv() => {
                    flight.heard(self.clock.now(), source, announcement)
                }
                Some(word) = self.answers.words.recv() => self.answered(flight, word),
                Some(run_id) = self.made.recv() => {
                    flight.made(&run_id);
                    Vec::new()
                }
            };
            self.carry_out(flight, errands);
        }
    }

    fn answered(&self, flight: &mut Flight, word: Word) -> Vec<Command> {
        match word {
            Word::Runs { events, .. } => {
                let now = self.clock.now();
                let each = events.into_iter().flat_map(|event| flight.happened(now, event));
                each.collect()
            }
            Word::Spoke(_) => Vec::new(),
        }
    }

    fn carry_out(&self, flight: &Flight, errands: Vec<Command>) {
        for errand in errands {
            self.dispatcher.carry_out(flight.obs_id().clone(), errand, None);
        }
    }

    /// Whether the SDB has the product of a round that did not come back; then it is the announcement that is lost.
    async fn ask_sdb(&self, flight: &Flight) -> (Hop, Option<String>) {
        let (product, latest) = (canary_product(), PageQuery::default());
        let asked = self.sdb.versions(flight.obs_id(), &product, &latest);
        match timeout(ASK_LIMIT, asked).await {
            Ok(Ok(records)) => {
                let run_of = |record: &api::sdb::ProductRecord| {
                    record.provenance.as_ref().and_then(|made| made.run_id.clone())
                };
                let is_there = records
                    .items
                    .iter()
                    .any(|record| run_of(record).as_ref() == flight.run_id());
                let hop = if is_there { Hop::Announce } else { Hop::Import };
                (hop, None)
            }
            Ok(Err(error)) => (Hop::Import, Some(in_full(&error))),
            Err(_elapsed) => (Hop::Import, None),
        }
    }

    fn tell(&self, outcome: Outcome) {
        match outcome {
            // Whoever sends it says how it is.
            Outcome::NotOurs => self.check.ok(),
            Outcome::Round(took) => {
                tracing::debug!(duration_ms = took.as_millis(), "the canary is round");
                metrics::histogram!("conductor_canary_round_trip_seconds").record(took.as_secs_f64());
                count(Hop::Round);
                self.check.ok();
                self.lookout.over(Fingerprint::of_canary());
            }
            Outcome::Broken(hop, why) => {
                let title = format!("the canary is broken at {hop}: {}: {why}", hop.broken());
                tracing::error!(%hop, why, "the canary did not come back");
                count(hop);
                self.check
                    .failing(format!("broken at {hop}: {}: {why}", hop.broken()));
                let condition = Condition::of(
                    Fingerprint::of_canary(),
                    Severity::Critical,
                    title,
                    "the whole loop",
                );
                self.lookout.stands(condition);
            }
        }
    }
}

/// Rounds, by where they ended.
fn count(hop: Hop) {
    metrics::counter!("conductor_canary_rounds_total", "ended" => hop.as_str()).increment(1);
}
