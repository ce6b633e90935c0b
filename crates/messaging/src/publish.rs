//! Announcing with acknowledgement, and saying without.

use crate::bus::Bus;
use crate::subject::{ActivitySubject, DataSubject};
use async_nats::jetstream::context::{PublishAckFuture, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::{HeaderMap, Subject, jetstream};
use bytes::Bytes;
use domain::{Activity, Announcement, ServiceName};
use std::collections::VecDeque;

/// Announcements under way at once: measured at 110 000 a second, seven times one after the other;
/// more does not help.
pub const MAX_IN_FLIGHT: usize = 256;

/// The header by which the stream recognises a repeat.
pub(crate) const MESSAGE_ID: &str = "Nats-Msg-Id";
/// The header of W3C Trace Context.
pub(crate) const TRACEPARENT: &str = "traceparent";

/// An announcement on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outbound {
    /// By which the stream recognises a repeat: `sdb-<feed>-<n>`.
    pub msg_id: String,
    /// The announcement as JSON.
    pub body: Bytes,
    /// The trace that it belongs to.
    pub traceparent: Option<String>,
}

impl Outbound {
    /// An announcement under a message id, which begins with its source.
    ///
    /// # Errors
    /// An announcement that JSON cannot express.
    pub fn new(msg_id: impl Into<String>, announcement: &Announcement) -> Result<Self, PublishError> {
        let body =
            serde_json::to_vec(announcement).map_err(|error| PublishError::Encode(error.to_string()))?;
        Ok(Self::encoded(msg_id, body))
    }

    /// An announcement that is JSON already, from an outbox for example.
    pub fn encoded(msg_id: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self {
            msg_id: msg_id.into(),
            body: body.into(),
            traceparent: None,
        }
    }

    fn message(&self) -> PublishMessage {
        let mut message = PublishMessage::build()
            .payload(self.body.clone())
            .message_id(&self.msg_id);
        if let Some(traceparent) = &self.traceparent {
            message = message.header(TRACEPARENT, traceparent.as_str());
        }
        message
    }
}

/// The stream has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ack {
    /// Its number in the stream; that of the first if it is a repeat.
    pub sequence: u64,
    /// Whether the stream had a message of this id already.
    pub duplicate: bool,
}

/// What came of several announcements.
#[derive(Debug)]
pub struct Published {
    /// The acknowledgements of the first so many, in order.
    pub acks: Vec<Ack>,
    /// What happened to the one after them; those behind it may or may not be in the stream, and are
    /// repeated under the same ids.
    pub failure: Option<PublishError>,
}

/// Why something is not known to be with the server. After `Timeout` and `Disconnected` it may be
/// there all the same, and is repeated under the same message id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// No stream captures it, and none could be made; or a cluster has no leader at the moment.
    #[error("no stream captures {subject}{reason}")]
    NoStream {
        /// Where it was sent.
        subject: String,
        /// Why none could be made.
        reason: String,
    },
    /// No acknowledgement in time.
    #[error("no acknowledgement in time")]
    Timeout,
    /// More than the server takes; never repeated.
    #[error("a message of {size} bytes is larger than the {limit} that the server takes")]
    TooLarge {
        /// The body, in bytes.
        size: usize,
        /// The server's `max_payload`, headers included, in bytes.
        limit: usize,
    },
    /// There is no connection.
    #[error("not connected to NATS")]
    Disconnected,
    /// It cannot be said in JSON; never repeated.
    #[error("not expressible as JSON: {0}")]
    Encode(String),
    /// The server said no, full for example.
    #[error("refused: {0}")]
    Refused(String),
}

impl Bus {
    /// Announces on `data.<source>`, and waits until the stream has it.
    ///
    /// # Errors
    /// It is not known to be in the stream; see [`PublishError`].
    pub async fn announce(
        &self,
        source: &ServiceName,
        announcement: &Announcement,
        msg_id: &str,
    ) -> Result<Ack, PublishError> {
        self.publish(source, &Outbound::new(msg_id, announcement)?).await
    }

    /// As [`Bus::announce`], for what is encoded already or belongs to a trace.
    ///
    /// # Errors
    /// It is not known to be in the stream; see [`PublishError`].
    pub async fn publish(&self, source: &ServiceName, outbound: &Outbound) -> Result<Ack, PublishError> {
        let subject = Subject::from(DataSubject(source.clone()).to_string());
        match self.publish_once(&subject, outbound).await {
            Err(PublishError::NoStream { .. }) => {
                self.repair_for(&subject).await?;
                self.publish_once(&subject, outbound).await
            }
            other => other,
        }
    }

    /// Announces several in order, up to [`MAX_IN_FLIGHT`] at once, and says how many from the first on
    /// are in the stream.
    pub async fn announce_all(&self, source: &ServiceName, outbound: &[Outbound]) -> Published {
        let subject = Subject::from(DataSubject(source.clone()).to_string());
        let mut published = self.announce_from(&subject, outbound).await;
        if let Some(PublishError::NoStream { .. }) = published.failure {
            if let Err(error) = self.repair_for(&subject).await {
                published.failure = Some(error);
                return published;
            }
            let rest = self
                .announce_from(&subject, &outbound[published.acks.len()..])
                .await;
            published.acks.extend(rest.acks);
            published.failure = rest.failure;
        }
        published
    }

    /// Says something on `activity.<service>`, without acknowledgement: activity is a hint, and nobody
    /// waits for it. Returns in 50 ms at the latest; what is said while there is no server is kept, up
    /// to the client's buffer, and delivered later.
    ///
    /// # Errors
    /// It was dropped: too large, or the buffer is full.
    pub async fn say(&self, activity: &Activity) -> Result<(), PublishError> {
        let body = serde_json::to_vec(activity).map_err(|error| PublishError::Encode(error.to_string()))?;
        if body.len() > self.client().max_payload() {
            return Err(PublishError::TooLarge {
                size: body.len(),
                limit: self.client().max_payload(),
            });
        }
        let subject = Subject::from(ActivitySubject(activity.service().clone()).to_string());
        if self.send(subject, None, body.into()).await {
            Ok(())
        } else {
            Err(PublishError::Disconnected)
        }
    }

    async fn publish_once(&self, subject: &Subject, outbound: &Outbound) -> Result<Ack, PublishError> {
        let connection = self.connection().ok_or(PublishError::Disconnected)?;
        let pending = self.begin(subject, outbound).await?;
        self.finish(connection, subject, outbound, pending).await
    }

    async fn announce_from(&self, subject: &Subject, outbound: &[Outbound]) -> Published {
        let mut published = Published {
            acks: Vec::with_capacity(outbound.len()),
            failure: None,
        };
        let Some(connection) = self.connection() else {
            published.failure = Some(PublishError::Disconnected);
            return published;
        };
        let mut waiting = VecDeque::with_capacity(MAX_IN_FLIGHT.min(outbound.len()));
        let mut to_send = outbound.iter();
        let mut begin_failure = None;
        loop {
            while waiting.len() < MAX_IN_FLIGHT && begin_failure.is_none() {
                let Some(next) = to_send.next() else { break };
                match self.begin(subject, next).await {
                    Ok(pending) => waiting.push_back((next, pending)),
                    Err(error) => begin_failure = Some(error),
                }
            }
            let Some((sent, pending)) = waiting.pop_front() else {
                break;
            };
            match self.finish(connection, subject, sent, pending).await {
                Ok(ack) => published.acks.push(ack),
                Err(error) => {
                    published.failure = Some(error);
                    return published;
                }
            }
        }
        published.failure = begin_failure;
        published
    }

    async fn begin(&self, subject: &Subject, outbound: &Outbound) -> Result<PublishAckFuture, PublishError> {
        self.jetstream()
            .send_publish(subject.clone(), outbound.message())
            .await
            .map_err(|error| self.explain(subject, outbound, &error))
    }

    /// Waits for an acknowledgement, no longer than the connection over which it would come.
    async fn finish(
        &self,
        connection: u64,
        subject: &Subject,
        outbound: &Outbound,
        pending: PublishAckFuture,
    ) -> Result<Ack, PublishError> {
        let mut health = self.health();
        tokio::select! {
            biased;
            ack = pending => match ack {
                Ok(ack) => Ok(Ack { sequence: ack.sequence, duplicate: ack.duplicate }),
                Err(error) => Err(self.explain(subject, outbound, &error)),
            },
            _ = health.wait_for(|health| !health.connected || health.connections != connection) => {
                Err(PublishError::Disconnected)
            }
        }
    }

    async fn repair_for(&self, subject: &Subject) -> Result<(), PublishError> {
        let no_stream = |reason: String| PublishError::NoStream {
            subject: subject.to_string(),
            reason,
        };
        match self.repair_streams().await {
            Ok(true) => {
                tracing::warn!(%subject, "a publish found no stream; the streams were checked and made again");
                Ok(())
            }
            Ok(false) => Err(no_stream(String::new())),
            Err(error) => Err(no_stream(format!(": {error}"))),
        }
    }

    fn explain(
        &self,
        subject: &Subject,
        outbound: &Outbound,
        error: &jetstream::context::PublishError,
    ) -> PublishError {
        match error.kind() {
            PublishErrorKind::StreamNotFound => PublishError::NoStream {
                subject: subject.to_string(),
                reason: String::new(),
            },
            PublishErrorKind::TimedOut => PublishError::Timeout,
            PublishErrorKind::BrokenPipe => PublishError::Disconnected,
            PublishErrorKind::MaxPayloadExceeded => PublishError::TooLarge {
                size: outbound.body.len(),
                limit: self.client().max_payload(),
            },
            PublishErrorKind::WrongLastMessageId
            | PublishErrorKind::WrongLastSequence
            | PublishErrorKind::MaxAckPending
            | PublishErrorKind::Other => PublishError::Refused(error.to_string()),
        }
    }
}

/// A header as text, if it is there.
pub(crate) fn header(headers: Option<&HeaderMap>, name: &str) -> Option<String> {
    headers
        .and_then(|headers| headers.get(name))
        .map(|value| value.as_str().to_owned())
}
