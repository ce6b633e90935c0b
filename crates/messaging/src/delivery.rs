//! One announcement as it comes out of the stream.

use crate::bus::Bus;
use crate::floor::Floor;
use crate::publish::{MESSAGE_ID, TRACEPARENT, header};
use crate::subject::{DataSubject, SubjectError};
use async_nats::{Message, Subject};
use bytes::Bytes;
use domain::ServiceName;
use jiff::Timestamp;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Where settled deliveries are told.
pub(crate) struct Settling {
    pub(crate) bus: Bus,
    pub(crate) floor: Mutex<Floor>,
}

impl Settling {
    pub(crate) fn with_floor<T>(&self, act: impl FnOnce(&mut Floor) -> T) -> T {
        act(&mut self.floor.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A message of the stream on `data.>`, to be judged, and then settled by [`Delivery::ack`] or
/// [`Delivery::term`]; one that is not comes again after the consumer's `ack_wait`.
pub struct Delivery {
    /// Who announces it; not everything that `data.>` captures was sent on a subject of ours.
    pub source: Result<ServiceName, SubjectError>,
    /// The announcement, as it was sent.
    pub body: Bytes,
    /// The header `Nats-Msg-Id`.
    pub msg_id: Option<String>,
    /// The header `traceparent`.
    pub traceparent: Option<String>,
    /// Its number in the stream.
    pub stream_sequence: u64,
    /// How often it has been delivered, this time included.
    pub delivered: u64,
    /// When the stream took it.
    pub published_at: Timestamp,
    /// How many follow it at the moment of delivery.
    pub pending: u64,
    reply: Subject,
    /// Of the floor that it was handed out from.
    epoch: u64,
    settling: Arc<Settling>,
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("source", &self.source)
            .field("stream_sequence", &self.stream_sequence)
            .field("delivered", &self.delivered)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

impl Delivery {
    /// Reads a message of a consumer; none if it is not one.
    pub(crate) fn read(message: Message, settling: &Arc<Settling>) -> Option<Self> {
        let reply = message.reply?;
        let place = Place::parse(&reply)?;
        let epoch = settling.with_floor(|floor| floor.hand_out(place.stream_sequence));
        Some(Self {
            source: message.subject.parse().map(|DataSubject(source)| source),
            body: message.payload,
            msg_id: header(message.headers.as_ref(), MESSAGE_ID),
            traceparent: header(message.headers.as_ref(), TRACEPARENT),
            stream_sequence: place.stream_sequence,
            delivered: place.delivered,
            published_at: place.published_at,
            pending: place.pending,
            reply,
            epoch,
            settling: Arc::clone(settling),
        })
    }

    /// The message has had its effect; call it after the commit. Sent and forgotten: an ack that is
    /// lost means a repeat.
    pub async fn ack(&self) {
        self.settle(Bytes::from_static(b"+ACK")).await;
    }

    /// The message never comes again, because it cannot be used; the reason is for the server's advisory.
    pub async fn term(&self, reason: &str) {
        // The reason ends the line of the protocol, so it must be one.
        let reason = reason.replace(|c: char| c.is_control(), " ");
        self.settle(Bytes::from(format!("+TERM {reason}"))).await;
    }

    /// The message is still being worked on: starts its `ack_wait` again.
    pub async fn progress(&self) {
        self.settling
            .bus
            .send(self.reply.clone(), None, Bytes::from_static(b"+WPI"))
            .await;
    }

    async fn settle(&self, word: Bytes) {
        self.settling
            .with_floor(|floor| floor.settle(self.epoch, self.stream_sequence));
        if !self.settling.bus.send(self.reply.clone(), None, word).await {
            tracing::debug!(
                sequence = self.stream_sequence,
                "no room to acknowledge; the message comes again"
            );
        }
    }
}

/// What the server writes into the reply subject of a delivery.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    delivered: u64,
    stream_sequence: u64,
    published_at: Timestamp,
    pending: u64,
}

impl Place {
    /// `$JS.ACK.<domain>.<account>.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<ns>.<pending>[.<token>..]`,
    /// or without domain and account from older servers and leaf nodes (NATS ADR-15).
    fn parse(reply: &str) -> Option<Self> {
        let tokens = reply.strip_prefix("$JS.ACK.")?;
        let short = tokens.bytes().filter(|byte| *byte == b'.').count() == 6;
        let mut tokens = tokens.split('.').skip(if short { 2 } else { 4 });
        let delivered = tokens.next()?.parse().ok()?;
        let stream_sequence = tokens.next()?.parse().ok()?;
        let _consumer_sequence = tokens.next()?;
        let nanoseconds: i128 = tokens.next()?.parse().ok()?;
        Some(Self {
            delivered,
            stream_sequence,
            published_at: Timestamp::from_nanosecond(nanoseconds).ok()?,
            pending: tokens.next()?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_the_reply_are_read() {
        let place = Place {
            delivered: 2,
            stream_sequence: 77,
            published_at: "2026-11-24T06:40:00.5Z".parse().unwrap(),
            pending: 3,
        };
        for reply in [
            "$JS.ACK.DATA.conductor.2.77.80.1795502400500000000.3",
            "$JS.ACK._.ACC.DATA.conductor.2.77.80.1795502400500000000.3",
            "$JS.ACK._.ACC.DATA.conductor.2.77.80.1795502400500000000.3.token.more",
        ] {
            assert_eq!(Place::parse(reply).as_ref(), Some(&place), "{reply}");
        }
    }

    #[test]
    fn what_is_no_delivery_is_none() {
        for reply in ["", "_INBOX.x", "$JS.ACK.a.b", "$JS.ACK.DATA.conductor.2.x.80.1.3"] {
            assert_eq!(Place::parse(reply), None, "{reply}");
        }
    }
}
