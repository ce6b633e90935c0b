//! One turn of the writer: what is decided about in one transaction.

use crate::desk::Request;
use crate::feed_position::FeedPositions;
use crate::inbox::{Origin, Read};
use crate::ledger::{GraphRecord, Quarantined};
use conductor_core::{Arrival, Event, Identity};
use domain::{Announcement, ObsId, ProductName, ServiceName};
use jiff::Timestamp;
use messaging::{Delivery, Position};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::oneshot;

/// What came in, read and in the order in which it is decided.
#[derive(Debug, Default)]
pub(super) struct Turn {
    /// What happened.
    pub(super) items: Vec<Item>,
    /// What operators ask for.
    pub(super) requests: Vec<Request>,
    /// Messages of the stream, acknowledged after the commit.
    pub(super) deliveries: Vec<Delivery>,
    /// Messages that cannot be used, with the reason.
    pub(super) refused: Vec<(usize, String)>,
    /// Messages that were put aside, since deciding about them panics.
    pub(super) quarantined: Vec<Quarantined>,
    /// The bursts that observations follow.
    pub(super) bursts: BTreeMap<ObsId, String>,
    /// The traces that the messages belong to.
    pub(super) traces: BTreeMap<ObsId, String>,
    /// How far stream and feeds are read with it.
    pub(super) positions: BTreeMap<String, String>,
    /// A graph that is in force since the start: the file's.
    pub(super) graphs: Vec<GraphRecord>,
    /// What is caught up with.
    pub(super) caught_up: Vec<Origin>,
    /// The stream is another one: what is missing is in the feeds.
    pub(super) stream_reset: bool,
    /// What pipelines said may have been missed.
    pub(super) words_missed: bool,
    /// What was announced of the canary, told to it after the commit: it has no rows.
    pub(super) canary: Vec<(ServiceName, Announcement)>,
    /// Told after the commit.
    pub(super) committed: Vec<oneshot::Sender<()>>,
}

/// Something that happened to one observation.
#[derive(Debug)]
pub(super) struct Item {
    /// The observation.
    pub(super) obs_id: ObsId,
    /// What happened.
    pub(super) event: Event,
    /// The message of the stream that says so, by its place in [`Turn::deliveries`].
    pub(super) delivery: Option<usize>,
}

/// The position of the stream in the ledger.
pub(crate) const STREAM: &str = "stream";

/// The inputs of the graph: what a retraction without a product withdraws.
pub(super) type Inputs = [ProductName];

impl Turn {
    /// How much there is to decide.
    pub(super) fn size(&self) -> usize {
        self.items.len() + self.requests.len() + self.deliveries.len()
    }

    /// Takes in what the data lane brings.
    pub(super) fn read(&mut self, read: Read, inputs: &Inputs, feeds: &FeedPositions) {
        match read {
            Read::Stream {
                deliveries,
                position,
                committed,
            } => {
                let mut moved = BTreeSet::new();
                for delivery in deliveries {
                    moved.extend(self.read_delivery(delivery, inputs, feeds));
                }
                self.positions
                    .extend(moved.iter().filter_map(|source| feeds.stored(source)));
                self.note_stream(position);
                self.committed.push(committed);
            }
            Read::StreamReset(position) => {
                self.note_stream(position);
                self.stream_reset = true;
            }
            Read::Feed {
                source,
                feed,
                items,
                through,
                committed,
            } => {
                for item in items {
                    let msg_id = format!("{source}-{feed}-{}", item.n);
                    let identity = identity(&item.announcement, Some(&msg_id), item.n);
                    self.arrivals(&source, &item.announcement, &identity, None, inputs);
                }
                feeds.advance(&source, &feed, through);
                self.positions.extend(feeds.stored(&source));
                self.committed.push(committed);
            }
            Read::CaughtUp(origin) => self.caught_up.push(origin),
            Read::WordsMissed => self.words_missed = true,
        }
    }

    /// Takes in what happened to runs.
    pub(super) fn hear(&mut self, obs_id: &ObsId, events: Vec<Event>) {
        self.items.extend(events.into_iter().map(|event| Item {
            obs_id: obs_id.clone(),
            event,
            delivery: None,
        }));
    }

    /// Takes out an item that cannot be decided about.
    pub(super) fn put_aside(&mut self, index: usize, reason: &str, now: Timestamp) {
        let item = self.items.remove(index);
        let obs_id = &item.obs_id;
        tracing::error!(%obs_id, reason, event = ?item.event, "put aside: deciding about it panics");
        if let Some(place) = item.delivery {
            self.put_aside_delivery(place, reason, now);
        }
    }

    /// Takes out all that a message of the stream says, and keeps it with its bytes.
    pub(super) fn put_aside_delivery(&mut self, place: usize, reason: &str, now: Timestamp) {
        self.items.retain(|item| item.delivery != Some(place));
        if let Some(delivery) = self.deliveries.get(place) {
            self.quarantined.push(Quarantined {
                stream_sequence: delivery.stream_sequence,
                at: now,
                source: subject(delivery),
                reason: reason.to_owned(),
                body: delivery.body.to_vec(),
            });
        }
    }

    fn note_stream(&mut self, position: Position) {
        let json = serde_json::json!(position);
        self.positions.insert(STREAM.to_owned(), json.to_string());
    }

    /// Takes in a message; says whose feed it moves, if any.
    fn read_delivery(
        &mut self,
        delivery: Delivery,
        inputs: &Inputs,
        feeds: &FeedPositions,
    ) -> Option<ServiceName> {
        let place = self.deliveries.len();
        let mut moves = None;
        match usable(&delivery) {
            Ok((source, announcement)) => {
                if let Some(trace) = &delivery.traceparent {
                    self.traces.insert(announcement.obs_id.clone(), trace.clone());
                }
                let msg_id = delivery.msg_id.as_deref();
                let identity = identity(&announcement, msg_id, delivery.stream_sequence);
                self.arrivals(&source, &announcement, &identity, Some(place), inputs);
                moves = Some(source).filter(|source| msg_id.is_some_and(|msg_id| feeds.note(source, msg_id)));
            }
            Err(reason) => self.refused.push((place, reason)),
        }
        self.deliveries.push(delivery);
        moves
    }

    /// One arrival, or one per input where an announcement withdraws them all.
    fn arrivals(
        &mut self,
        source: &ServiceName,
        announcement: &Announcement,
        identity: &Identity,
        delivery: Option<usize>,
        inputs: &Inputs,
    ) {
        let obs_id = announcement.obs_id.clone();
        if obs_id.is_canary() {
            self.canary.push((source.clone(), announcement.clone()));
            return;
        }
        if let Some(burst_id) = &announcement.burst_id {
            self.bursts.insert(obs_id.clone(), burst_id.to_string());
        }
        let products = match &announcement.product {
            Some(product) => std::slice::from_ref(product),
            None => inputs,
        };
        for product in products {
            let arrival = Arrival {
                source: source.clone(),
                product: product.clone(),
                identity: identity.clone(),
                announcement: announcement.clone(),
            };
            self.items.push(Item {
                obs_id: obs_id.clone(),
                event: Event::Data(Box::new(arrival)),
                delivery,
            });
        }
    }
}

fn usable(delivery: &Delivery) -> Result<(ServiceName, Announcement), String> {
    let source = delivery.source.as_ref().map_err(ToString::to_string)?;
    let announcement = Announcement::decode(&delivery.body).map_err(|error| error.to_string())?;
    Ok((source.clone(), announcement))
}

/// Where a message was sent.
pub(super) fn subject(delivery: &Delivery) -> String {
    match &delivery.source {
        Ok(source) => format!("data.{source}"),
        Err(error) => error.subject().to_owned(),
    }
}

/// The first of version, message id, checksum and place in the stream that an announcement has.
fn identity(announcement: &Announcement, msg_id: Option<&str>, sequence: u64) -> Identity {
    match (announcement.version, msg_id, announcement.sha256) {
        (Some(version), _, _) => Identity::Version(version),
        (None, Some(msg_id), _) => Identity::MessageId(SmolStr::new(msg_id)),
        (None, None, Some(sha256)) => Identity::Sha256(sha256),
        (None, None, None) => Identity::Sequence(sequence),
    }
}
