//! The connection that everything else goes through.

use crate::connect::{BusOptions, ConnectError};
use crate::health::{Health, observe};
use crate::server;
use crate::streams::{StreamFill, StreamNames, Streams, StreamsError, ensure, fills};
use async_nats::client::{Request, RequestErrorKind};
use async_nats::connection::State;
use async_nats::jetstream::{self, context::ContextBuilder};
use async_nats::{Client, Event, HeaderMap, Subject};
use bytes::Bytes;
use domain::ServiceName;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, watch};
use tokio::time::timeout;

/// For questions to `JetStream` and acknowledgements of publishes: answers take milliseconds, a
/// cluster without a leader says so at once, and an announcement is worth five seconds of patience.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// What is sent without an answer waits this long for room in the client's buffer, which fills only
/// while the server is away.
pub(crate) const SEND_TIMEOUT: Duration = Duration::from_millis(50);
/// Between two looks at the connection itself, in case its event was dropped.
const CONNECTION_POLL: Duration = Duration::from_millis(250);

/// A connection to NATS that comes back for ever; cheap to clone.
#[derive(Clone)]
pub struct Bus {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    jetstream: jetstream::Context,
    health: watch::Sender<Health>,
    name: ServiceName,
    /// What [`Bus::ensure_streams`] was asked for last, to repair it; the lock also keeps two repairs
    /// from meeting.
    streams: Mutex<Option<Streams>>,
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bus")
            .field("name", &self.inner.name)
            .finish_non_exhaustive()
    }
}

impl Bus {
    /// Waits for ever for a first server, and checks that it can do what is needed.
    ///
    /// # Errors
    /// A URL that is none, or a server that is too old or has no `JetStream` for us: an operator must act.
    pub async fn connect(options: BusOptions) -> Result<Self, ConnectError> {
        let bus = Self::open(options).await?;
        bus.check_server().await?;
        Ok(bus)
    }

    /// The same without waiting: for services that work on while there is no server.
    ///
    /// # Errors
    /// A URL that is none.
    pub async fn open(options: BusOptions) -> Result<Self, ConnectError> {
        let (client, health) = options.connect().await?;
        let jetstream = ContextBuilder::new()
            .timeout(REQUEST_TIMEOUT)
            .build(client.clone());
        let name = options.name().clone();
        Ok(Self {
            inner: Arc::new(Inner {
                client,
                jetstream,
                health,
                name,
                streams: Mutex::new(None),
            }),
        })
    }

    /// Waits for a server, and says if it cannot be used; what [`Bus::connect`] does after [`Bus::open`].
    ///
    /// # Errors
    /// The server is too old or has no `JetStream` for us.
    pub async fn check_server(&self) -> Result<(), ConnectError> {
        Ok(server::check(self).await?)
    }

    /// Waits until there is a connection.
    pub async fn connected(&self) {
        let mut health = self.health();
        while timeout(CONNECTION_POLL, health.wait_for(|health| health.connected))
            .await
            .is_err()
        {
            // The client drops events when many come at once, and this one must not be missed.
            if self.inner.client.connection_state() == State::Connected {
                observe(&self.inner.health, &Event::Connected);
            }
        }
    }

    /// How long the server takes to answer; none if it does not within this time.
    ///
    /// A server takes the commands of one connection in order: once it answers, it has every subscription that
    /// was made before.
    pub async fn round_trip(&self, limit: Duration) -> Option<Duration> {
        let began = Instant::now();
        let request = Request::new().payload(Bytes::new()).timeout(Some(limit));
        // Nobody listens there, and the server itself says so.
        let nobody = self.inner.client.new_inbox();
        match self.inner.client.send_request(nobody, request).await {
            Err(error) if error.kind() != RequestErrorKind::NoResponders => None,
            Ok(_) | Err(_) => Some(began.elapsed()),
        }
    }

    /// How the connection is, and each change of it.
    pub fn health(&self) -> watch::Receiver<Health> {
        self.inner.health.subscribe()
    }

    /// The name of the service that this connection was made for.
    pub fn name(&self) -> &ServiceName {
        &self.inner.name
    }

    /// Makes the streams that are not there, checks those that are, and says their names.
    ///
    /// A stream of another name that captures the same subjects is used as it is. From now on, a publish
    /// that finds no stream makes them again.
    ///
    /// # Errors
    /// A stream that overlaps without covering, one that cannot serve, or no answer.
    pub async fn ensure_streams(&self, streams: &Streams) -> Result<StreamNames, StreamsError> {
        let mut remembered = self.inner.streams.lock().await;
        *remembered = Some(streams.clone());
        ensure(&self.inner.jetstream, streams).await
    }

    /// Makes the streams again that [`Bus::ensure_streams`] was asked for; false if it never was.
    pub(crate) async fn repair_streams(&self) -> Result<bool, StreamsError> {
        let remembered = self.inner.streams.lock().await;
        match remembered.as_ref() {
            Some(streams) => ensure(&self.inner.jetstream, streams).await.map(|_| true),
            None => Ok(false),
        }
    }

    /// How full the streams are; none of those that cannot be asked about, as while there is no connection.
    pub async fn stream_fills(&self) -> Vec<StreamFill> {
        match self.connection() {
            Some(_) => fills(&self.inner.jetstream).await,
            None => Vec::new(),
        }
    }

    /// Waits until everything said so far is with the server, or the time is over; for an orderly stop.
    pub async fn flush(&self, limit: Duration) -> bool {
        matches!(timeout(limit, self.inner.client.flush()).await, Ok(Ok(())))
    }

    pub(crate) fn client(&self) -> &Client {
        &self.inner.client
    }

    pub(crate) fn jetstream(&self) -> &jetstream::Context {
        &self.inner.jetstream
    }

    /// How often there was a connection; none while there is none.
    pub(crate) fn connection(&self) -> Option<u64> {
        let health = self.inner.health.borrow();
        health.connected.then_some(health.connections)
    }

    /// Sends without an answer; false if there was no room for it.
    pub(crate) async fn send(&self, subject: Subject, headers: Option<HeaderMap>, body: Bytes) -> bool {
        let client = &self.inner.client;
        let sent = async {
            match headers {
                Some(headers) => client.publish_with_headers(subject, headers, body).await,
                None => client.publish(subject, body).await,
            }
        };
        matches!(timeout(SEND_TIMEOUT, sent).await, Ok(Ok(())))
    }
}
