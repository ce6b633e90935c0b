//! Bringing the stream and the server's consumer to what they should be.

use crate::consumer::{ConsumerOptions, DataConsumer, Position};
use crate::floor::Floor;
use crate::liveness::settled;
use crate::publish::PublishError;
use crate::pull::{Broken, Pull};
use crate::streams::StreamsError;
use crate::subject::DataSubject;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, Info, pull};
use async_nats::jetstream::context::ConsumerInfoErrorKind;
use async_nats::jetstream::stream::Stream;
use jiff::Timestamp;
use std::fmt;

/// How the server writes that there is no limit to deliveries.
const UNLIMITED: i64 = -1;

/// The server's consumer, and the subscription through which it is read.
pub(crate) struct Attached {
    pub(crate) pull: Pull,
    /// When the stream and the consumer were made.
    identity: (Timestamp, Timestamp),
    /// The connection over which messages were asked for last.
    pub(crate) connection: u64,
}

/// Why the consumer is not attached.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AttachError {
    #[error(transparent)]
    Streams(#[from] StreamsError),
    #[error("the consumer cannot be made or asked: {0}")]
    Consumer(String),
    #[error("the server made the consumer otherwise than it was told: {0}")]
    NotAsTold(String),
    #[error(transparent)]
    Pull(#[from] Broken),
    #[error(transparent)]
    Publish(#[from] PublishError),
}

impl DataConsumer {
    /// Brings stream and consumer to what they should be, and asks for messages.
    pub(crate) async fn try_attach(&mut self) -> Result<(), AttachError> {
        let connection = self.bus.connection().ok_or(PublishError::Disconnected)?;
        let names = self.bus.ensure_streams(&self.options.streams).await?;
        let stream = self
            .bus
            .jetstream()
            .get_stream(&names.data)
            .await
            .map_err(consumer_error)?;
        let created = timestamp(stream.cached_info().created);
        let head = stream.cached_info().state.last_sequence;
        self.compare_stream(created, head);
        let info = self.ensure_consumer(&stream).await?;
        let identity = (created, timestamp(info.created));
        if let Some(attached) = &mut self.attached
            && attached.identity == identity
        {
            attached.connection = connection;
            attached.pull.forget_request();
            return Ok(());
        }
        let pull = Pull::open(&self.bus, &names.data, &self.options.durable, self.options.fetch).await?;
        self.settling
            .with_floor(|floor| floor.raise(settled(&info, head)));
        self.shared.attached(&names.data, &self.options.durable, head);
        self.attached = Some(Attached {
            pull,
            identity,
            connection,
        });
        let position = self.position();
        tracing::info!(consumer = %self.options.durable, stream = %names.data, ?position, head, "the consumer is attached");
        Ok(())
    }

    /// Notices a stream that is another than the one that the position belongs to.
    fn compare_stream(&mut self, created: Timestamp, head: u64) {
        let after = self.settling.with_floor(|floor| floor.known());
        let same = match self.position.and_then(|position| position.stream) {
            Some(stream) => stream == created && head >= after,
            None => head >= after,
        };
        if same {
            // Without a position of the ledger's own, the server's is as good as any.
            self.compared |= self.position.is_none();
            self.position = Some(Position {
                stream: Some(created),
                after,
            });
            return;
        }
        tracing::warn!(%created, head, after, "the stream is another one; it is read from its start");
        // The same stream with fewer messages has lost its end, and its consumer may be past numbers that
        // are given again; a new stream has a new consumer.
        self.compared = self.position.and_then(|position| position.stream) != Some(created);
        let reset = Position {
            stream: Some(created),
            after: 0,
        };
        self.position = Some(reset);
        self.reset = Some(reset);
        self.settling.with_floor(Floor::restart);
    }

    /// The server's consumer: made, made again if it is ahead of the ledger, changed if it differs.
    async fn ensure_consumer(&mut self, stream: &Stream) -> Result<Info, AttachError> {
        let durable = self.options.durable.clone();
        let after = self.position.map_or(0, |position| position.after);
        let found = match stream.consumer_info(&durable).await {
            Ok(info) => Some(info),
            Err(error) if error.kind() == ConsumerInfoErrorKind::NotFound => None,
            Err(error) => return Err(consumer_error(error)),
        };
        let found = match found {
            // Of several batches under way, each is stored with what was settled when it was handed over: after a
            // kill that is some batches less than what was acknowledged. It is read again, and known.
            Some(info) if !self.compared && info.ack_floor.stream_sequence > after => {
                let ahead = info.ack_floor.stream_sequence;
                tracing::info!(consumer = %durable, ahead, after, "more was acknowledged than the ledger's position tells: it is read again from there, and what is known is a repeat");
                stream.delete_consumer(&durable).await.map_err(consumer_error)?;
                None
            }
            found => found,
        };
        let info = match found {
            Some(info) if differences(&self.options, &info).is_empty() => info,
            Some(info) => self.make(stream, info.config.deliver_policy).await?,
            None if after == 0 => self.make(stream, DeliverPolicy::All).await?,
            None => {
                self.make(
                    stream,
                    DeliverPolicy::ByStartSequence {
                        start_sequence: after + 1,
                    },
                )
                .await?
            }
        };
        self.compared = true;
        Ok(info)
    }

    async fn make(&self, stream: &Stream, deliver_policy: DeliverPolicy) -> Result<Info, AttachError> {
        let config = pull::Config {
            durable_name: Some(self.options.durable.clone()),
            deliver_policy,
            ack_policy: AckPolicy::Explicit,
            ack_wait: self.options.ack_wait,
            max_deliver: UNLIMITED,
            max_ack_pending: i64::try_from(self.options.max_ack_pending).unwrap_or(i64::MAX),
            filter_subject: DataSubject::FILTER.to_owned(),
            ..pull::Config::default()
        };
        let made = stream.create_consumer(config).await.map_err(consumer_error)?;
        let info = made.cached_info().clone();
        match differences(&self.options, &info) {
            difference if difference.is_empty() => Ok(info),
            difference => Err(AttachError::NotAsTold(difference)),
        }
    }
}

/// What differs, as a sentence; empty if nothing that matters does.
fn differences(options: &ConsumerOptions, info: &Info) -> String {
    let config = &info.config;
    let mut differences = Vec::new();
    if config.ack_policy != AckPolicy::Explicit {
        differences.push(format!(
            "ack_policy is {:?} instead of Explicit",
            config.ack_policy
        ));
    }
    if config.ack_wait != options.ack_wait {
        differences.push(format!(
            "ack_wait is {:?} instead of {:?}",
            config.ack_wait, options.ack_wait
        ));
    }
    if config.max_deliver != UNLIMITED {
        differences.push(format!(
            "max_deliver is {} instead of unlimited",
            config.max_deliver
        ));
    }
    if usize::try_from(config.max_ack_pending) != Ok(options.max_ack_pending) {
        differences.push(format!(
            "max_ack_pending is {} instead of {}",
            config.max_ack_pending, options.max_ack_pending
        ));
    }
    if config.filter_subject != DataSubject::FILTER {
        differences.push(format!(
            "its filter is {:?} instead of {:?}",
            config.filter_subject,
            DataSubject::FILTER
        ));
    }
    differences.join(", ")
}

fn consumer_error(error: impl fmt::Display) -> AttachError {
    AttachError::Consumer(error.to_string())
}

fn timestamp(time: async_nats::datetime::DateTime) -> Timestamp {
    Timestamp::from_nanosecond(time.unix_timestamp_nanos()).unwrap_or(Timestamp::UNIX_EPOCH)
}
