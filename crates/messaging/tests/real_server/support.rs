//! What the tests of this crate share: a server, a bus, and a second client that does what operators do.

use async_nats::jetstream;
use domain::{Announcement, ServiceName};
use messaging::{Bus, BusOptions, ConsumerOptions, DataConsumer, Delivery, Next, Outbound, Streams};
use std::collections::BTreeSet;
use std::time::Duration;
use testkit::Nats;
use tokio::time::timeout;

/// For whatever should happen at once; generous, since tests share two cores with a compiler.
pub(crate) const SOON: Duration = Duration::from_secs(20);
/// The promise: a consumer is back within ten seconds of whatever made it go.
pub(crate) const REPAIR: Duration = Duration::from_secs(10);

pub(crate) fn name(text: &str) -> ServiceName {
    text.parse().unwrap()
}

pub(crate) async fn bus(nats: &Nats, service: &str) -> Bus {
    let options = BusOptions::new([nats.url()], name(service));
    timeout(SOON, Bus::connect(options))
        .await
        .expect("it connects in time")
        .unwrap()
}

/// Another client, for what the orchestra itself never does.
pub(crate) async fn stranger(nats: &Nats) -> (async_nats::Client, jetstream::Context) {
    let client = async_nats::connect(nats.url()).await.unwrap();
    (client.clone(), jetstream::new(client))
}

pub(crate) fn announcement(n: usize) -> Announcement {
    Announcement::of("EclTmVhfAlert".parse().unwrap(), n.to_string().parse().unwrap())
}

pub(crate) fn outbound(range: std::ops::Range<usize>) -> Vec<Outbound> {
    range
        .map(|n| Outbound::new(format!("test-{n}"), &announcement(n)).unwrap())
        .collect()
}

/// The number that [`announcement`] put in.
pub(crate) fn number(delivery: &Delivery) -> usize {
    let read = Announcement::decode(&delivery.body).unwrap();
    read.obs_id.to_string().parse().unwrap()
}

pub(crate) async fn next(consumer: &mut DataConsumer) -> Vec<Delivery> {
    match timeout(SOON, consumer.next_batch(256))
        .await
        .expect("a delivery in time")
    {
        Next::Batch(batch) => batch,
        Next::StreamReset(position) => panic!("the stream was not made again: {position:?}"),
    }
}

/// Reads and acknowledges until each of `wanted` has come.
pub(crate) async fn read_all(consumer: &mut DataConsumer, wanted: std::ops::Range<usize>) -> Vec<usize> {
    let mut missing: BTreeSet<usize> = wanted.collect();
    let mut order = Vec::new();
    while !missing.is_empty() {
        let batch = next(consumer).await;
        for delivery in &batch {
            missing.remove(&number(delivery));
            order.push(number(delivery));
        }
        consumer.ack_all(&batch).await;
    }
    order
}

pub(crate) fn options() -> ConsumerOptions {
    ConsumerOptions::new("conductor")
}

pub(crate) async fn ensured(bus: &Bus) {
    bus.ensure_streams(&Streams::default()).await.unwrap();
}
