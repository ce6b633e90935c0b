//! One subscription through which a consumer is asked for messages.
//!
//! One request is open at a time: what has been asked for and not read is then bounded by it, and a
//! message that arrives while it is open comes without being asked for again.

use crate::bus::Bus;
use async_nats::{Message, StatusCode, Subject, Subscriber};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use std::time::Duration;
use tokio::task::coop::unconstrained;
use tokio::time::timeout;

/// How long a request stays open; afterwards it is made again, so it says how long a request that the
/// server has lost without a word can go unnoticed, if heartbeats did not say so earlier.
const EXPIRES: Duration = Duration::from_secs(30);
/// How often the server says that an open request has nothing.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// Two heartbeats missed, and some.
const SILENCE: Duration = Duration::from_millis(4_500);

/// Why nothing more will come this way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Broken {
    #[error("nobody answers for the consumer, so it is gone")]
    NoConsumer,
    #[error("the server ended the request: {0}")]
    Ended(String),
    #[error("no heartbeat for {SILENCE:?}")]
    Silent,
    #[error("the subscription has ended")]
    Closed,
    #[error("the request could not be sent: {0}")]
    NotSent(String),
}

#[derive(Debug)]
pub(crate) struct Pull {
    subscriber: Subscriber,
    inbox: Subject,
    target: Subject,
    request: Bytes,
    batch: usize,
    /// What the open request may still bring.
    owed: usize,
}

impl Pull {
    pub(crate) async fn open(bus: &Bus, stream: &str, consumer: &str, batch: usize) -> Result<Self, Broken> {
        let inbox = Subject::from(bus.client().new_inbox());
        let subscriber = bus
            .client()
            .subscribe(inbox.clone())
            .await
            .map_err(|error| Broken::NotSent(error.to_string()))?;
        let request = format!(
            r#"{{"batch":{batch},"expires":{},"idle_heartbeat":{}}}"#,
            EXPIRES.as_nanos(),
            HEARTBEAT.as_nanos()
        );
        Ok(Self {
            subscriber,
            inbox,
            target: Subject::from(format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}")),
            request: request.into(),
            batch,
            owed: 0,
        })
    }

    /// The connection is another: the server has forgotten what was asked.
    pub(crate) fn forget_request(&mut self) {
        self.owed = 0;
    }

    /// Waits for a message. Cancel safe.
    pub(crate) async fn next(&mut self, bus: &Bus) -> Result<Message, Broken> {
        loop {
            if self.owed == 0 {
                bus.client()
                    .publish_with_reply(self.target.clone(), self.inbox.clone(), self.request.clone())
                    .await
                    .map_err(|error| Broken::NotSent(error.to_string()))?;
                self.owed = self.batch;
            }
            let received = timeout(SILENCE, self.subscriber.next())
                .await
                .map_err(|_| Broken::Silent)?;
            if let Some(message) = self.sort(received.ok_or(Broken::Closed)?)? {
                return Ok(message);
            }
        }
    }

    /// A message that is here already. Its end or trouble is left to [`Pull::next`].
    pub(crate) fn try_next(&mut self) -> Result<Option<Message>, Broken> {
        // Outside of tokio's budget, which would otherwise cut batches at 128.
        while let Some(Some(received)) = unconstrained(self.subscriber.next()).now_or_never() {
            if let Some(message) = self.sort(received)? {
                return Ok(Some(message));
            }
        }
        Ok(None)
    }

    /// Tells messages of the stream from what the server says about the request.
    fn sort(&mut self, message: Message) -> Result<Option<Message>, Broken> {
        let Some(status) = message.status.filter(|status| *status != StatusCode::OK) else {
            self.owed = self.owed.saturating_sub(1);
            return Ok(Some(message));
        };
        let description = message.description.unwrap_or_default();
        if status == StatusCode::IDLE_HEARTBEAT {
            return Ok(None);
        }
        if status == StatusCode::TIMEOUT || description == "Batch Completed" {
            self.owed = 0;
            return Ok(None);
        }
        if status == StatusCode::NO_RESPONDERS {
            return Err(Broken::NoConsumer);
        }
        Err(Broken::Ended(format!("{status} {description}")))
    }
}
