//! Listening without a stream: hints, as they come.

use crate::bus::Bus;
use crate::health::Health;
use crate::subject::{ActivitySubject, DataSubject};
use async_nats::{Message, Subscriber};
use bytes::Bytes;
use domain::{Activity, Announcement, ServiceName};
use futures_util::StreamExt;
use tokio::sync::watch;

/// Why messages may have been missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// A subscription of this process was not read fast enough.
    TooSlow,
    /// The connection was lost for a while.
    Reconnected,
}

/// What a subscription hears.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard<T> {
    /// A message of a service.
    Message {
        /// The second token of its subject.
        from: ServiceName,
        /// What it says.
        said: T,
    },
    /// A message that cannot be used.
    Unreadable {
        /// Where it was said.
        subject: String,
        /// Why it cannot be used.
        reason: String,
        /// Its bytes.
        body: Bytes,
    },
    /// Something may have been missed before this: what matters is asked for again.
    Missed(Gap),
}

/// Why there is nothing to listen to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no subscription to {subject}: {reason}")]
pub struct ListenError {
    subject: &'static str,
    reason: String,
}

impl ListenError {
    pub(crate) fn new(subject: &'static str, reason: String) -> Self {
        Self { subject, reason }
    }
}

/// Everything on `activity.>`.
#[derive(Debug)]
pub struct ActivityFeed(Feed);

/// Everything on `data.>`, for those who look on; who acts on it uses [`crate::DataConsumer`].
#[derive(Debug)]
pub struct DataFeed(Feed);

#[derive(Debug)]
struct Feed {
    subscriber: Subscriber,
    health: watch::Receiver<Health>,
    connections: u64,
    slow_consumer_events: u64,
}

impl Bus {
    /// Listens to all activity from now on.
    ///
    /// # Errors
    /// The client has been closed.
    pub async fn activity(&self) -> Result<ActivityFeed, ListenError> {
        self.listen(ActivitySubject::FILTER).await.map(ActivityFeed)
    }

    /// Listens to all announcements from now on.
    ///
    /// # Errors
    /// The client has been closed.
    pub async fn data_watch(&self) -> Result<DataFeed, ListenError> {
        self.listen(DataSubject::FILTER).await.map(DataFeed)
    }

    async fn listen(&self, subject: &'static str) -> Result<Feed, ListenError> {
        let health = self.health();
        let (connections, slow_consumer_events) = {
            let now = health.borrow();
            (now.connections, now.slow_consumer_events)
        };
        let subscriber = self
            .client()
            .subscribe(subject)
            .await
            .map_err(|error| ListenError::new(subject, error.to_string()))?;
        Ok(Feed {
            subscriber,
            health,
            connections,
            slow_consumer_events,
        })
    }
}

impl ActivityFeed {
    /// The next message or gap; none when the connection has been closed for good. Cancel safe.
    pub async fn next(&mut self) -> Option<Heard<Activity>> {
        self.0.next(activity).await
    }
}

impl DataFeed {
    /// The next message or gap; none when the connection has been closed for good. Cancel safe.
    pub async fn next(&mut self) -> Option<Heard<Announcement>> {
        self.0.next(announcement).await
    }
}

impl Feed {
    async fn next<T>(&mut self, read: fn(&Message) -> Result<(ServiceName, T), String>) -> Option<Heard<T>> {
        loop {
            if let Some(gap) = self.gap() {
                return Some(Heard::Missed(gap));
            }
            tokio::select! {
                message = self.subscriber.next() => {
                    let message = message?;
                    return Some(match read(&message) {
                        Ok((from, said)) => Heard::Message { from, said },
                        Err(reason) => Heard::Unreadable {
                            subject: message.subject.to_string(),
                            reason,
                            body: message.payload,
                        },
                    });
                }
                changed = self.health.changed() => changed.ok()?,
            }
        }
    }

    fn gap(&mut self) -> Option<Gap> {
        let health = self.health.borrow();
        let first = self.connections == 0;
        if health.connections != self.connections {
            self.connections = health.connections;
            if !first {
                return Some(Gap::Reconnected);
            }
        }
        if health.slow_consumer_events != self.slow_consumer_events {
            self.slow_consumer_events = health.slow_consumer_events;
            return Some(Gap::TooSlow);
        }
        None
    }
}

pub(crate) fn activity(message: &Message) -> Result<(ServiceName, Activity), String> {
    let ActivitySubject(from) = message
        .subject
        .parse()
        .map_err(|error: crate::SubjectError| error.to_string())?;
    let said = serde_json::from_slice(&message.payload).map_err(|error| error.to_string())?;
    Ok((from, said))
}

fn announcement(message: &Message) -> Result<(ServiceName, Announcement), String> {
    let DataSubject(from) = message
        .subject
        .parse()
        .map_err(|error: crate::SubjectError| error.to_string())?;
    let said = Announcement::decode(&message.payload).map_err(|error| error.to_string())?;
    Ok((from, said))
}
