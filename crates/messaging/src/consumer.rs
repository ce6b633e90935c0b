//! Reading `data.>` from the stream: durably, in batches, whatever happens to the server.

use crate::attach::Attached;
use crate::bus::Bus;
use crate::delivery::{Delivery, Settling};
use crate::floor::Floor;
use crate::liveness::{Liveness, Monitor, Shared};
use crate::pull::Broken;
use crate::streams::{Streams, StreamsError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::sleep;

/// The first pause after an attempt to attach that failed.
const MIN_PAUSE: Duration = Duration::from_millis(50);
/// The longest: within it, and an attempt, a consumer is back after whatever made it go.
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// How a consumer reads.
#[derive(Debug, Clone)]
pub struct ConsumerOptions {
    /// Its name on the server, which keeps its place; all conductors of an orchestra share one.
    pub durable: String,
    /// The streams, made again when they are gone.
    pub streams: Streams,
    /// A message that is neither settled nor said to be in progress comes again after this long.
    pub ack_wait: Duration,
    /// Delivered and not settled, at most, over all processes.
    pub max_ack_pending: usize,
    /// Asked for at a time: what this process may hold unread, at most.
    pub fetch: usize,
}

impl ConsumerOptions {
    /// The usual consumer of this name.
    pub fn new(durable: impl Into<String>) -> Self {
        Self {
            durable: durable.into(),
            streams: Streams::default(),
            // Three seconds until another conductor takes over what a dead one held.
            ack_wait: Duration::from_secs(3),
            // Some batches of some conductors.
            max_ack_pending: 4_096,
            // Well below what is worked off in `ack_wait`.
            fetch: 512,
        }
    }
}

/// Up to where a ledger has everything, and of which stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// When the stream was made: another one has other sequence numbers. None if it was not recorded.
    pub stream: Option<Timestamp>,
    /// Everything up to this sequence is in the ledger.
    pub after: u64,
}

/// What a consumer has to say.
#[derive(Debug)]
#[must_use = "deliveries that are dropped come again"]
pub enum Next {
    /// At least one delivery, in the order in which they came.
    Batch(Vec<Delivery>),
    /// The stream is another than the one that the ledger's position belongs to: that position means
    /// nothing any more and is replaced by this one. The new stream is read from its start.
    StreamReset(Position),
}

/// A durable pull consumer with explicit acknowledgement, which comes back by itself: after an error,
/// a reconnect, missing heartbeats, and when it or its stream was deleted.
pub struct DataConsumer {
    pub(crate) bus: Bus,
    pub(crate) options: ConsumerOptions,
    pub(crate) settling: Arc<Settling>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) position: Option<Position>,
    /// Whether the ledger's position has been compared with the server's.
    pub(crate) compared: bool,
    pub(crate) reset: Option<Position>,
    pub(crate) attached: Option<Attached>,
    pause: Duration,
}

enum Event {
    Message(Result<async_nats::Message, Broken>),
    Reconnected,
    Lost,
}

impl fmt::Debug for DataConsumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataConsumer")
            .field("durable", &self.options.durable)
            .field("position", &self.position)
            .field("attached", &self.attached.is_some())
            .finish_non_exhaustive()
    }
}

impl Bus {
    /// A consumer of `data.>` that starts after the ledger's position, or without one where the server's
    /// consumer of that name is, or at the start of the stream. It attaches when it is first read.
    ///
    /// The monitor is to be spawned beside it.
    pub fn data_consumer(
        &self,
        options: ConsumerOptions,
        start: Option<Position>,
    ) -> (DataConsumer, Monitor) {
        let mut floor = Floor::default();
        floor.raise(start.map_or(0, |position| position.after));
        let settling = Arc::new(Settling {
            bus: self.clone(),
            floor: Mutex::new(floor),
        });
        let shared = Shared::new(Arc::clone(&settling));
        let monitor = Monitor {
            bus: self.clone(),
            shared: Arc::clone(&shared),
        };
        let consumer = DataConsumer {
            bus: self.clone(),
            options,
            settling,
            shared,
            position: start,
            compared: false,
            reset: None,
            attached: None,
            pause: MIN_PAUSE,
        };
        (consumer, monitor)
    }
}

impl DataConsumer {
    /// What is there now, at most `max`; waits for a first one, and for no second. Trouble is logged,
    /// measured by [`Liveness`] and repaired, for as long as it takes. Cancel safe.
    pub async fn next_batch(&mut self, max: usize) -> Next {
        loop {
            if let Some(reset) = self.reset.take() {
                return Next::StreamReset(reset);
            }
            let Some(attached) = &mut self.attached else {
                self.attach().await;
                continue;
            };
            match wait(&self.bus, &self.shared, attached).await {
                Event::Message(Ok(first)) => {
                    let batch = self.batch(first, max);
                    if !batch.is_empty() {
                        return Next::Batch(batch);
                    }
                }
                Event::Message(Err(broken)) => self.detach(&broken.to_string()),
                // What was received before is kept if the consumer turns out to be the same.
                Event::Reconnected => self.attach().await,
                Event::Lost => self.detach("the server does not know the consumer any more"),
            }
        }
    }

    /// Acknowledges a batch after its commit.
    pub async fn ack_all(&self, batch: &[Delivery]) {
        for delivery in batch {
            delivery.ack().await;
        }
    }

    /// The ledger's position once these deliveries are committed: everything up to it is then settled.
    /// Store it in the same transaction. Exact while this is the only process that reads the consumer;
    /// with several, [`DataConsumer::position`] is the one to store.
    pub fn position_after(&self, batch: &[Delivery]) -> Position {
        let sequences = batch.iter().map(|delivery| delivery.stream_sequence);
        let after = self.settling.with_floor(|floor| floor.settled_after(sequences));
        Position {
            stream: self.stream_created(),
            after,
        }
    }

    /// Everything up to here is settled, whichever process did it: some seconds old, and safe.
    pub fn position(&self) -> Position {
        let after = self.settling.with_floor(|floor| floor.known());
        Position {
            stream: self.stream_created(),
            after,
        }
    }

    /// The last sequence of the stream now: what a reader has caught up with at start when its position
    /// has reached it.
    ///
    /// # Errors
    /// The server could not be asked.
    pub async fn head(&self) -> Result<u64, StreamsError> {
        let names = self.bus.ensure_streams(&self.options.streams).await?;
        match self.bus.jetstream().get_stream(&names.data).await {
            Ok(stream) => Ok(stream.cached_info().state.last_sequence),
            Err(error) => Err(StreamsError::Failed {
                stream: names.data,
                reason: error.to_string(),
            }),
        }
    }

    /// A look at the progress, for health checks.
    pub fn liveness(&self) -> Liveness {
        Liveness {
            shared: Arc::clone(&self.shared),
        }
    }

    fn stream_created(&self) -> Option<Timestamp> {
        self.position.and_then(|position| position.stream)
    }

    fn batch(&mut self, first: async_nats::Message, max: usize) -> Vec<Delivery> {
        let mut batch = Vec::new();
        let mut next = Some(first);
        while let Some(message) = next {
            batch.extend(Delivery::read(message, &self.settling));
            if batch.len() >= max {
                break;
            }
            let Some(attached) = &mut self.attached else { break };
            next = match attached.pull.try_next() {
                Ok(next) => next,
                Err(broken) => {
                    self.detach(&broken.to_string());
                    None
                }
            };
        }
        batch
    }

    fn detach(&mut self, trouble: &str) {
        tracing::warn!(consumer = %self.options.durable, trouble, "the consumer is attached again");
        self.shared.detached(trouble);
        self.attached = None;
    }

    async fn attach(&mut self) {
        self.bus.connected().await;
        match self.try_attach().await {
            Ok(()) => self.pause = MIN_PAUSE,
            Err(error) => {
                self.detach(&error.to_string());
                sleep(self.pause).await;
                self.pause = (self.pause * 2).min(MAX_PAUSE);
            }
        }
    }
}

async fn wait(bus: &Bus, shared: &Shared, attached: &mut Attached) -> Event {
    let mut health = bus.health();
    let connection = attached.connection;
    tokio::select! {
        biased;
        message = attached.pull.next(bus) => Event::Message(message),
        _ = health.wait_for(|health| health.connected && health.connections != connection) => Event::Reconnected,
        () = shared.lost.notified() => Event::Lost,
    }
}
