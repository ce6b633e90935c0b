//! Every place between two durable effects: the process dies there, and the next one makes it good.

use crate::program::{Launch, NO_NATS, data, noise};
use messaging::{Bus, BusOptions, ConsumerOptions, Next};
use service_kit::Shutdown;
use std::{collections::BTreeMap, path::Path};
use testkit::Nats;

/// A crash point, and whether an import that reached it is in the store afterwards.
const POINTS: [(&str, bool); 5] = [
    ("after-blob", false),
    ("before-commit", false),
    ("after-commit", true),
    ("before-publish", true),
    ("after-publish", true),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_at_any_point_loses_nothing_and_doubles_nothing() {
    for (point, stored) in POINTS {
        let nats = Nats::start().await;
        let (_guard, directory) = data();
        let large = noise(7, 200_000);
        let mut program = Launch::new(&directory, &nats.url())
            .env("ORCHESTRA_CRASH_AT", point)
            .start()
            .await;
        let request = program
            .client
            .post(program.url("/products/42/A"))
            .header("idempotency-key", "k");
        // Whether the answer comes depends on the point; what it promises does not.
        let answer = request.body(large.clone()).send().await;
        let status = program.ended().await;
        assert!(!status.success(), "{point} was not reached: {answer:?}");
        if let Ok(answer) = answer {
            assert!(
                stored && answer.status() == 201,
                "{point}: answered {}",
                answer.status()
            );
        }

        let program = Launch::new(&directory, &nats.url()).start().await;
        let product = BTreeMap::from([("/products/42/A".to_owned(), large.clone())]);
        let (must, may) = if stored {
            (product, BTreeMap::new())
        } else {
            (BTreeMap::new(), BTreeMap::new())
        };
        program.audit(&must, &may).await;
        if !stored {
            assert_swept(&directory).await;
        }

        // The client, who does not know, repeats: one version all the same.
        let again = program
            .client
            .post(program.url("/products/42/A"))
            .header("idempotency-key", "k");
        let again = again.body(large.clone()).send().await.unwrap();
        assert_eq!(again.status().as_u16(), if stored { 200 } else { 201 }, "{point}");
        assert_eq!(
            again.json::<serde_json::Value>().await.unwrap()["version"],
            1,
            "{point}"
        );
        let announced = program.all("/events", "after").await.len();
        let published = published(&nats.url(), announced).await;
        assert_eq!(
            published,
            (1..=announced as u64).collect::<Vec<_>>(),
            "{point}: data.sdb"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_between_two_imports_of_one_commit_keeps_both_or_none() {
    let (_guard, directory) = data();
    let mut program = Launch::new(&directory, NO_NATS)
        .env("ORCHESTRA_CRASH_AT", "before-commit:3")
        .start()
        .await;
    let mut answered = BTreeMap::new();
    let mut sent = BTreeMap::new();
    for number in 1..=20_u64 {
        let (path, bytes) = (format!("/products/{number}/A"), noise(number, 100));
        sent.insert(path.clone(), bytes.clone());
        match program.post(&path, bytes.clone()).await {
            Ok(response) => assert_eq!(response.status(), 201),
            Err(_crashed) => break,
        }
        answered.insert(path, bytes);
    }
    assert!(!program.ended().await.success());
    let program = Launch::new(&directory, NO_NATS).start().await;
    program.audit(&answered, &BTreeMap::new()).await;
    assert!(sent.len() > answered.len(), "the third commit never came");
}

/// The numbers at the ends of the message ids in the stream, in order; waits for as many as there must be.
async fn published(url: &str, count: usize) -> Vec<u64> {
    let bus = Bus::connect(BusOptions::new([url], "audit".parse().unwrap()))
        .await
        .unwrap();
    let (mut consumer, monitor) = bus.data_consumer(ConsumerOptions::new("audit"), None);
    let shutdown = Shutdown::default();
    let stop = shutdown.token();
    shutdown.spawn("monitor", async move {
        stop.run_until_cancelled(monitor.run()).await;
        Ok(())
    });
    let mut numbers = Vec::new();
    while numbers.len() < count {
        let next = tokio::time::timeout(crate::program::DEADLINE, consumer.next_batch(100));
        match next.await.expect("data.sdb has what the feed has") {
            Next::Batch(batch) => {
                for delivery in &batch {
                    let id = delivery.msg_id.as_deref().unwrap();
                    numbers.push(id.rsplit('-').next().unwrap().parse().unwrap());
                }
                consumer.ack_all(&batch).await;
            }
            Next::StreamReset(_) => {}
        }
    }
    shutdown.stop();
    numbers
}

async fn assert_swept(directory: &Path) {
    let blobs = directory.join("blobs/1");
    let left = || std::fs::read_dir(&blobs).map_or(0, Iterator::count);
    testkit::eventually(crate::program::DEADLINE, async || left() == 0).await;
}
