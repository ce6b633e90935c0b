//! The durable consumer: nothing that is in the stream is lost, whatever happens to it.

use crate::support::{REPAIR, SOON, bus, ensured, name, next, number, options, outbound, read_all, stranger};
use messaging::{Bus, DataConsumer, Next, Position};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use testkit::{Nats, Proxy, eventually, eventually_some};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// A consumer whose monitor runs for as long as the set is kept.
fn consumer(bus: &Bus, start: Option<Position>) -> (DataConsumer, JoinSet<()>) {
    let (consumer, monitor) = bus.data_consumer(options(), start);
    let mut tasks = JoinSet::new();
    tasks.spawn(monitor.run());
    (consumer, tasks)
}

async fn publish(bus: &Bus, range: std::ops::Range<usize>) {
    let published = bus.announce_all(&name("sdb"), &outbound(range)).await;
    assert_eq!(published.failure, None);
}

#[tokio::test]
async fn a_delivery_says_what_it_is() {
    let nats = Nats::start().await;
    let bus = bus(&nats, "conductor").await;
    ensured(&bus).await;
    let mut with_trace = outbound(7..8).remove(0);
    with_trace.traceparent = Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned());
    bus.publish(&name("sdb"), &with_trace).await.unwrap();
    let (client, _) = stranger(&nats).await;
    client.publish("data.vhf", "nonsense".into()).await.unwrap();
    client.publish("data.a.b", "{}".into()).await.unwrap();
    client.flush().await.unwrap();

    let (mut consumer, _monitor) = consumer(&bus, None);
    let mut deliveries = Vec::new();
    while deliveries.len() < 3 {
        deliveries.extend(next(&mut consumer).await);
    }
    let sdb = &deliveries[0];
    assert_eq!(sdb.source, Ok(name("sdb")));
    assert_eq!(
        (sdb.msg_id.as_deref(), sdb.stream_sequence, sdb.delivered),
        (Some("test-7"), 1, 1)
    );
    assert_eq!(sdb.traceparent, with_trace.traceparent);
    assert_eq!(number(sdb), 7);
    let plain = &deliveries[1];
    assert_eq!(
        (&plain.source, &plain.msg_id, &plain.body[..]),
        (&Ok(name("vhf")), &None, &b"nonsense"[..])
    );
    assert!(plain.published_at >= sdb.published_at);
    let foreign = deliveries[2].source.as_ref().unwrap_err();
    assert_eq!(foreign.subject(), "data.a.b");
}

#[tokio::test]
async fn a_batch_is_what_is_there_and_does_not_linger() {
    let nats = Nats::start().await;
    let bus = bus(&nats, "conductor").await;
    ensured(&bus).await;
    publish(&bus, 0..1_000).await;
    let (mut consumer, _monitor) = consumer(&bus, None);
    let mut sizes = Vec::new();
    let mut read = 0;
    while read < 1_000 {
        let batch = next(&mut consumer).await;
        assert!(batch.len() <= 256);
        read += batch.len();
        sizes.push(batch.len());
        consumer.ack_all(&batch).await;
    }
    assert!(
        sizes.iter().any(|size| *size > 128),
        "batches are not cut at tokio's budget: {sizes:?}"
    );

    let idle = timeout(Duration::from_millis(50), consumer.next_batch(256)).await;
    assert!(idle.is_err(), "nothing is there");
    let sent = Instant::now();
    publish(&bus, 1_000..1_001).await;
    assert_eq!(next(&mut consumer).await.len(), 1);
    assert!(
        sent.elapsed() < Duration::from_secs(2),
        "one alone does not wait for others"
    );
}

#[tokio::test]
async fn what_is_not_settled_comes_again_and_what_is_does_not() {
    let nats = Nats::start().await;
    let bus = bus(&nats, "conductor").await;
    ensured(&bus).await;
    publish(&bus, 0..3).await;
    let (mut consumer, _monitor) = consumer(&bus, None);
    let mut first = Vec::new();
    while first.len() < 3 {
        first.extend(next(&mut consumer).await);
    }
    first[0].ack().await;
    first[2].term("no announcement\r\nat all").await;
    assert_eq!(consumer.position_after(&first[1..2]).after, 3);
    let again = next(&mut consumer).await;
    assert_eq!(again.len(), 1);
    assert_eq!((number(&again[0]), again[0].delivered), (1, 2));
    again[0].ack().await;
    // All is settled: the server agrees, and nothing comes in more than an `ack_wait`.
    let liveness = consumer.liveness();
    let quiet = timeout(
        options().ack_wait + Duration::from_secs(2),
        consumer.next_batch(256),
    )
    .await;
    assert!(quiet.is_err(), "{quiet:?}");
    eventually(SOON, async || consumer.position().after == 3).await;
    assert_eq!(liveness.check(), Ok(()));
    assert_eq!(
        (
            liveness.measure().lag,
            liveness.measure().floor,
            liveness.measure().head
        ),
        (0, 3, 3)
    );
}

#[tokio::test]
async fn work_in_progress_does_not_come_again() {
    let nats = Nats::start().await;
    let bus = bus(&nats, "conductor").await;
    ensured(&bus).await;
    publish(&bus, 0..1).await;
    let (mut consumer, _monitor) = consumer(&bus, None);
    let held = next(&mut consumer).await;
    let end = Instant::now() + options().ack_wait * 2;
    while Instant::now() < end {
        held[0].progress().await;
        let again = timeout(Duration::from_millis(500), consumer.next_batch(256)).await;
        assert!(again.is_err(), "{again:?}");
    }
}

/// Publishes without a pause while the consumer is read, and does something to it in between.
async fn under_load(mischief: impl AsyncFnOnce(&Nats)) -> (Nats, Bus, DataConsumer, JoinSet<()>, Duration) {
    const MESSAGES: usize = 3_000;
    let nats = Nats::start().await;
    let sdb = bus(&nats, "sdb").await;
    ensured(&sdb).await;
    let conductor = bus(&nats, "conductor").await;
    let (mut consumer, monitor) = consumer(&conductor, None);
    let all = outbound(0..MESSAGES);
    let publishing = async {
        for chunk in all.chunks(100) {
            assert_eq!(sdb.announce_all(&name("sdb"), chunk).await.failure, None);
        }
    };
    let mut seen = BTreeSet::new();
    let (reached, half) = tokio::sync::oneshot::channel();
    let reading = async {
        let mut reached = Some(reached);
        while seen.len() < MESSAGES {
            let batch = next(&mut consumer).await;
            seen.extend(batch.iter().map(number));
            consumer.ack_all(&batch).await;
            if seen.len() > MESSAGES / 4
                && let Some(reached) = reached.take()
            {
                reached.send(()).ok();
            }
        }
        Instant::now()
    };
    let breaking = async {
        half.await.unwrap();
        mischief(&nats).await;
        Instant::now()
    };
    let ((), done, broken) = tokio::join!(publishing, reading, breaking);
    (
        nats,
        conductor,
        consumer,
        monitor,
        done.saturating_duration_since(broken),
    )
}

#[tokio::test]
async fn a_consumer_deleted_under_load_is_made_again() {
    let (nats, _bus, mut consumer, _monitor, took) = Box::pin(under_load(async |nats| {
        let (_, jetstream) = stranger(nats).await;
        jetstream
            .get_stream("DATA")
            .await
            .unwrap()
            .delete_consumer("conductor")
            .await
            .unwrap();
    }))
    .await;
    assert!(took < REPAIR, "{took:?}");
    let sdb = bus(&nats, "sdb").await;
    publish(&sdb, 5_000..5_001).await;
    let order = read_all(&mut consumer, 5_000..5_001).await;
    assert!(order.contains(&5_000));
}

#[tokio::test]
async fn a_consumer_deleted_while_nothing_happens_is_made_again() {
    let nats = Nats::start().await;
    let bus = bus(&nats, "conductor").await;
    ensured(&bus).await;
    publish(&bus, 0..10).await;
    let (mut consumer, _monitor) = consumer(&bus, None);
    read_all(&mut consumer, 0..10).await;
    let (_, jetstream) = stranger(&nats).await;
    let stream = jetstream.get_stream("DATA").await.unwrap();
    stream.delete_consumer("conductor").await.unwrap();
    let deleted = Instant::now();
    let reading = consumer.next_batch(256);
    let publishing = async {
        eventually(REPAIR, async || stream.consumer_info("conductor").await.is_ok()).await;
        publish(&bus, 10..11).await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        next = reading => assert!(matches!(next, Next::Batch(_)), "{next:?}"),
        () = publishing => {}
    }
    assert!(deleted.elapsed() < REPAIR);
}

#[tokio::test]
async fn a_stream_deleted_under_load_is_made_again_and_told() {
    const BEFORE: usize = 500;
    const AFTER: usize = 500;
    let nats = Nats::start().await;
    let sdb = bus(&nats, "sdb").await;
    ensured(&sdb).await;
    let conductor = bus(&nats, "conductor").await;
    let (mut consumer, _monitor) = consumer(&conductor, None);
    publish(&sdb, 0..BEFORE).await;
    read_all(&mut consumer, 0..BEFORE).await;
    let before = consumer.position();

    let (_, jetstream) = stranger(&nats).await;
    jetstream.delete_stream("DATA").await.unwrap();
    let deleted = Instant::now();
    let publishing = async {
        let all = outbound(BEFORE..BEFORE + AFTER);
        for chunk in all.chunks(10) {
            assert_eq!(sdb.announce_all(&name("sdb"), chunk).await.failure, None);
        }
    };
    let mut missing: BTreeSet<usize> = (BEFORE..BEFORE + AFTER).collect();
    let mut reset = None;
    let reading = async {
        while !missing.is_empty() {
            match timeout(SOON, consumer.next_batch(256)).await.unwrap() {
                Next::StreamReset(position) => {
                    assert!(deleted.elapsed() < REPAIR);
                    assert_eq!(missing.len(), AFTER, "the reset is told before what follows it");
                    reset = Some(position);
                }
                Next::Batch(batch) => {
                    for delivery in &batch {
                        missing.remove(&number(delivery));
                    }
                    consumer.ack_all(&batch).await;
                }
            }
        }
    };
    tokio::join!(publishing, reading);
    let reset = reset.expect("the caller learns that its position means nothing any more");
    assert_eq!(reset.after, 0);
    assert_ne!(reset.stream, before.stream);
    assert!(deleted.elapsed() < 2 * REPAIR);
    eventually(SOON, async || {
        consumer.position()
            == Position {
                stream: reset.stream,
                after: AFTER as u64,
            }
    })
    .await;
}

#[tokio::test]
async fn a_server_killed_under_load_loses_nothing() {
    const MESSAGES: usize = 3_000;
    let mut nats = Nats::start().await;
    let sdb = bus(&nats, "sdb").await;
    ensured(&sdb).await;
    let conductor = bus(&nats, "conductor").await;
    let (mut consumer, _monitor) = consumer(&conductor, None);
    let (progress, mut read) = tokio::sync::watch::channel(0);
    let all = outbound(0..MESSAGES);
    let publishing = async {
        let mut done = 0;
        while done < MESSAGES {
            sdb.connected().await;
            done += sdb
                .announce_all(&name("sdb"), &all[done..MESSAGES.min(done + 200)])
                .await
                .acks
                .len();
        }
    };
    let reading = async {
        let mut seen = BTreeSet::new();
        while seen.len() < MESSAGES {
            let batch = next(&mut consumer).await;
            seen.extend(batch.iter().map(number));
            consumer.ack_all(&batch).await;
            progress.send_replace(seen.len());
        }
    };
    let killing = async {
        for wanted in [MESSAGES / 4, MESSAGES / 2] {
            read.wait_for(|read| *read >= wanted).await.unwrap();
            nats.restart().await;
        }
    };
    timeout(
        3 * SOON,
        Box::pin(async { tokio::join!(publishing, reading, killing) }),
    )
    .await
    .expect("all of it in time");
}

#[tokio::test]
async fn a_connection_that_hangs_is_given_up_and_made_again() {
    let nats = Nats::start().await;
    let proxy = Proxy::start(nats.addr()).await;
    let direct = bus(&nats, "sdb").await;
    ensured(&direct).await;
    let options_of_proxy =
        messaging::BusOptions::new([format!("nats://{}", proxy.addr())], name("conductor"));
    let through = Bus::connect(options_of_proxy).await.unwrap();
    let (mut consumer, _monitor) = consumer(&through, None);
    publish(&direct, 0..10).await;
    read_all(&mut consumer, 0..10).await;

    proxy.stall();
    publish(&direct, 10..20).await;
    let health = through.health();
    let hanging = timeout(SOON, async {
        tokio::select! {
            next = consumer.next_batch(256) => panic!("nothing passes a stalled proxy: {next:?}"),
            () = eventually(SOON, async || !health.borrow().connected) => {}
        }
    });
    hanging.await.expect("two pings without an answer are enough");
    assert!(health.borrow().disconnected_for().is_some());
    proxy.resume();
    read_all(&mut consumer, 10..20).await;
}

#[tokio::test]
async fn a_consumer_ahead_of_the_ledger_is_made_again_from_there() {
    let nats = Nats::start().await;
    let bus = bus(&nats, "conductor").await;
    ensured(&bus).await;
    publish(&bus, 0..100).await;
    let (mut before, monitor) = consumer(&bus, None);
    read_all(&mut before, 0..100).await;
    eventually(SOON, async || before.position().after == 100).await;
    let stream = before.position().stream;
    drop((before, monitor));

    // A ledger restored from a backup.
    let (mut restored, _monitor) = consumer(&bus, Some(Position { stream, after: 40 }));
    let order = read_all(&mut restored, 40..100).await;
    assert_eq!(
        order.first(),
        Some(&40),
        "what the ledger has does not come again"
    );
    drop(restored);

    // One that has everything.
    let (mut same, _monitor) = consumer(&bus, Some(Position { stream, after: 100 }));
    publish(&bus, 100..101).await;
    let order = read_all(&mut same, 100..101).await;
    assert_eq!(order.last(), Some(&100));
}

#[tokio::test]
async fn a_stream_made_again_while_away_is_told_first() {
    let nats = Nats::start().await;
    let bus = bus(&nats, "conductor").await;
    ensured(&bus).await;
    publish(&bus, 0..10).await;
    let (mut before, monitor) = consumer(&bus, None);
    read_all(&mut before, 0..10).await;
    let stream = before.position().stream;
    drop((before, monitor));
    let (_, jetstream) = stranger(&nats).await;
    jetstream.delete_stream("DATA").await.unwrap();
    ensured(&bus).await;
    publish(&bus, 10..30).await;

    for recorded in [stream, None] {
        // Without the stream's time, its numbers must tell.
        let after = if recorded.is_some() { 10 } else { 1_000 };
        let (mut consumer, _monitor) = consumer(
            &bus,
            Some(Position {
                stream: recorded,
                after,
            }),
        );
        let first = timeout(SOON, consumer.next_batch(256)).await.unwrap();
        let Next::StreamReset(position) = first else {
            panic!("{first:?}")
        };
        assert_eq!(position.after, 0);
        if recorded.is_some() {
            read_all(&mut consumer, 10..30).await;
        }
    }
}

#[tokio::test]
async fn two_processes_share_one_consumer() {
    const MESSAGES: usize = 2_000;
    let nats = Nats::start().await;
    let sdb = bus(&nats, "sdb").await;
    ensured(&sdb).await;
    let (one, two) = (bus(&nats, "conductor").await, bus(&nats, "conductor").await);
    let ((mut one, _a), (mut two, _b)) = (consumer(&one, None), consumer(&two, None));
    let seen = std::sync::Mutex::new((BTreeSet::new(), 0, 0));
    let read = async |consumer: &mut DataConsumer, first: bool| {
        loop {
            let batch = next(consumer).await;
            {
                let mut seen = seen.lock().unwrap();
                seen.0.extend(batch.iter().map(number));
                *(if first { &mut seen.1 } else { &mut seen.2 }) += batch.len();
            }
            consumer.ack_all(&batch).await;
        }
    };
    let all = async {
        for start in (0..MESSAGES).step_by(50) {
            publish(&sdb, start..start + 50).await;
        }
        eventually(SOON, async || seen.lock().unwrap().0.len() == MESSAGES).await;
    };
    tokio::select! {
        () = read(&mut one, true) => {}
        () = read(&mut two, false) => {}
        () = all => {}
    }
    let (_, one, two) = &*seen.lock().unwrap();
    assert!(*one > 0 && *two > 0, "both had work: {one} and {two}");
}

#[tokio::test]
async fn a_reader_that_hangs_is_seen_in_the_measure() {
    let nats = Nats::start().await;
    let bus = bus(&nats, "conductor").await;
    ensured(&bus).await;
    let (mut consumer, _monitor) = consumer(&bus, None);
    let liveness = consumer.liveness();
    assert!(liveness.check().unwrap_err().contains("not attached yet"));
    publish(&bus, 0..5).await;
    let held = next(&mut consumer).await;
    assert!(!held.is_empty());
    publish(&bus, 5..20).await;
    let measure = eventually_some(SOON, async || {
        let measure = liveness.measure();
        (measure.growing_for > Duration::from_secs(1)).then_some(measure)
    });
    let measure = measure.await;
    assert_eq!((measure.lag, measure.head), (20, 20));
    assert_eq!(consumer.head().await.unwrap(), 20);
    read_all(&mut consumer, 0..20).await;
    eventually(SOON, async || {
        let measure = liveness.measure();
        measure.lag == 0 && measure.growing_for.is_zero() && measure.floor == 20
    })
    .await;
}
