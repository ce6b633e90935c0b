//! The writer: the one place where observations change.
//!
//! ```text
//!   lanes ──▶ Turn ──▶ apply, admit ──▶ one transaction ──▶ POSTs, acknowledgements, activity, answers
//! ```
//!
//! A turn takes everything that waits, data first, decides about it with the pure core, and stores what
//! changed in one transaction; only then does anything leave the process. While one transaction is written the
//! next turn's events gather, so the busier it is, the fewer transactions there are per event.

mod cache;
mod commit;
mod decide;
mod gate;
mod providers;
mod requests;
mod restore;
mod strangers;
mod suspects;
mod sweep;
mod turn;

pub(crate) use providers::Providers;
pub(crate) use turn::STREAM;

use crate::alerts::Lookout;
use crate::canary::Perch;
use crate::desk::Request;
use crate::dispatch::Dispatcher;
use crate::durations::Durations;
use crate::feed_position::FeedPositions;
use crate::graph_file::GraphFile;
use crate::herald::Herald;
use crate::in_force::Graphs;
use crate::inbox::{Inbox, Origin};
use crate::ledger::Ledger;
use cache::Cache;
use conductor_core::Event;
use domain::{ProductName, ServiceName};
use gate::Gate;
use jiff::Timestamp;
use service_kit::{Check, Clock};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use sweep::Sweep;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;
use turn::{Item, Turn};

/// Events of one lane in one transaction, about: enough for its cost to vanish beside theirs, few enough for
/// milliseconds.
const TURN_SIZE: usize = 1_024;

/// The longest sleep; what is due later is looked at again then.
const LONGEST_SLEEP: Duration = Duration::from_hours(1);

/// What the writer works with.
#[derive(Debug)]
pub(crate) struct Parts {
    /// What is made of what, and by whom.
    pub(crate) graph: Arc<GraphFile>,
    /// Where it is told when it is another one.
    pub(crate) graphs: Graphs,
    /// Where it is stored.
    pub(crate) ledger: Ledger,
    /// What time it is.
    pub(crate) clock: Clock,
    /// How long runs take.
    pub(crate) durations: Durations,
    /// What happens.
    pub(crate) inbox: Inbox,
    /// What operators ask for.
    pub(crate) desk: mpsc::Receiver<Request>,
    /// Who carries out what is decided.
    pub(crate) dispatcher: Dispatcher,
    /// Who says what happened.
    pub(crate) herald: Herald,
    /// Who watches for what calls for a human.
    pub(crate) lookout: Lookout,
    /// Who hears what was announced of the canary.
    pub(crate) perch: Perch,
    /// How far the feeds are read.
    pub(crate) feeds: FeedPositions,
    /// The source whose feed must be read before anything is sent: it says what is made already.
    pub(crate) sdb_name: ServiceName,
    /// Asks the board to look at the providers now.
    pub(crate) look_at_providers: Arc<Notify>,
    /// Asks the readers of the feeds to look at them now.
    pub(crate) look_at_feeds: Arc<Notify>,
    /// Asks for what the pipelines run to be compared with the ledger.
    pub(crate) reconcile: watch::Sender<u64>,
    /// Whether the ledger takes what is stored.
    pub(crate) ledger_check: Check,
    /// Whether everything was read that was there at start.
    pub(crate) caught_up_check: Check,
    /// When to stop.
    pub(crate) stop: CancellationToken,
}

/// The writer, with what it has in memory.
#[derive(Debug)]
pub(crate) struct Writer {
    parts: Parts,
    inputs: Vec<ProductName>,
    cache: Cache,
    providers: Providers,
    gate: Gate,
    sweep: Sweep,
    /// Before this the SDB is not asked about strangers again: it did not answer.
    ask_sdb_after: Option<Timestamp>,
}

impl Writer {
    /// A writer that takes up where the ledger stands.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub(crate) async fn start(parts: Parts) -> anyhow::Result<Self> {
        let graph = &parts.graph.graph;
        let inputs = graph.inputs().map(|id| graph.name(id).clone()).collect();
        let providers = Providers::new(graph, Arc::clone(&parts.look_at_providers));
        let behind = BTreeSet::from([Origin::Stream, Origin::Feed(parts.sdb_name.clone())]);
        let gate = Gate::closed(behind, parts.clock.now());
        let mut writer = Self {
            parts,
            inputs,
            cache: Cache::default(),
            providers,
            gate,
            sweep: Sweep::default(),
            ask_sdb_after: None,
        };
        writer.restore().await?;
        Ok(writer)
    }

    /// Takes turns until the stop; what was not committed by then comes again.
    ///
    /// # Errors
    /// The ledger cannot be read at the beginning; later trouble with it is waited out.
    pub(crate) async fn run(mut self) -> anyhow::Result<()> {
        self.tell_gate();
        let mut next = Some(self.first_turn().await?);
        while let Some(mut turn) = next {
            let now = self.parts.clock.now();
            let Some(decision) = self.decide(&mut turn, now).await else {
                break;
            };
            if self.commit(turn, decision, now).await.is_none() {
                break;
            }
            self.cache.tidy();
            next = self.collect().await;
        }
        self.parts.ledger.close().await;
        Ok(())
    }

    /// Waits for something to decide about and takes what is there; none at the stop.
    async fn collect(&mut self) -> Option<Turn> {
        let mut turn = Turn::default();
        let sleep = self.sleep();
        let inbox = &mut self.parts.inbox;
        tokio::select! {
            biased;
            () = self.parts.stop.cancelled() => return None,
            Some(read) = inbox.data.recv() => turn.read(read, &self.inputs, &self.parts.feeds),
            Some(request) = self.parts.desk.recv() => turn.requests.push(request),
            Some(word) = inbox.words.recv() => self.providers.hear(word, self.parts.clock.now(), &mut turn),
            () = self.parts.dispatcher.roomier() => self.providers.stir_waiting(),
            () = tokio::time::sleep(sleep) => {}
        }
        while turn.size() < TURN_SIZE
            && let Ok(read) = inbox.data.try_recv()
        {
            turn.read(read, &self.inputs, &self.parts.feeds);
        }
        let limit = turn.size() + TURN_SIZE;
        while turn.size() < limit
            && let Ok(word) = inbox.words.try_recv()
        {
            self.providers.hear(word, self.parts.clock.now(), &mut turn);
        }
        while turn.size() < limit
            && let Ok(request) = self.parts.desk.try_recv()
        {
            turn.requests.push(request);
        }
        self.add_deadlines(&mut turn);
        self.add_sweep(&mut turn);
        Some(turn)
    }

    /// Waits that are over. While the conductor catches up nothing is given up: the word that ends the wait
    /// may be among what is still to be read.
    fn add_deadlines(&mut self, turn: &mut Turn) {
        if !self.gate.is_open() {
            return;
        }
        let now = self.parts.clock.now();
        self.providers.stir_due(now);
        let due = self.cache.due(now, TURN_SIZE);
        turn.items.extend(due.into_iter().map(|obs_id| Item {
            obs_id,
            event: Event::DeadlineReached,
            delivery: None,
        }));
    }

    fn sleep(&self) -> Duration {
        if !self.sweep.is_over() {
            return Duration::ZERO;
        }
        let next = if self.gate.is_open() {
            let cache = self.cache.next_deadline();
            cache.into_iter().chain(self.providers.next_deadline()).min()
        } else {
            Some(self.gate.patience_ends())
        };
        let now = self.parts.clock.now();
        next.map_or(LONGEST_SLEEP, |at| {
            Duration::try_from(at.duration_since(now))
                .unwrap_or(Duration::ZERO)
                .min(LONGEST_SLEEP)
        })
    }
}
